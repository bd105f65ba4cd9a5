/* Finds the route of a request.
 *
 * The gateway can be mounted under any prefix, and web servers disagree about SCRIPT_NAME and PATH_INFO. Only
 * REQUEST_URI is the same everywhere, so routes are searched in its path without decoding; the other two are
 * used if a rewrite has hidden the route. */
#include "routing/route.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/failure.h"
#include "base/url.h"
#include "front/request.h"
#include "routing/route_suggest.h"

#define POST_ONLY "POST", "POST"
#define GET_OR_HEAD "GET", "GET, HEAD"

/* In OpenAI's API reference the model is optional for moderations and images. */
static const struct route routes[] = {
    {.kind = ROUTE_CHAT, "/v1/chat/completions", POST_ONLY, "/chat/completions"},
    {.kind = ROUTE_COMPLETIONS, "/v1/completions", POST_ONLY, "/completions"},
    {.kind = ROUTE_RESPONSES, "/v1/responses", POST_ONLY, "/responses"},
    {.kind = ROUTE_MESSAGES, "/v1/messages", POST_ONLY, "/messages"},
    {.kind = ROUTE_COUNT_TOKENS,
     "/v1/messages/count_tokens",
     POST_ONLY,
     "/messages/count_tokens",
     .counts = true},
    {.kind = ROUTE_RESPONSES_COUNT,
     "/v1/responses/input_tokens",
     POST_ONLY,
     "/responses/input_tokens",
     .model_optional = true,
     .counts = true},
    {.kind = ROUTE_PASSTHROUGH, "/v1/embeddings", POST_ONLY, "/embeddings"},
    {.kind = ROUTE_PASSTHROUGH, "/v1/rerank", POST_ONLY, "/rerank"},
    {.kind = ROUTE_PASSTHROUGH, "/v1/moderations", POST_ONLY, "/moderations", .model_optional = true},
    {.kind = ROUTE_PASSTHROUGH,
     "/v1/images/generations",
     POST_ONLY,
     "/images/generations",
     .model_optional = true},
    {.kind = ROUTE_PASSTHROUGH,
     "/v1/images/edits",
     POST_ONLY,
     "/images/edits",
     .model_optional = true,
     .unbuffered = true,
     .raw = true},
    {.kind = ROUTE_PASSTHROUGH,
     "/v1/images/variations",
     POST_ONLY,
     "/images/variations",
     .model_optional = true,
     .unbuffered = true,
     .raw = true},
    {.kind = ROUTE_PASSTHROUGH, "/v1/audio/speech", POST_ONLY, "/audio/speech", .raw = true},
    {.kind = ROUTE_PASSTHROUGH,
     "/v1/audio/transcriptions",
     POST_ONLY,
     "/audio/transcriptions",
     .model_optional = true,
     .unbuffered = true,
     .raw = true},
    {.kind = ROUTE_PASSTHROUGH,
     "/v1/audio/translations",
     POST_ONLY,
     "/audio/translations",
     .model_optional = true,
     .unbuffered = true,
     .raw = true},
    {.kind = ROUTE_RUN_INFERENCE, "/api/inference", POST_ONLY, "/chat/completions", .run_api = true},
    {.kind = ROUTE_RUN_EMBEDDING, "/api/embedding", POST_ONLY, "/embeddings", .run_api = true},
    {.kind = ROUTE_RUN_USAGE, "/api/usage", GET_OR_HEAD, .run_api = true},
    {.kind = ROUTE_RUN_RESET, "/api/reset-inference-errors", POST_ONLY, .run_api = true},
    {.kind = ROUTE_RUN_CHAT_MODELS, "/api/inference-models", GET_OR_HEAD, .run_api = true},
    {.kind = ROUTE_RUN_EMBEDDING_MODELS, "/api/embedding-models", GET_OR_HEAD, .run_api = true},
    {.kind = ROUTE_MODELS, "/v1/models", GET_OR_HEAD},
    {.kind = ROUTE_MODEL, "/v1/models/", GET_OR_HEAD, .has_rest = true},
};

static const struct route last_segments[] = {
    {.kind = ROUTE_HEALTH, "/healthz", GET_OR_HEAD, .monitoring = true, .keyless = true},
    {.kind = ROUTE_STATUS, "/status", GET_OR_HEAD, .monitoring = true},
    {.kind = ROUTE_METRICS, "/metrics", GET_OR_HEAD, .monitoring = true},
};

/* For a browser that opens the address of the gateway itself. */
static const struct route home = {.kind = ROUTE_HOME, "/", GET_OR_HEAD, .monitoring = true, .keyless = true};

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct path {
    const char *at;
    size_t length;
};

