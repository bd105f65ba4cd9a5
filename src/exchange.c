/* One request, from its first variable to its usage record: the program on one page.
 *
 * A step that cannot be taken says why, and refuse() makes that the answer. The record comes last, when the
 * web server has its answer, so that nobody waits for it; and it comes always. */
#include "exchange.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "access.h"
#include "arena.h"
#include "chat.h"
#include "clock.h"
#include "estimate.h"
#include "failure.h"
#include "front.h"
#include "gateway.h"
#include "heading.h"
#include "local.h"
#include "preset.h"
#include "price.h"
#include "price_read.h"
#include "protocol.h"
#include "provider.h"
#include "provider_data.h"
#include "refusal.h"
#include "relay.h"
#include "relay_job.h"
#include "relay_whole.h"
#include "reply.h"
#include "request.h"
#include "responses_talk.h"
#include "route.h"
#include "settings.h"
#include "target.h"
#include "upload.h"
#include "upstream.h"
#include "usage_log.h"

#define CHAT_PATH "/chat/completions"
#define LOCAL_ANSWER_MAX (8 * 1024 * 1024)
#define LAST_BYTES_US                                                                                        \
    200000 /* what an answer gets to end after its client has it, so that its connection can be kept */

#define SECRETS_MAX 8
#define TOKEN_LEAST 8

struct exchange {
    const struct gateway *gateway;
    struct arena *arena;
    struct request request;
    struct reply reply;
    struct record record;
    const struct route *route;
    const char *rest; /* what followed the route in the path */
    const struct client_settings *client;
    struct chat chat;     /* what the body asks for */
    struct upload upload; /* where the body is a form, which is not held */
    struct target target;
    struct responses_talk talk;         /* where the client speaks Responses */
    struct provider_data data;          /* what the client brings for its provider */
    struct secret secrets[SECRETS_MAX]; /* keys of either side and a host: no answer of ours shows them */
    struct relay_job job;
    struct failure failure; /* why it was refused */
};

static struct secrets secrets_of(const struct exchange *exchange)
{
    return (struct secrets){exchange->secrets, sizeof exchange->secrets / sizeof *exchange->secrets};
}

static struct heading heading_of(const struct exchange *exchange)
{
    bool asked = exchange->record.attempt_count > 0;
    return (struct heading){
        .request_id = exchange->request.id,
        .provider = exchange->record.provider,
        .model = exchange->record.model,
        .attempts = exchange->record.attempt_count,
        .answer = asked ? upstream_answer(exchange->gateway->upstream) : NULL,
        .secrets = secrets_of(exchange),
    };
}

static struct refusal refusal_of(const struct exchange *exchange)
{
    const struct settings *settings = exchange->gateway->settings;
    bool show_url = settings->show_base_url && exchange->target.provider;
    return (struct refusal){
        .failure = &exchange->failure,
        .provider = exchange->record.provider,
        .base_url = show_url ? exchange->target.provider->base_url : NULL,
        .model = exchange->chat.model,
        .request_id = exchange->request.id,
        .attempts = exchange->record.attempt_count,
        .secrets = secrets_of(exchange),
        .auth_status = (int)settings->auth_error_status,
        .detail = settings->error_detail,
    };
}

/* The one way of a failure to the client while nothing of an answer has left. */
static void refuse(struct exchange *exchange)
{
    exchange->record.failure = &exchange->failure;
    exchange->record.end = exchange_end_of(&exchange->failure);
    if (exchange->request.client_left) {
        exchange->record.end = END_CLIENT_GONE;
        return;
    }
    struct heading heading = heading_of(exchange);
    struct refusal refusal = refusal_of(exchange);
    heading.refused = true;
    if (exchange->failure.reason == FAILURE_METHOD_NOT_ALLOWED)
        reply_header(&exchange->reply, "Allow", exchange->route->allow);
    if (exchange->failure.reason == FAILURE_UNAUTHORIZED)
        reply_header(&exchange->reply, "WWW-Authenticate", "Bearer");
    refusal_send(&exchange->reply, &refusal, &heading);
}

