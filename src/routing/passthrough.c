/* Finds requests for paths of a provider that have no route, and decides who may send them.
 *
 * Files, batches, stored responses and the like live at the provider. The path goes there as the client wrote
 * it, so it must mean the same for every server on the way: one that takes "%2e%2e" for a parent would send
 * the request elsewhere. What it costs cannot be counted, so clients with a budget may not send it, and no
 * spelling of a route that is counted passes either. */
#include "routing/passthrough.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/failure.h"
#include "base/url.h"
#include "config/settings_types.h"
#include "front/request.h"
#include "routing/route.h"

#define V1 "/v1/"
#define V1_LENGTH (sizeof V1 - 1)
#define DECODINGS 4 /* how often a path is decoded to find dots in it */
#define ENDPOINT_MAX 32
#define METHODS "GET, HEAD, POST, PUT, PATCH, DELETE"

/* ---- the path ---- */

/* Returns the text after the first "/v1/" of `text`, of which `length` bytes count; NULL: there is none. */
static const char *after_version(const char *text, size_t length)
{
    for (const char *at = text; at + V1_LENGTH < text + length; at++)
        if (strncmp(at, V1, V1_LENGTH) == 0)
            return at + V1_LENGTH;
    return NULL;
}

/* A prefix may hold a "/v1/" of its own; the web server says where it ends, unless a rewrite has hidden it.
 */
static const char *find_in_uri(const struct request *request, size_t *length)
{
    size_t path_length, prefix = strlen(request->script_name);
    const char *path = route_uri_path(request->uri, &path_length), *rest = NULL;
    if (prefix < path_length && strncmp(path, request->script_name, prefix) == 0 &&
        strncmp(path + prefix, V1, V1_LENGTH) == 0)
        rest = after_version(path + prefix, path_length - prefix);
    if (!rest)
        rest = after_version(path, path_length);
    *length = rest ? (size_t)(path + path_length - rest) : 0;
    return rest;
}

/* Encodes a path that the web server has decoded. */
static const char *encode(struct arena *arena, const char *path)
{
    const char *encoded = "";
    while (*path) {
        size_t length = strcspn(path, "/");
        const char *segment = url_percent_encode(arena, arena_copy(arena, path, length));
        encoded = arena_format(arena, "%s%s%s", encoded, segment, path[length] ? "/" : "");
        path += length + (path[length] == '/');
    }
    return encoded;
}

static const char *find_rewritten(const struct request *request)
{
    const char *path = arena_join(request->arena, request->script_name, request->path_info);
    const char *rest = after_version(request->path_info, strlen(request->path_info));
    if (!rest)
        rest = after_version(path, strlen(path));
    return rest ? encode(request->arena, rest) : NULL;
}

/* Pages of this host may lie below other paths, as they do below a prefix, but not below a path of the API.
 */
static bool is_page(const struct route *route, const char *rest, size_t length)
{
    return route && route->monitoring && !memchr(rest, '/', length ? length - 1 : 0);
}

static const char *name_endpoint(struct arena *arena, const char *rest)
{
    size_t length = strspn(rest, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    bool is_name = length && length <= ENDPOINT_MAX && (!rest[length] || strchr("/?", rest[length]));
    return is_name ? arena_join(arena, V1, arena_copy(arena, rest, length)) : V1;
}

bool passthrough_find(const struct request *request, const struct route **route)
{
    struct arena *arena = request->arena;
    size_t length;
    const char *query = "", *rest = find_in_uri(request, &length);
    if (rest) {
        if (rest[length] == '?')
            query = arena_copy(arena, rest + length, strcspn(rest + length, "#"));
        rest = arena_copy(arena, rest, length);
    } else {
        rest = find_rewritten(request);
        length = rest ? strlen(rest) : 0;
        if (*request->query)
            query = arena_join(arena, "?", request->query);
    }
    if (!length || is_page(*route, rest, length))
        return false;
    struct route *found = arena_alloc(arena, sizeof *found);
    *found = (struct route){.kind = ROUTE_OTHER,
                            .path = name_endpoint(arena, rest),
                            .allow = METHODS,
                            .upstream = arena_format(arena, "/%s%s", rest, query),
                            .model_optional = true,
                            .unbuffered = true,
                            .raw = true};
    *route = found;
    return true;
}

/* ---- who may ---- */

static bool is_dots(const char *segment, size_t length)
{
    return (length == 1 && *segment == '.') || (length == 2 && memcmp(segment, "..", 2) == 0);
}

/* Returns why servers could understand the path in different ways, NULL if they could not. Some take a
 * backslash for a slash, and some cut off what follows a semicolon. */
static const char *find_doubt(const char *path)
{
    for (const char *at = path; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return "a control character";
    if (strstr(path, "%00"))
        return "U+0000";
    while (*path == '/' || *path == '\\') {
        size_t length = strcspn(++path, "/\\");
        if (!length && *path)
            return "an empty segment";
        if (is_dots(path, strcspn(path, "/\\;")))
            return "a segment of dots";
        path += length;
    }
    return NULL;
}

static bool check_path(struct arena *arena, const char *path, const char **decoded, struct failure *why)
{
    const char *doubt = NULL, *last = NULL;
    for (int i = 0; i < DECODINGS && !doubt && (!last || strcmp(last, path) != 0); i++) {
        doubt = find_doubt(path);
        last = path;
        path = url_percent_decode(arena, path, strlen(path));
        if (!i)
            *decoded = path;
    }
    return !doubt || fail(why, FAILURE_BAD_REQUEST,
                          "the path has %s, which servers could understand in different ways", doubt);
}

/* Some web servers pass on what no URL can hold (RFC 3986, 2). */
static bool check_bytes(const char *target, struct failure *why)
{
    for (; *target; target++)
        if ((unsigned char)*target <= ' ' || *target == 0x7f)
            return fail(why, FAILURE_BAD_REQUEST, "the path or the query has a blank or a control character");
    return true;
}

static bool is_method(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(method, methods[i]) == 0)
            return true;
    return false;
}

bool passthrough_check_method(const struct request *request, const struct route *route, struct failure *why)
{
    return is_method(request->method) ||
           fail(why, FAILURE_METHOD_NOT_ALLOWED, "%s accepts only %s", route->path, route->allow);
}

static bool has_budget(const struct client_limits *limits)
{
    return limits->usd_per_day || limits->usd_per_month || limits->usd_total || limits->tokens_per_minute;
}

bool passthrough_check(const struct request *request, const struct route *route,
                       const struct client_settings *client, struct failure *why)
{
    struct arena *arena = request->arena;
    size_t length = strcspn(route->upstream, "?");
    const char *path = arena_copy(arena, route->upstream, length), *decoded = "";
    if (!client || !client->passthrough)
        return route_reject(request, why);
    if (has_budget(&client->limits))
        return fail(
            why, FAILURE_FORBIDDEN,
            "the client \"%.60s\" has a limit in USD or tokens, and what %.60s costs cannot be counted",
            client->name, route->path);
    if (!check_bytes(route->upstream, why) || !check_path(arena, path, &decoded, why))
        return false;
    return !route_is_known(arena_join(arena, "/v1", decoded)) || route_reject(request, why);
}

bool passthrough_needs_body(const struct request *request)
{
    return request->method[0] == 'P';
}

bool passthrough_is_safe(const struct request *request)
{
    return request_is(request, "GET");
}