/* True if the route matches; `rest` is the text after its path. A trailing slash is ignored. */
static bool matches(const struct route *route, struct path path, struct path *rest)
{
    if (path.length < 2 || path.at[1] != route->path[1])
        return false; /* a prefix that is no route's beginning differs in its first letter */
    size_t length = strlen(route->path);
    if (path.length < length || memcmp(path.at, route->path, length) != 0)
        return false;
    *rest = (struct path){path.at + length, path.length - length};
    if (route->has_rest)
        return rest->length > 0;
    return rest->length == 0 || (rest->length == 1 && *rest->at == '/');
}

static const struct route *search(const struct route *table, size_t count, struct path path,
                                  struct path *rest)
{
    for (size_t i = 0; i < count; i++)
        if (matches(&table[i], path, rest))
            return &table[i];
    return NULL;
}

/* Finds the first position at which a known route begins in the path. */
static const struct route *find_in(struct path path, struct path *rest)
{
    const struct route *found = NULL;
    const char *end = path.at + path.length, *last = NULL;
    for (const char *at = path.at; at < end && !found; at++) {
        if (*at != '/')
            continue;
        last = at;
        found = search(routes, COUNT(routes), (struct path){at, (size_t)(end - at)}, rest);
    }
    if (!found && last)
        found = search(last_segments, COUNT(last_segments), (struct path){last, (size_t)(end - last)}, rest);
    return found;
}

const char *route_uri_path(const char *uri, size_t *length)
{
    const char *scheme = strstr(uri, "://");
    if (*uri != '/' && scheme) {
        const char *slash = strchr(scheme + 3, '/');
        uri = slash ? slash : "";
    }
    *length = strcspn(uri, "?#");
    return uri;
}

static struct path path_of(const char *uri)
{
    struct path path;
    path.at = route_uri_path(uri, &path.length);
    return path;
}

bool route_is_known(const char *path)
{
    size_t length = strlen(path);
    while (length && path[length - 1] == '/')
        length--;
    for (size_t i = 0; i < COUNT(routes); i++)
        if (strlen(routes[i].path) == length && strncasecmp(routes[i].path, path, length) == 0)
            return true;
    return false;
}

bool route_reject(const struct request *request, struct failure *why)
{
    char words[ROUTE_SUGGESTION_SIZE];
    struct path path = path_of(request->uri);
    bool has_uri = path.length > 1;
    const char *asked = has_uri ? arena_copy(request->arena, path.at, path.length)
                                : arena_join(request->arena, request->script_name, request->path_info);
    route_suggest(routes, COUNT(routes), asked, words);
    return fail(why, FAILURE_NOT_FOUND, "unknown route; try %s", words);
}

static bool ends_with(struct path path, const char *end)
{
    size_t length = strlen(end);
    return path.length >= length && memcmp(path.at + path.length - length, end, length) == 0;
}

/* A person opens such a path in a browser to see what is there. */
static bool is_home(const struct request *request)
{
    struct path path = path_of(request->uri);
    return request->wants_page && request_is(request, "GET") &&
           (ends_with(path, "/") || ends_with(path, "/v1"));
}

/* Some clients of the Responses API first try a WebSocket, and use HTTP at once after a 426 (RFC 9110,
 * 15.5.22). */
static bool is_websocket(const struct request *request, const struct route *route)
{
    return route->kind == ROUTE_RESPONSES && request->upgrade && request_is(request, "GET");
}

static bool reject_websocket(const struct route *route, struct failure *why)
{
    fail(why, FAILURE_METHOD_NOT_ALLOWED, "%s is not offered by WebSocket; use POST", route->path);
    why->status = STATUS_UPGRADE_REQUIRED;
    return false;
}

bool route_find(const struct request *request, const struct route **route, const char **rest,
                struct failure *why)
{
    struct path tail = {0};
    *route = find_in(path_of(request->uri), &tail);
    if (!*route) {
        const char *rewritten = arena_join(request->arena, request->script_name, request->path_info);
        *route = find_in((struct path){rewritten, strlen(rewritten)}, &tail);
    }
    if (!*route && is_home(request))
        *route = &home;
    if (!*route)
        return route_reject(request, why);
    *rest = url_percent_decode(request->arena, tail.at, tail.length);
    if (!request_is(request, (*route)->method) && is_websocket(request, *route))
        return reject_websocket(*route, why);
    if (!request_is(request, (*route)->method))
        return fail(why, FAILURE_METHOD_NOT_ALLOWED, "%s accepts only %s", (*route)->path, (*route)->method);
    return true;
}