static bool answer_locally(struct exchange *exchange, struct failure *why)
{
    struct buffer body;
    buffer_init(&body, LOCAL_ANSWER_MAX);
    struct heading heading = heading_of(exchange);
    struct local_question asked = {exchange->gateway, exchange->arena, exchange->route, exchange->rest,
                                   exchange->client};
    bool known = local_answer(&asked, &body, &heading.stale, why);
    if (known)
        relay_answer(&exchange->reply, &heading, body.bytes, body.length);
    buffer_free(&body);
    return known;
}

/* One try at the target; its line in the record. */
static bool attempt(struct exchange *exchange, const struct upstream_request *request, struct failure *why)
{
    struct record *record = &exchange->record;
    struct attempt *attempt = &record->attempts[record->attempt_count++];
    int64_t started_us = clock_monotonic_us();
    exchange->job.heading = heading_of(exchange);
    exchange->job.refusal = refusal_of(exchange);
    bool answered = relay_run(&exchange->job, request, why);
    const struct upstream_answer *answer = upstream_answer(exchange->gateway->upstream);
    *attempt = (struct attempt){
        .provider = record->provider,
        .model = record->model,
        .status = answer->status,
        .reason = answered ? exchange->job.failure.reason : why->reason,
        .duration_us = clock_monotonic_us() - started_us,
    };
    return answered;
}

/* A kept connection may die under a request that nobody will answer (contract, section 8): once more, on a
 * fresh one. */
static bool died_unheard(const struct exchange *exchange, const struct failure *why)
{
    const struct upstream_answer *answer = upstream_answer(exchange->gateway->upstream);
    return why->reason == FAILURE_UPSTREAM_CUT && answer->reused && answer->first_byte_us < 0;
}

/* A provider without the Responses API is asked for a chat completion instead. */
static bool is_translated(const struct exchange *exchange)
{
    return exchange->route->kind == ROUTE_RESPONSES && !exchange->target.provider->preset->responses;
}

static bool is_chat(const struct exchange *exchange)
{
    return exchange->route->kind == ROUTE_CHAT || is_translated(exchange);
}

static const struct protocol *protocol_of(const struct exchange *exchange)
{
    if (exchange->route->kind == ROUTE_RESPONSES)
        return is_translated(exchange) ? &protocol_responses_made : &protocol_responses;
    return exchange->route->kind == ROUTE_COMPLETIONS ? &protocol_completions : &protocol_chat;
}

/* What is short is no key, and too common a word to be taken out of every sentence. */
static struct secret token_of(char *value)
{
    char *token = strncasecmp(value, "Bearer ", 7) == 0 ? value + 7 : value;
    size_t length = strlen(token);
    return length < TOKEN_LEAST ? (struct secret){0} : (struct secret){token, length};
}

/* Streams of another kind than a chat's, pictures that take shape for one, have ends that we do not know. */
static bool is_raw(const struct exchange *exchange)
{
    return exchange->route->raw || (exchange->route->kind == ROUTE_PASSED && exchange->chat.stream);
}

/* What the relay has to know of the request and its target; what the provider may echo and no client may see.
 */
static void brief(struct exchange *exchange)
{
    const struct provider_settings *provider = exchange->target.provider;
    exchange->job.stream = exchange->chat.stream;
    exchange->job.raw = is_raw(exchange);
    exchange->job.completion = is_chat(exchange);
    exchange->job.arena = exchange->arena;
    exchange->job.protocol = protocol_of(exchange);
    exchange->job.protocol_state = &exchange->talk;
    exchange->job.base_url = provider->base_url;
    exchange->secrets[0] = provider->api_key;
    exchange->secrets[1] = exchange->request.credential;
    if (!exchange->gateway->settings->show_base_url)
        exchange->secrets[2] = provider_host(provider);
    exchange->secrets[3] = exchange->data.key;
    for (size_t i = 0; i < exchange->data.header_count && i + 4 < SECRETS_MAX; i++)
        exchange->secrets[i + 4] = token_of(exchange->data.headers[i].value);
    exchange->job.secrets = secrets_of(exchange);
    exchange->job.provider = provider->preset_name ? provider->preset_name : provider->name;
}

