/* Prepares a request to a provider: URL, key, headers and limits.
 *
 * A provider is described by its preset and by the settings that override the preset. */
#include "provider/provider.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/failure.h"
#include "base/portable.h"
#include "base/url.h"
#include "config/preset.h"
#include "config/settings.h"
#include "format/splice.h"
#include "provider/parameters.h"
#include "provider/provider_data.h"
#include "upstream/upstream.h"

#define HEADERS_OWN 7 /* headers that the gateway and the preset add */

bool provider_has_key(const struct provider_settings *provider)
{
    return provider->api_key.length > 0 || !provider->key_needed;
}

struct secret provider_host(const struct provider_settings *provider, struct arena *arena)
{
    struct url url;
    struct secret host = {0};
    if (url_parse(provider->base_url, &url) == URL_OK) {
        host.length = strlen(url.host);
        host.bytes = arena_copy(arena, url.host, host.length);
    }
    url_free(&url);
    return host;
}

/* The client's own key takes precedence over the configured key. */
static const struct secret *key_of(const struct provider_settings *provider, const struct provider_ask *ask)
{
    return ask->data && ask->data->key.length ? &ask->data->key : &provider->api_key;
}

static bool has_authorization(const struct provider_data *data)
{
    for (size_t i = 0; i < data->header_count; i++)
        if (strcasecmp(data->headers[i].name, "Authorization") == 0)
            return true;
    return false;
}

/* A forwarded Authorization header counts only if no key is configured. */
bool provider_takes_key(const struct provider_settings *provider, const struct provider_data *data)
{
    return data->key.length || (!provider->api_key.length && has_authorization(data));
}

static bool lists_models(const struct provider_ask *ask)
{
    return !ask->body && !ask->form && !ask->method;
}

/* The settings override the preset. */
static enum auth auth_of(const struct provider_settings *provider, const struct provider_ask *ask)
{
    const struct preset *preset = provider->preset;
    if (provider->auth != AUTH_PRESET)
        return (enum auth)provider->auth;
    bool native = lists_models(ask) || ask->api == API_MESSAGES;
    if (preset == preset_plain() && ask->api == API_MESSAGES)
        return AUTH_X_API_KEY;
    if (preset == preset_plain() && ask->api == API_GEMINI)
        return AUTH_X_GOOG_API_KEY;
    return native && preset->native_auth != AUTH_PRESET ? preset->native_auth : preset->auth;
}

/* True if the settings expect clients to bring a key. A local server that takes keys may work without. */
static bool expects_client_key(const struct provider_settings *provider, const struct provider_ask *ask)
{
    const struct preset *preset = provider->preset;
    return provider->client_keys && ask->data && !provider->api_key.length &&
           auth_of(provider, ask) != AUTH_NONE && (preset->key_needed || preset == preset_plain());
}

static bool reject_missing_key(const struct provider_settings *provider, struct failure *why)
{
    char member[PROVIDER_KEY_MEMBER_SIZE];
    provider_data_key_member(provider, member);
    fail(why, FAILURE_BAD_REQUEST,
         "the provider %.60s needs your own key: send it in the header " PROVIDER_DATA_HEADER
         " as {\"%.60s\": KEY}",
         provider->name, member);
    snprintf(why->param, sizeof why->param, "%s", member);
    snprintf(why->code, sizeof why->code, PROVIDER_KEY_MISSING);
    return false;
}

static bool check_key(const struct provider_settings *provider, const struct provider_ask *ask,
                      struct failure *why)
{
    bool brought = ask->data && provider_takes_key(provider, ask->data);
    if (!brought && expects_client_key(provider, ask))
        return reject_missing_key(provider, why);
    if (brought || provider_has_key(provider))
        return true;
    const char *variable = provider->preset->key_variable;
    fail(why, FAILURE_AUTHENTICATION, "the provider %s has no key: set api_key_file%s%s", provider->name,
         variable ? " or " : "", variable ? variable : "");
    why->source = SOURCE_GATEWAY;
    why->status = 503; /* a 401 would tell the client that its own key is wrong */
    return false;
}

