/* Prepares an exchange for attempts at one target. */
#include "gateway/attempt_setup.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/services.h"
#include "config/settings.h"
#include "gateway/exchange_internal.h"
#include "ledger/quota.h"
#include "provider/upload.h"
#include "routing/route.h"
#include "upstream/upstream.h"

#define SECRET_HEADER_MIN 8 /* shorter values are not keys, but words that occur in ordinary sentences */

static struct secrets secrets_of(const struct exchange *exchange)
{
    return (struct secrets){exchange->setup.secrets, exchange->setup.secret_count};
}

struct response_headers response_headers_of(const struct exchange *exchange)
{
    const struct record *record = &exchange->record;
    const struct client_settings *client = exchange->client;
    bool has_limits = exchange->has_quota_status && client && quota_has_limits(&client->limits);
    return (struct response_headers){
        .request_id = exchange->request.id,
        .provider = record->facts.provider,
        .model = record->facts.model,
        .attempts = record->attempt_count,
        .started_us = exchange->started_us,
        .head = record->attempt_count ? &upstream_answer(exchange->services->upstream)->head : NULL,
        .secrets = secrets_of(exchange),
        .quota_status = has_limits ? &exchange->quota_status : NULL,
        .limits = client ? &client->limits : NULL,
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
    return model_request_add_members(&setup->request, exchange->arena, setup->target.parameters, count, why);
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
    if (!exchange->services->settings->show_base_url)
        add_secret(setup, provider_host(setup->target.provider, exchange->arena));
    add_secret(setup, setup->provider_data.key);
    for (size_t i = 0; i < setup->provider_data.header_count; i++) {
        char *value = setup->provider_data.headers[i].value;
        char *token = strncasecmp(value, "Bearer ", 7) == 0 ? value + 7 : value;
        if (strlen(token) >= SECRET_HEADER_MIN)
            add_secret(setup, (struct secret){token, strlen(token)});
    }
}

/* A stream other than a chat stream, such as a stream of partial pictures, passes raw, because the relay
 * cannot recognise its end. */
static enum relay_mode mode_of(const struct exchange *exchange)
{
    bool stream = exchange->setup.request.stream;
    if (exchange->route->raw || (exchange->route->kind == ROUTE_PASSTHROUGH && stream))
        return RELAY_RAW;
    return stream ? RELAY_STREAM : RELAY_BUFFERED;
}

static bool prepare_upstream_request(struct exchange *exchange, struct failure *why)
{
    struct attempt_setup *setup = &exchange->setup;
    const struct route *route = exchange->route;
    struct upstream_request *upstream = &setup->prepared.upstream;
    struct provider_ask ask = {
        .path = setup->dialect.path,
        .model = setup->target.model,
        .body = route->unbuffered ? NULL : &setup->request.body,
        .form = route->unbuffered ? exchange->request.content_type : NULL,
        .completion = setup->dialect.completion,
        .stream = setup->request.stream,
        .raw = mode_of(exchange) == RELAY_RAW,
        .data = &setup->provider_data,
    };
    if (!provider_prepare(setup->target.provider, &ask, exchange->arena, &setup->prepared, why))
        return false;
    if (route->unbuffered)
        upload_give(exchange->upload, exchange->arena, setup->target.model, upstream);
    if (route->run_api)
        upstream->limits.first_byte_ms = 0; /* clients of this API wait as long as the provider needs */
    upstream->limits.answer_max = (size_t)exchange->services->settings->answer_max;
    return true;
}

bool attempt_prepare(struct exchange *exchange, struct failure *why)
{
    const struct services *services = exchange->services;
    struct attempt_setup *setup = &exchange->setup;
    const struct provider_settings *provider = setup->target.provider;
    if (!dialect_open(&setup->dialect, exchange->arena, exchange->route, provider->preset, &setup->request,
                      why))
        return false;
    exchange->record.facts.provider = provider->name;
    exchange->record.facts.model = setup->target.model;
    if (!provider_data_read(exchange->request.provider_data, provider, exchange->arena, &setup->provider_data,
                            why))
        return false;
    setup->health = (struct provider_health){
        .ledger = services->ledger,
        .rules = &services->settings->breaker,
        .provider = provider->name,
        .base_url = provider->base_url,
        .model = setup->target.model,
        .own_key = !provider_takes_key(provider, &setup->provider_data),
    };
    collect_secrets(exchange);
    return prepare_upstream_request(exchange, why);
}

/* Reports success to the breaker at the first content, not at the end of a long stream. */
static void report_content(void *health)
{
    provider_health_report(health, BREAKER_SERVED);
}

struct relay_job attempt_job(struct exchange *exchange)
{
    const struct services *services = exchange->services;
    struct attempt_setup *setup = &exchange->setup;
    const struct provider_settings *provider = setup->target.provider;
    const struct alias_settings *alias = setup->target.alias;
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
        .mode = mode_of(exchange),
        .needs_choices = setup->dialect.chat,
        .strip_usage = setup->prepared.strip_usage,
        .hold = {.bytes = alias ? alias->hold_bytes : 0, .ms = alias ? alias->hold_ms : 0},
        .first_content_ms = provider->first_token_ms,
        .first_attempt_us = exchange->first_attempt_us,
        .stop = services->stop,
        .content_begins = report_content,
        .context = &setup->health,
    };
}