static bool forward(struct exchange *exchange, struct failure *why)
{
    const struct provider_settings *provider = exchange->target.provider;
    struct provider_ask ask = {
        .path = is_translated(exchange) ? CHAT_PATH : exchange->route->upstream,
        .model = exchange->target.model,
        .body = exchange->route->streamed ? NULL : &exchange->chat.body,
        .form = exchange->route->streamed ? exchange->request.content_type : NULL,
        .completion = is_chat(exchange) || exchange->route->kind == ROUTE_COMPLETIONS,
        .stream = exchange->chat.stream,
        .raw = is_raw(exchange),
        .data = &exchange->data,
    };
    struct upstream_request request;
    exchange->record.provider = provider->name;
    exchange->record.model = exchange->target.model;
    exchange->data = provider_data_read(exchange->request.provider_data, provider, exchange->arena);
    brief(exchange);
    if (!provider_prepare(provider, &ask, exchange->arena, &request, &exchange->job.strip_usage, why))
        return false;
    if (exchange->route->streamed)
        upload_give(&exchange->upload, exchange->arena, exchange->target.model, &request);
    request.limits.answer_max = (size_t)exchange->gateway->settings->answer_max;
    bool answered = attempt(exchange, &request, why);
    if (!answered && !request.rest && died_unheard(exchange, why)) {
        request.fresh = true;
        answered = attempt(exchange, &request, why);
    }
    return answered;
}

/* Who is to answer, and what the name that was asked for says besides. */
static bool choose_target(struct exchange *exchange, struct failure *why)
{
    const struct settings *settings = exchange->gateway->settings;
    struct chat *chat = &exchange->chat;
    struct target *target = &exchange->target;
    if (!chat->model && !*settings->force_model && !exchange->route->model_optional)
        return chat_needs_model(why);
    if (!target_choose(settings, exchange->client, exchange->arena, chat->model, target, why))
        return false;
    if (!exchange->route->streamed)
        return chat_add(chat, exchange->arena, target->parameters, target->parameter_count, why);
    return !target->parameter_count ||
           fail(why, FAILURE_BAD_REQUEST, "a form takes no parameters from the model's name");
}

/* What is asked for in Responses, as the provider understands it. */
static bool translate(struct exchange *exchange, struct failure *why)
{
    bool keeps_reasoning = exchange->target.provider->preset->keeps_reasoning;
    if (is_translated(exchange))
        return responses_talk_open(&exchange->talk, exchange->arena, &exchange->chat,
                                   keeps_reasoning ? REASONING_MEMBER : REASONING_LEFT_OUT, why);
    responses_talk_listen(&exchange->talk, exchange->arena);
    return true;
}

/* Of a form nothing is read before it is known who sends it. */
static bool read_request(struct exchange *exchange, struct failure *why)
{
    const struct settings *settings = exchange->gateway->settings;
    struct request *request = &exchange->request;
    bool known = request_open(request, exchange->reply.front, exchange->arena, settings, why) &&
                 route_find(request, &exchange->route, &exchange->rest, why);
    if (known && exchange->route->streamed)
        return true;
    return request_read(request, settings, known ? why : NULL) && known;
}

static bool read_question(struct exchange *exchange, struct failure *why)
{
    const struct settings *settings = exchange->gateway->settings;
    struct request *request = &exchange->request;
    struct chat *chat = &exchange->chat;
    if (!exchange->route->streamed)
        return chat_read(chat, exchange->arena, &request->body, (unsigned)settings->json_depth, why);
    bool good = upload_open(&exchange->upload, request, settings, why);
    chat->model = upload_model(&exchange->upload);
    return good;
}

