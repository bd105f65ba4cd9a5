/* Prepares an exchange for attempts at one target. */
#include "gateway/attempt_setup.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/digest.h"
#include "base/services.h"
#include "config/settings.h"
#include "format/json_number.h"
#include "gateway/exchange_accounting.h"
#include "gateway/exchange_internal.h"
#include "ledger/health_name.h"
#include "ledger/quota.h"
#include "protocol/stream.h"
#include "provider/client_headers.h"
#include "provider/upload.h"
#include "routing/passthrough.h"
#include "routing/permission.h"
#include "routing/route.h"
#include "upstream/upstream.h"
#include "usage/price.h"

#define SECRET_HEADER_MIN 8 /* shorter values are not keys, but words that occur in ordinary sentences */

static struct secrets secrets_of(const struct exchange *exchange)
{
    return (struct secrets){exchange->setup.secrets, exchange->setup.secret_count};
}

struct response_headers response_headers_of(const struct exchange *exchange)
{
    const struct record *record = &exchange->record;
    const struct client_settings *client = exchange->client;
    const struct client_limits *limits = client ? &client->limits
                                                : &exchange->services->settings->anonymous_limits;
    bool has_limits = exchange->has_quota_status && quota_has_limits(limits);
    return (struct response_headers){
        .request_id = exchange->request.id,
        .provider = record->facts.provider,
        .model = record->facts.model,
        .attempts = record->attempt_count,
        .started_us = exchange->started_us,
        .cost_header = exchange->services->settings->cost_header,
        .cost = COST_UNKNOWN,
        .anthropic = exchange->request.anthropic,
        .head = record->attempt_count ? &upstream_answer(exchange->services->upstream)->head : NULL,
        .secrets = secrets_of(exchange),
        .quota_status = has_limits ? &exchange->quota_status : NULL,
        .limits = limits,
    };
}

struct error_response error_response_of(const struct exchange *exchange)
{
    const struct settings *settings = exchange->services->settings;
    const struct provider_settings *provider = exchange->setup.target.provider;
    return (struct error_response){
        .failure = &exchange->failure,
        .provider = exchange->record.facts.provider,
        .base_url = provider && settings->show_base_url ? provider->base_url : NULL,
        .model = exchange->client_request.model,
        .request_id = exchange->request.id,
        .attempts = exchange->record.attempt_count,
        .secrets = secrets_of(exchange),
        .auth_status = (int)settings->auth_error_status,
        .detail = exchange->route && exchange->route->run_api ? DETAIL_SENTENCE
                  : settings->error_detail                    ? DETAIL_FIELDS
                                                              : DETAIL_NONE,
        .put = dialect_error_put(exchange->route, exchange->request.anthropic),
    };
}

bool attempt_set_target(struct exchange *exchange, const struct target *target, struct failure *why)
{
    struct attempt_setup *setup = &exchange->setup;
    splice_reset(
        &exchange->client_request.body); /* the changes for another target do not apply to this target */
    *setup = (struct attempt_setup){.target = *target, .request = exchange->client_request};
    if (exchange->route->run_api)
        target_drop_parameter(&setup->target,
                              "stream"); /* that API has no streams, whatever the model's name says */
    size_t count = setup->target.parameter_count;
    if (exchange->route->unbuffered)
        return !count || fail(why, FAILURE_BAD_REQUEST, "a form takes no parameters from the model's name");
    return model_request_add_members(&setup->request, exchange->arena, setup->target.parameters, count,
                                     why) &&
           permission_check(exchange->services->settings, exchange->client, exchange->arena, &setup->target,
                            &setup->request.body, why);
}

static void add_secret(struct attempt_setup *setup, struct secret secret)
{
    if (secret.length && setup->secret_count < SECRETS_MAX)
        setup->secrets[setup->secret_count++] = secret;
}

/* Collects the texts that the provider may echo but the client must not see. */
static void collect_secrets(struct exchange *exchange)
{
    struct attempt_setup *setup = &exchange->setup;
    add_secret(setup, setup->target.provider->api_key);
    add_secret(setup, exchange->request.credential);
    if (!exchange->services->settings->show_base_url) {
        struct secret host = provider_host(setup->target.provider, exchange->arena);
        host.is_name = true;
        add_secret(setup, host);
    }
    add_secret(setup, setup->provider_data.key);
    for (size_t i = 0; i < setup->provider_data.secret_count; i++) {
        char *value = setup->provider_data.headers[i].value;
        char *token = strncasecmp(value, "Bearer ", 7) == 0 ? value + 7 : value;
        if (strlen(token) >= SECRET_HEADER_MIN)
            add_secret(setup, (struct secret){.bytes = token, .length = strlen(token)});
    }
}

/* A stream other than a chat stream, such as a stream of partial pictures, passes raw, because the relay
 * cannot recognise its end. */
