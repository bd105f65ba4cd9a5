/* One request put to one provider: in its words, with what the relay has to know of it. */
#include "gateway/attempt_setup.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/services.h"
#include "config/settings.h"
#include "gateway/exchange_internal.h"
#include "ledger/quota.h"
#include "provider/provider.h"
#include "provider/upload.h"
#include "routing/route.h"
#include "upstream/upstream.h"

#define TOKEN_MIN 8

static struct secrets secrets_of(const struct exchange *exchange)
{
    return (struct secrets){exchange->secrets, sizeof exchange->secrets / sizeof *exchange->secrets};
}

struct response_headers response_headers_of(const struct exchange *exchange)
{
    bool asked = exchange->record.attempt_count > 0;
    bool has_limits = exchange->governed && exchange->client && quota_has_limits(&exchange->client->limits);
    return (struct response_headers){
        .request_id = exchange->request.id,
        .provider = exchange->record.provider,
        .model = exchange->record.model,
        .attempts = exchange->record.attempt_count,
        .head = asked ? &upstream_answer(exchange->services->upstream)->head : NULL,
        .secrets = secrets_of(exchange),
        .quota_status = has_limits ? &exchange->quota_status : NULL,
        .limits = exchange->client ? &exchange->client->limits : NULL,
    };
}

struct error_response error_response_of(const struct exchange *exchange)
{
    const struct settings *settings = exchange->services->settings;
    bool show_url = settings->show_base_url && exchange->target.provider;
    return (struct error_response){
        .failure = &exchange->failure,
        .provider = exchange->record.provider,
        .base_url = show_url ? exchange->target.provider->base_url : NULL,
        .model = exchange->target_request.model,
        .request_id = exchange->request.id,
        .attempts = exchange->record.attempt_count,
        .secrets = secrets_of(exchange),
        .auth_status = (int)settings->auth_error_status,
        .detail = exchange->route && exchange->route->run_api ? DETAIL_SENTENCE
                  : settings->error_detail                    ? DETAIL_FIELDS
                                                              : DETAIL_NONE,
    };
}

/* What is short is no key, and too common a word to be taken out of every sentence. */
static struct secret token_of(char *value)
{
    char *token = strncasecmp(value, "Bearer ", 7) == 0 ? value + 7 : value;
    size_t length = strlen(token);
    return length < TOKEN_MIN ? (struct secret){0} : (struct secret){token, length};
}

/* Streams of another kind than a chat's, pictures that take shape for one, have ends that we do not know. */
static bool is_raw(const struct exchange *exchange)
{
    return exchange->route->raw || (exchange->route->kind == ROUTE_PASSED && exchange->target_request.stream);
}

static struct hold hold_of(const struct alias_settings *alias)
{
    return alias ? (struct hold){.bytes = alias->hold_bytes, .ms = alias->hold_ms} : (struct hold){0};
}

/* What the relay has to know of the request and its target; what the provider may echo and no client may see.
 */
static void brief(struct exchange *exchange)
{
    const struct provider_settings *provider = exchange->target.provider;
    exchange->job.stream = exchange->target_request.stream;
    exchange->job.raw = is_raw(exchange);
    exchange->job.completion = exchange->dialect.chat;
    exchange->job.arena = exchange->arena;
    exchange->job.protocol = exchange->dialect.protocol;
    exchange->job.protocol_state = exchange->dialect.state;
    exchange->job.base_url = provider->base_url;
    exchange->secrets[0] = provider->api_key;
    exchange->secrets[1] = exchange->request.credential;
    if (!exchange->services->settings->show_base_url)
        exchange->secrets[2] = provider_host(provider, exchange->arena);
    exchange->secrets[3] = exchange->data.key;
    for (size_t i = 0; i < exchange->data.header_count && i + 4 < SECRETS_MAX; i++)
        exchange->secrets[i + 4] = token_of(exchange->data.headers[i].value);
    exchange->job.secrets = secrets_of(exchange);
    exchange->job.hold = hold_of(exchange->target.alias);
    exchange->job.first_token_ms = provider->first_token_ms;
    exchange->job.provider = provider->preset_name ? provider->preset_name : provider->name;
}

/* An answer of the run gateway's own API is whole, whatever a model's name says. */
bool attempt_add_parameters(struct exchange *exchange, struct failure *why)
{
    struct target *target = &exchange->target;
    if (exchange->route->run_api)
        target_leave_out(target, "stream");
    if (!exchange->route->streamed)
        return model_request_add_members(&exchange->target_request, exchange->arena, target->parameters, target->parameter_count,
                                why);
    return !target->parameter_count ||
           fail(why, FAILURE_BAD_REQUEST, "a form takes no parameters from the model's name");
}

static struct provider_ask ask_of(struct exchange *exchange)
{
    return (struct provider_ask){
        .path = exchange->dialect.path,
        .model = exchange->target.model,
        .body = exchange->route->streamed ? NULL : &exchange->target_request.body,
        .form = exchange->route->streamed ? exchange->request.content_type : NULL,
        .completion = exchange->dialect.completion,
        .stream = exchange->target_request.stream,
        .raw = is_raw(exchange),
        .data = &exchange->data,
    };
}

bool attempt_prepare(struct exchange *exchange, struct upstream_request *request, struct failure *why)
{
    const struct provider_settings *provider = exchange->target.provider;
    if (!dialect_open(&exchange->dialect, exchange->arena, exchange->route, provider->preset, &exchange->target_request,
                      why))
        return false;
    exchange->record.provider = provider->name;
    exchange->record.model = exchange->target.model;
    exchange->data = provider_data_read(exchange->request.provider_data, provider, exchange->arena);
    brief(exchange);
    struct provider_ask ask = ask_of(exchange);
    struct provider_request prepared;
    if (!provider_prepare(provider, &ask, exchange->arena, &prepared, why))
        return false;
    *request = prepared.upstream;
    exchange->job.strip_usage = prepared.strip_usage;
    if (exchange->route->streamed)
        upload_give(exchange->upload, exchange->arena, exchange->target.model, request);
    if (exchange->route->run_api)
        request->limits.first_byte_ms = 0; /* its answers come when they are whole, and are waited for */
    request->limits.answer_max = (size_t)exchange->services->settings->answer_max;
    return true;
}