static bool answer(struct exchange *exchange, struct failure *why)
{
    const struct settings *settings = exchange->gateway->settings;
    if (!read_request(exchange, why))
        return false;
    if (exchange->route->open)
        return answer_locally(exchange, why);
    if (!access_check(settings, exchange->request.credential, &exchange->client, why))
        return false;
    if (!exchange->route->upstream)
        return answer_locally(exchange, why);
    if (!read_question(exchange, why))
        return false;
    if (!choose_target(exchange, why))
        return false;
    if (exchange->route->kind == ROUTE_RESPONSES && !translate(exchange, why))
        return false;
    return forward(exchange, why);
}

/* A stream that ended before its provider said what it used has used something all the same. */
static struct usage usage_of(const struct exchange *exchange)
{
    const struct relay_job *job = &exchange->job;
    bool guess = job->usage.source == USAGE_NONE && job->characters > 0;
    return guess ? estimate_usage(exchange->chat.body.object, job->characters) : job->usage;
}

static int64_t cost_of(const struct exchange *exchange, const struct usage *usage)
{
    const struct provider_settings *provider = exchange->target.provider;
    struct price price;
    if (usage->source == USAGE_NONE || !price_find(exchange->gateway->prices, provider->name,
                                                   provider->preset_name, exchange->target.model, &price))
        return COST_UNKNOWN;
    return price_cost(&price, usage);
}

/* What the steps left behind, in one line of the log. */
static void write_record(struct exchange *exchange)
{
    struct record *record = &exchange->record;
    record->request_id = exchange->request.id;
    record->client = exchange->client ? exchange->client->name : NULL;
    record->remote_addr = *exchange->request.remote_addr ? exchange->request.remote_addr : NULL;
    record->endpoint = exchange->route ? exchange->route->path : NULL;
    record->requested_model = exchange->chat.model ? exchange->chat.model : upload_model(&exchange->upload);
    record->stream = exchange->chat.stream;
    record->status = exchange->reply.status;
    record->usage = usage_of(exchange);
    record->cost = cost_of(exchange, &record->usage);
    record->bytes_in = exchange->request.taken;
    record->bytes_out = exchange->reply.bytes;
    if (record->attempt_count) {
        const struct upstream_answer *answered = upstream_answer(exchange->gateway->upstream);
        record->provider_status = answered->status;
        record->connect_us = answered->connect_us;
        record->ttfb_us = answered->first_byte_us;
    }
    usage_log_append(exchange->gateway->usage_log, record);
}

static void begin(struct exchange *exchange, const struct gateway *gateway, struct front *front)
{
    *exchange = (struct exchange){.gateway = gateway, .arena = arena_create()};
    exchange->record = (struct record){.wall_us = clock_wall_us(), .start_us = clock_monotonic_us()};
    exchange->record.connect_us = exchange->record.ttfb_us = -1;
    exchange->job = (struct relay_job){.settings = gateway->settings,
                                       .upstream = gateway->upstream,
                                       .reply = &exchange->reply,
                                       .stop = gateway->stop,
                                       .usage = usage_unknown()};
    const char *method = front->kind->variable(front, "REQUEST_METHOD");
    reply_open(&exchange->reply, front, method && strcmp(method, "HEAD") == 0);
}

static void end(struct exchange *exchange)
{
    bool recorded = !exchange->route || !exchange->route->open;
    exchange->reply.front->kind->finish(exchange->reply.front);
    if (recorded)
        write_record(exchange);
    bool worth_waiting = exchange->gateway->lasting && exchange->record.end == END_COMPLETE;
    upstream_settle(exchange->gateway->upstream, worth_waiting ? LAST_BYTES_US : 0);
    reply_close(&exchange->reply);
    arena_destroy(exchange->arena);
}

void exchange_run(const struct gateway *gateway, struct front *front)
{
    struct exchange exchange;
    begin(&exchange, gateway, front);
    bool answered = answer(&exchange, &exchange.failure);
    request_drop(&exchange.request, gateway->settings);
    if (answered) {
        bool forwarded = exchange.record.attempt_count > 0;
        exchange.record.end = forwarded ? exchange.job.end : END_COMPLETE;
        exchange.record.failure = exchange.job.failure.reason == FAILURE_NONE ? NULL : &exchange.job.failure;
    } else {
        refuse(&exchange);
    }
    end(&exchange);
}