static enum relay_mode mode_of(const struct exchange *exchange)
{
    bool stream = exchange->setup.request.stream;
    if (exchange->route->counts)
        return RELAY_BUFFERED;
    if (exchange->route->raw || (exchange->route->kind == ROUTE_PASSTHROUGH && stream))
        return RELAY_RAW;
    return stream ? RELAY_STREAM : RELAY_BUFFERED;
}

/* The client's query goes to a provider that speaks the client's own API (contract, section 3), unless the
 * URL could not hold it. */
static const char *path_of(const struct exchange *exchange)
{
    const struct dialect *dialect = &exchange->setup.dialect;
    const char *query = exchange->request.query;
    bool is_valid = *query && dialect->passes_query;
    for (const char *at = query; *at && is_valid; at++)
        is_valid = *at > ' ' && *at < 0x7f && *at != '#';
    return is_valid ? arena_format(exchange->arena, "%s?%s", dialect->path, query) : dialect->path;
}

static bool prepare_upstream_request(struct exchange *exchange, struct failure *why)
{
    struct attempt_setup *setup = &exchange->setup;
    const struct route *route = exchange->route;
    bool is_other = route->kind == ROUTE_OTHER;
    struct upstream_request *upstream = &setup->prepared.upstream;
    struct provider_ask ask = {
        .path = path_of(exchange),
        .api = is_other ? setup->target.provider->apis.items[0] : setup->dialect.api,
        .model = setup->target.model,
        .body = route->unbuffered ? NULL : &setup->request.body,
        .form = route->unbuffered && !is_other ? exchange->request.content_type : NULL,
        .method = is_other ? exchange->request.method : NULL,
        .completion = setup->dialect.completion,
        .stream = setup->request.stream,
        .raw = mode_of(exchange) == RELAY_RAW,
        .data = &setup->provider_data,
    };
    if (!provider_prepare(setup->target.provider, &ask, exchange->arena, &setup->prepared, why))
        return false;
    if (route->unbuffered)
        upload_give(exchange->upload, exchange->arena, setup->target.model, upstream);
    if (is_other && !exchange->request.body_read && !passthrough_needs_body(&exchange->request))
        upstream->body_pieces = 0;
    if (route->run_api)
        upstream->limits.first_byte_ms = 0; /* clients of this API wait as long as the provider needs */
    upstream->limits.answer_max = (size_t)exchange->services->settings->answer_max;
    setup->own_limits = upstream->limits;
    return true;
}

static uint64_t secret_digest(const char *secret)
{
    unsigned char digest[DIGEST_BYTES];
    uint64_t number;
    digest_sha256(secret ? secret : "", secret ? strlen(secret) : 0, digest);
    memcpy(&number, digest, sizeof number);
    return number;
}

/* The settings stay what they are as long as the process lives. */
static uint64_t own_key_digest(const struct services *services, const struct provider_settings *provider)
{
    uint64_t *known = &services->key_digests[provider - services->settings->providers];
    if (!*known)
        *known = secret_digest(provider->api_key.bytes);
    return *known;
}

/* Returns a digest of all that identifies the account: the key, or the client's own key and headers. */
static uint64_t key_digest(const struct services *services, const struct provider_settings *provider,
                           const struct provider_data *data)
{
    if (!provider_takes_key(provider, data))
        return own_key_digest(services, provider);
    uint64_t digest = secret_digest(data->key.bytes);
    for (size_t i = 0; i < data->secret_count; i++)
        digest = health_digest("", digest) ^ secret_digest(data->headers[i].value);
    return digest;
}

/* Returns the state of the target's health before it is read. */
static struct provider_health health_of(const struct exchange *exchange, const struct target *target,
                                        const struct provider_data *data)
{
    const struct services *services = exchange->services;
    const struct provider_settings *provider = target->provider;
    return (struct provider_health){
        .ledger = services->ledger,
        .rules = &services->settings->breaker,
        .provider = provider->name,
        .base_url = provider->base_url,
        .model = target->model,
        .key = key_digest(services, provider, data),
        .own_key = !provider_takes_key(provider, data),
    };
}

bool attempt_may_ask(const struct exchange *exchange, const struct target *target, struct failure *why)
{
    const struct provider_settings *provider = target->provider;
    struct provider_data data;
    if (!provider_data_read(exchange->request.provider_data, provider, exchange->arena, &data, why))
        return false;
    struct provider_health health = health_of(exchange, target, &data);
    if (health.own_key && !provider_has_key(provider))
        return fail(why, FAILURE_AUTHENTICATION, "the provider %.60s has no key", provider->name);
    return provider_health_would_allow(&health, why);
}

static int64_t shorter_limit(int64_t one, int64_t other)
{
    return !one || (other && other < one) ? other : one;
}

