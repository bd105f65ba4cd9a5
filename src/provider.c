/* How a request is put to a provider: where, with which key, and with which of its members changed.
 *
 * A provider is data: the rules are those of its preset and then those of the settings. Each touches one
 * member of the body; all others go upstream as they came. */
#include "provider.h"

#include <string.h>

#include "arena.h"
#include "buffer.h"
#include "failure.h"
#include "json.h"
#include "json_write.h"
#include "preset.h"
#include "settings.h"
#include "splice.h"
#include "upstream.h"

#define HEADERS_OWN 5
#define QUOTED_MAX 8192

bool provider_has_key(const struct provider_settings *provider)
{
    return provider->api_key.length > 0 || !provider->key_needed;
}

struct secret provider_host(const struct provider_settings *provider)
{
    char *scheme = strstr(provider->base_url, "://");
    char *host = scheme ? scheme + 3 : provider->base_url;
    return (struct secret){.bytes = host, .length = strcspn(host, ":/")};
}

static bool need_key(const struct provider_settings *provider, struct failure *why)
{
    if (provider_has_key(provider))
        return true;
    const char *variable = provider->preset->key_variable;
    fail(why, FAILURE_AUTHENTICATION, "the provider %s has no key: set api_key_file%s%s", provider->name,
         variable ? " or " : "", variable ? variable : "");
    why->source = SOURCE_GATEWAY;
    why->status = 503; /* a 401 would tell the client that its own key is wrong */
    return false;
}

static bool drop_member(struct splice *body, const char *name, struct failure *why)
{
    struct splice_member *member;
    if (!splice_find(body, name, &member, why))
        return false;
    if (member)
        member->dropped = true;
    return true;
}

static const char *quote(struct arena *arena, const char *text)
{
    struct buffer quoted;
    buffer_init(&quoted, QUOTED_MAX);
    bool fits = json_quote(&quoted, text, strlen(text));
    const char *copy = fits ? arena_copy(arena, quoted.bytes, quoted.length) : "\"\"";
    buffer_free(&quoted);
    return copy;
}

static const char *copy_value(struct splice *body, struct json_value value)
{
    return arena_copy(body->arena, value.at, value.length);
}

/* The old name's value goes under the new name, but only where that one is absent or null: what is there was
 * said in the provider's own words. */
static bool rename_member(struct splice *body, const char *old_name, const char *new_name,
                          struct failure *why)
{
    struct splice_member *old, *present;
    if (!splice_find(body, old_name, &old, why) || !splice_find(body, new_name, &present, why))
        return false;
    if (!old)
        return true;
    if (!present) {
        old->new_name = quote(body->arena, new_name);
        return true;
    }
    if (json_kind(present->was.value) == 'n')
        present->new_value = copy_value(body, old->was.value);
    old->dropped = true;
    return true;
}

static bool set_member(struct splice *body, const char *name, const char *value, struct failure *why)
{
    struct splice_member *member;
    if (!splice_find(body, name, &member, why))
        return false;
    splice_set(body, member, name, value);
    return true;
}

static bool apply_preset(const struct preset *preset, struct splice *body, struct failure *why)
{
    for (const struct parameter_rule *rule = preset->parameters; rule->name; rule++) {
        bool good = rule->action == PARAMETER_DROP     ? drop_member(body, rule->name, why)
                    : rule->action == PARAMETER_RENAME ? rename_member(body, rule->name, rule->value, why)
                                                       : set_member(body, rule->name, rule->value, why);
        if (!good)
            return false;
    }
    return true;
}

static bool apply_settings(const struct provider_settings *provider, struct splice *body, struct failure *why)
{
    for (size_t i = 0; i < provider->drop.count; i++)
        if (!drop_member(body, provider->drop.items[i], why))
            return false;
    for (size_t i = 0; i < provider->rename.count; i++)
        if (!rename_member(body, provider->rename.items[i].name, provider->rename.items[i].value, why))
            return false;
    for (size_t i = 0; i < provider->set.count; i++)
        if (!set_member(body, provider->set.items[i].name, provider->set.items[i].value, why))
            return false;
    return true;
}

static bool set_model(struct splice *body, const char *model, struct failure *why)
{
    struct splice_member *member;
    if (!splice_find(body, "model", &member, why))
        return false;
    if (member && !json_name_is(member->was.value, model)) /* a name is a string like any other */
        member->new_value = quote(body->arena, model);
    return true;
}