static void put_header(struct upstream_request *request, struct header_line *headers, const char *name,
                       const char *value)
{
    headers[request->header_count++] = (struct header_line){name, value};
}

static void wipe(void *text)
{
    explicit_bzero(text, strlen(text));
}

/* AUTH_PRESET remains if neither the settings nor the preset chooses a header. */
static const char *const key_headers[] = {
    [AUTH_PRESET] = "Authorization", [AUTH_BEARER] = "Authorization",          [AUTH_API_KEY] = "api-key",
    [AUTH_X_API_KEY] = "x-api-key",  [AUTH_X_GOOG_API_KEY] = "x-goog-api-key",
};

static void put_key(const struct provider_settings *provider, const struct provider_ask *ask,
                    struct arena *arena, struct upstream_request *request, struct header_line *headers)
{
    enum auth auth = auth_of(provider, ask);
    bool bearer = auth == AUTH_PRESET || auth == AUTH_BEARER;
    const struct secret *key = key_of(provider, ask);
    if (!key->length || auth == AUTH_NONE)
        return;
    char *value = arena_join(arena, bearer ? "Bearer " : "", key->bytes);
    arena_defer(arena, wipe, value);
    put_header(request, headers, key_headers[auth], value);
}

static bool is_forwarded(const struct provider_ask *ask, const char *header)
{
    for (size_t i = 0; ask->data && i < ask->data->header_count; i++)
        if (strcasecmp(ask->data->headers[i].name, header) == 0)
            return true;
    return false;
}

static bool has_setting(const struct provider_settings *provider, const char *header)
{
    for (size_t i = 0; i < provider->headers.count; i++)
        if (strcasecmp(provider->headers.items[i].name, header) == 0)
            return true;
    return false;
}

/* Adds the client's headers, except those that the gateway, preset or settings set. */
static void put_forwarded(const struct provider_ask *ask, struct upstream_request *request,
                          struct header_line *headers)
{
    for (size_t i = 0; ask->data && i < ask->data->header_count; i++) {
        const struct name_value *forwarded = &ask->data->headers[i];
        size_t same = 0;
        while (same < request->header_count && strcasecmp(headers[same].name, forwarded->name) != 0)
            same++;
        if (same == request->header_count)
            put_header(request, headers, forwarded->name, forwarded->value);
    }
}

/* Anthropic's API needs a version (API reference, "Versioning"), and so do servers that copy it. */
static void put_version(const struct provider_settings *provider, const struct provider_ask *ask,
                        struct upstream_request *request, struct header_line *headers)
{
    static const char name[] = "anthropic-version";
    const char *preset = provider->preset->header;
    if (ask->api == API_MESSAGES && !lists_models(ask) && !(preset && strcasecmp(preset, name) == 0) &&
        !has_setting(provider, name) && !is_forwarded(ask, name))
        put_header(request, headers, name, "2023-06-01");
}

static const char *accept_value(const struct provider_ask *ask)
{
    if (ask->raw)
        return "*/*";
    return ask->stream ? "text/event-stream" : "application/json";
}

/* libcurl would name a type of its own for a body without one; a header without a value prevents it. */
static void put_no_type(const struct provider_ask *ask, struct upstream_request *request,
                        struct header_line *headers)
{
    if (ask->method && !is_forwarded(ask, "Content-Type"))
        put_header(request, headers, "Content-Type", "");
}

static void set_headers(const struct provider_settings *provider, const struct provider_ask *ask,
                        struct arena *arena, struct upstream_request *request)
{
    const struct preset *preset = provider->preset;
    size_t capacity = HEADERS_OWN + provider->headers.count + (ask->data ? ask->data->header_count : 0);
    struct header_line *headers = arena_alloc(arena, capacity * sizeof *headers);
    request->headers = headers;
    if (!lists_models(ask) && !ask->method)
        put_header(request, headers, "Content-Type", ask->form ? ask->form : "application/json");
    if (!ask->method)
        put_header(request, headers, "Accept", accept_value(ask));
    put_header(request, headers, "Accept-Encoding", "identity");
    put_header(request, headers, "User-Agent", "penstock/" PACKAGE_VERSION);
    put_key(provider, ask, arena, request, headers);
    if (preset->header && !has_setting(provider, preset->header) && !is_forwarded(ask, preset->header))
        put_header(request, headers, preset->header, preset->header_value);
    put_version(provider, ask, request, headers);
    for (size_t i = 0; i < provider->headers.count; i++)
        put_header(request, headers, provider->headers.items[i].name, provider->headers.items[i].value);
    put_forwarded(ask, request, headers);
    put_no_type(ask, request, headers);
}