void attempt_set_limits(struct exchange *exchange, bool can_move_on)
{
    struct attempt_setup *setup = &exchange->setup;
    struct upstream_limits *limits = &setup->prepared.upstream.limits;
    const struct alias_settings *alias = setup->target.alias;
    *limits = setup->own_limits;
    setup->first_content_ms = setup->target.provider->first_token_ms;
    if (!alias || !can_move_on)
        return;
    limits->first_byte_ms = shorter_limit(limits->first_byte_ms, alias->first_byte_ms);
    limits->idle_ms = shorter_limit(limits->idle_ms, alias->idle_ms);
    setup->first_content_ms = shorter_limit(setup->first_content_ms, alias->first_token_ms);
}

/* The span of the record is our own one only if the provider has heard of it. */
static void take_headers(struct exchange *exchange)
{
    struct attempt_setup *setup = &exchange->setup;
    const struct provider_settings *provider = setup->target.provider;
    const struct request *request = &exchange->request;
    client_headers_take(request->front, provider, setup->dialect.converts, exchange->arena,
                        &setup->provider_data);
    if (exchange->route->kind == ROUTE_OTHER)
        client_headers_take_content(request->front, request->content_type, exchange->arena,
                                    &setup->provider_data);
    if (!*exchange->trace.trace_id || !(exchange->services->settings->trace || provider->trace))
        return;
    client_headers_take_trace(&exchange->trace, request->tracestate, exchange->arena, &setup->provider_data);
    exchange->record.facts.span_id = exchange->trace.span_id;
}

bool attempt_prepare(struct exchange *exchange, struct failure *why)
{
    struct attempt_setup *setup = &exchange->setup;
    const struct provider_settings *provider = setup->target.provider;
    if (!dialect_open(&setup->dialect, exchange->arena, exchange->route, exchange->services->settings,
                      &setup->target, &setup->request, why))
        return false;
    exchange->record.facts.provider = provider->name;
    exchange->record.facts.model = setup->target.model;
    if (!provider_data_read(exchange->request.provider_data, provider, exchange->arena, &setup->provider_data,
                            why))
        return false;
    take_headers(exchange);
    setup->health = health_of(exchange, &setup->target, &setup->provider_data);
    collect_secrets(exchange);
    if (!accounting_price_is_known(exchange, why))
        return false;
    return prepare_upstream_request(exchange, why);
}

/* A completion has `n` choices for each prompt of a list (API reference, "Create completion"). */
static int64_t choices_of(const struct model_request *request)
{
    const struct splice *body = &request->body;
    struct json_value rest = json_elements(splice_original(body, "prompt")), prompt;
    int64_t prompts = 0, most = json_largest_number(splice_original(body, "n"));
    int64_t choices = min_int64(max_int64(most, 1), STREAM_CHOICES_MAX);
    while (prompts < STREAM_CHOICES_MAX && json_next_element(&rest, &prompt))
        prompts += json_kind(prompt) != JSON_NUMBER; /* a list of numbers is one prompt, in tokens */
    return choices * max_int64(prompts, 1);
}

static bool requests_usage(const struct model_request *request)
{
    struct json_value options = splice_original(&request->body, "stream_options");
    return json_kind(json_get(options, "include_usage")) == JSON_TRUE;
}

/* Reports to the breaker at the first content, not at the end of a long stream. From now on no other target
 * can be asked, so the provider's own limit applies. */
static void note_content(void *context)
{
    struct exchange *exchange = context;
    provider_health_report(&exchange->setup.health, NULL, true);
    upstream_limit_idle(exchange->services->upstream, exchange->setup.own_limits.idle_ms);
}

static int64_t cost_of_answer(void *context)
{
    return accounting_cost(context);
}

struct relay_job attempt_job(struct exchange *exchange)
{
    const struct services *services = exchange->services;
    struct attempt_setup *setup = &exchange->setup;
    const struct provider_settings *provider = setup->target.provider;
    const struct alias_settings *alias = setup->target.alias;
    enum relay_mode mode = mode_of(exchange);
    bool is_stream = mode == RELAY_STREAM;
    return (struct relay_job){
        .settings = services->settings,
        .upstream = services->upstream,
        .request = &setup->prepared.upstream,
        .response = &exchange->response,
        .headers = response_headers_of(exchange),
        .error_response = error_response_of(exchange),
        .arena = exchange->arena,
        .protocol = setup->dialect.protocol,
        .protocol_state = setup->dialect.state,
        .provider = provider->preset_name ? provider->preset_name : provider->name,
        .base_url = provider->base_url,
        .secrets = secrets_of(exchange),
        .mode = mode,
        .any = exchange->route->kind == ROUTE_OTHER,
        .needs_choices = setup->dialect.completion,
        .choices = is_stream ? choices_of(&setup->request) : 0,
        .usage_requested = is_stream && (setup->prepared.strip_usage || requests_usage(&setup->request)),
        .strip_usage = setup->prepared.strip_usage,
        .hold = {.bytes = alias ? alias->hold_bytes : 0, .ms = alias ? alias->hold_ms : 0},
        .first_content_ms = setup->first_content_ms,
        .first_attempt_us = exchange->first_attempt_us,
        .stop = services->stop,
        .cost = cost_of_answer,
        .content_begins = note_content,
        .context = exchange,
    };
}