/* The whole text of a splice in one piece. */
static const char *joined(const struct splice *splice)
{
    struct json_value *pieces;
    size_t count = splice_pieces(splice, &pieces), length = 0;
    for (size_t i = 0; i < count; i++)
        length += pieces[i].length;
    char *text = arena_alloc(splice->arena, length + 1), *to = text;
    for (size_t i = 0; i < count; i++) {
        memcpy(to, pieces[i].at, pieces[i].length);
        to += pieces[i].length;
    }
    return text;
}

/* {"include_usage":true} within the options that the client gave, which may be any others. */
static bool ask_within(struct splice *body, struct splice_member *options, bool *usage_asked,
                       struct failure *why)
{
    struct splice inner;
    struct splice_member *include;
    if (!splice_open(&inner, body->arena, options->was.value, JSON_DEPTH_MAX, why) ||
        !splice_find(&inner, "include_usage", &include, why))
        return false;
    *usage_asked = !include || json_kind(include->was.value) != 't';
    splice_set(&inner, include, "include_usage", "true");
    if (*usage_asked)
        options->new_value = joined(&inner);
    return true;
}

/* Streams tell what they used only when asked (API reference, "stream_options"). */
static bool ask_for_usage(const struct provider_settings *provider, struct splice *body, bool *usage_asked,
                          struct failure *why)
{
    struct splice_member *options;
    if (!provider->preset->stream_usage)
        return true;
    if (!splice_find(body, "stream_options", &options, why))
        return false;
    if (options && json_kind(options->was.value) == '{')
        return ask_within(body, options, usage_asked, why);
    if (options && json_kind(options->was.value) != 'n')
        return true; /* the provider will say what is wrong with it */
    splice_set(body, options, "stream_options", "{\"include_usage\":true}");
    *usage_asked = true;
    return true;
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

static void set_headers(const struct provider_settings *provider, const struct provider_ask *ask,
                        struct arena *arena, struct upstream_request *request)
{
    size_t most = HEADERS_OWN + provider->headers.count;
    struct header_line *headers = arena_alloc(arena, most * sizeof *headers);
    request->headers = headers;
    if (ask->body)
        put_header(request, headers, "Content-Type", "application/json");
    put_header(request, headers, "Accept", ask->stream ? "text/event-stream" : "application/json");
    put_header(request, headers, "Accept-Encoding", "identity");
    put_header(request, headers, "User-Agent", "penstock/" PACKAGE_VERSION);
    if (provider->api_key.length) {
        char *bearer = arena_format(arena, "Bearer %s", provider->api_key.bytes);
        arena_defer(arena, wipe, bearer);
        put_header(request, headers, "Authorization", bearer);
    }
    for (size_t i = 0; i < provider->headers.count; i++)
        put_header(request, headers, provider->headers.items[i].name, provider->headers.items[i].value);
}

static void set_limits(const struct provider_settings *provider, const struct provider_ask *ask,
                       struct upstream_request *request)
{
    request->limits.connect_ms = provider->connect_ms;
    request->limits.first_byte_ms = provider->first_byte_ms;
    request->limits.idle_ms = provider->idle_ms;
    request->limits.total_ms = ask->stream ? 0 : provider->total_ms;
}

bool provider_prepare(const struct provider_settings *provider, const struct provider_ask *ask,
                      struct arena *arena, struct upstream_request *request, bool *usage_asked,
                      struct failure *why)
{
    struct json_value *pieces = NULL;
    *request = (struct upstream_request){.proxy = provider->proxy, .ca_file = provider->ca_file};
    *usage_asked = false;
    if (!need_key(provider, why))
        return false;
    if (ask->body) {
        bool good = apply_preset(provider->preset, ask->body, why) &&
                    apply_settings(provider, ask->body, why) && set_model(ask->body, ask->model, why) &&
                    (!ask->stream || ask_for_usage(provider, ask->body, usage_asked, why));
        if (!good)
            return false;
        request->body_pieces = splice_pieces(ask->body, &pieces);
        request->body = pieces;
    }
    request->url = arena_format(arena, "%s%s", provider->base_url, ask->path);
    set_headers(provider, ask, arena, request);
    set_limits(provider, ask, request);
    return true;
}