static void set_limits(const struct provider_settings *provider, const struct provider_ask *ask,
                       struct upstream_request *request)
{
    request->limits.connect_ms = provider->connect_ms;
    request->limits.first_byte_ms = provider->first_byte_ms;
    request->limits.idle_ms = provider->idle_ms;
    request->limits.total_ms = ask->stream || ask->raw ? 0 : provider->total_ms;
}

/* ---- the URL ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* Azure's older API, without "/openai/v1" in the URL, expects the model in the path, as the name of a
 * deployment (Azure OpenAI REST API reference, "Data plane inference"). The Responses API does not. */
static bool has_deployments(const struct provider_settings *provider)
{
    return provider->preset->deployments && !ends_with(provider->base_url, "/openai/v1");
}

static bool put_deployment(const struct provider_settings *provider, const struct provider_ask *ask,
                           struct arena *arena, const char **url, struct failure *why)
{
    const char *base = provider->base_url;
    const char *root = ends_with(base, "/openai") ? "" : "/openai";
    if (strstr(base, "/openai/deployments/"))
        *url = arena_join(arena, base, ask->path);
    else if (strcmp(ask->path, "/responses") == 0 || ask->method)
        *url = arena_format(arena, "%s%s%s", base, root, ask->path);
    else if (ask->model)
        *url = arena_format(arena, "%s%s/deployments/%s%s", base, root, url_percent_encode(arena, ask->model),
                            ask->path);
    else
        return fail(why, FAILURE_BAD_REQUEST, "a request to the provider %s must name a model",
                    provider->name);
    return true;
}

static bool set_url(const struct provider_settings *provider, const struct provider_ask *ask,
                    struct arena *arena, struct upstream_request *request, struct failure *why)
{
    const struct preset *preset = provider->preset;
    bool deployments = !lists_models(ask) && has_deployments(provider);
    const char *list = preset->models_path ? preset->models_path : "/models";
    const char *version = provider->api_version;
    if (!version && deployments)
        version = preset->api_version;
    if (!deployments)
        request->url = arena_join(arena, provider->base_url, lists_models(ask) ? list : ask->path);
    else if (!put_deployment(provider, ask, arena, &request->url, why))
        return false;
    if (version && !strstr(request->url, "api-version="))
        request->url = arena_format(arena, "%s%capi-version=%s", request->url,
                                    strchr(request->url, '?') ? '&' : '?',
                                    url_percent_encode(arena, version));
    return true;
}

bool provider_lists_models(const struct provider_settings *provider)
{
    return !provider->preset->unlisted;
}

bool provider_prepare(const struct provider_settings *provider, const struct provider_ask *ask,
                      struct arena *arena, struct provider_request *request, struct failure *why)
{
    struct upstream_request *upstream = &request->upstream;
    struct json_value *pieces = NULL;
    *request = (struct provider_request){
        .upstream = {.proxy = provider->proxy, .ca_file = provider->ca_file}};
    if (!check_key(provider, ask, why) || !set_url(provider, ask, arena, upstream, why))
        return false;
    if (ask->body) {
        const char *model = ask->api == API_GEMINI ? NULL : ask->model; /* the path names it */
        struct parameters parameters = {ask->body, model, ask->completion, ask->stream};
        if (!parameters_apply(provider, &parameters, &request->strip_usage, why))
            return false;
        upstream->body_pieces = splice_pieces(ask->body, &pieces);
        upstream->body = pieces;
    }
    upstream->method = ask->method;
    set_headers(provider, ask, arena, upstream);
    set_limits(provider, ask, upstream);
    return true;
}
