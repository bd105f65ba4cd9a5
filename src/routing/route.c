/* Which of our routes a request asks for.
 *
 * We are mounted under any prefix and behind servers that disagree on SCRIPT_NAME and PATH_INFO. Only
 * REQUEST_URI is the same everywhere, so routes are looked for in its path, undecoded; the two others serve
 * where a rewrite hides it. */
#include "routing/route.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/failure.h"
#include "base/url.h"
#include "front/request.h"

#define POST_ONLY "POST", "POST"
#define GET_OR_HEAD "GET", "GET, HEAD"

/* What OpenAI's API reference lets out, we may be without too: a moderation or an image names a model or not.
 */
static const struct route routes[] = {
    {.kind = ROUTE_CHAT, "/v1/chat/completions", POST_ONLY, "/chat/completions"},
    {.kind = ROUTE_COMPLETIONS, "/v1/completions", POST_ONLY, "/completions"},
    {.kind = ROUTE_RESPONSES, "/v1/responses", POST_ONLY, "/responses"},
    {.kind = ROUTE_PASSED, "/v1/embeddings", POST_ONLY, "/embeddings"},
    {.kind = ROUTE_PASSED, "/v1/rerank", POST_ONLY, "/rerank"},
    {.kind = ROUTE_PASSED, "/v1/moderations", POST_ONLY, "/moderations", .model_optional = true},
    {.kind = ROUTE_PASSED,
     "/v1/images/generations",
     POST_ONLY,
     "/images/generations",
     .model_optional = true},
    {.kind = ROUTE_PASSED, "/v1/audio/speech", POST_ONLY, "/audio/speech", .raw = true},
    {.kind = ROUTE_PASSED,
     "/v1/audio/transcriptions",
     POST_ONLY,
     "/audio/transcriptions",
     .model_optional = true,
     .streamed = true,
     .raw = true},
    {.kind = ROUTE_PASSED,
     "/v1/audio/translations",
     POST_ONLY,
     "/audio/translations",
     .model_optional = true,
     .streamed = true,
     .raw = true},
    {.kind = ROUTE_RUN_INFERENCE, "/api/inference", POST_ONLY, "/chat/completions", .run_api = true},
    {.kind = ROUTE_RUN_EMBEDDING, "/api/embedding", POST_ONLY, "/embeddings", .run_api = true},
    {.kind = ROUTE_RUN_USAGE, "/api/usage", GET_OR_HEAD, .run_api = true},
    {.kind = ROUTE_RUN_RESET, "/api/reset-inference-errors", POST_ONLY, .run_api = true},
    {.kind = ROUTE_RUN_CHAT_MODELS, "/api/inference-models", GET_OR_HEAD, .run_api = true},
    {.kind = ROUTE_RUN_EMBEDDING_MODELS, "/api/embedding-models", GET_OR_HEAD, .run_api = true},
    {.kind = ROUTE_MODELS, "/v1/models", GET_OR_HEAD},
    {.kind = ROUTE_MODEL, "/v1/models/", GET_OR_HEAD, .takes_rest = true},
};

static const struct route last_segments[] = {
    {.kind = ROUTE_HEALTH, "/healthz", GET_OR_HEAD, .aside = true, .open = true},
    {.kind = ROUTE_STATUS, "/status", GET_OR_HEAD, .aside = true},
    {.kind = ROUTE_METRICS, "/metrics", GET_OR_HEAD, .aside = true},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct path {
    const char *at;
    size_t length;
};

/* What follows the route's own path; a slash too many at the end is forgiven. */
static bool fits(const struct route *route, struct path path, struct path *rest)
{
    size_t own = strlen(route->path);
    if (path.length < own || memcmp(path.at, route->path, own) != 0)
        return false;
    *rest = (struct path){path.at + own, path.length - own};
    if (route->takes_rest)
        return rest->length > 0;
    return rest->length == 0 || (rest->length == 1 && *rest->at == '/');
}

static const struct route *search(const struct route *table, size_t count, struct path path,
                                  struct path *rest)
{
    for (size_t i = 0; i < count; i++)
        if (fits(&table[i], path, rest))
            return &table[i];
    return NULL;
}

/* The earliest place in the path where a known route starts and goes to its end. */
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

/* The path of a request target: absolute-form (RFC 9112, 3.2.2) begins with a scheme and an authority. */
static struct path path_of(const char *uri)
{
    const char *scheme = strstr(uri, "://");
    if (*uri != '/' && scheme) {
        const char *slash = strchr(scheme + 3, '/');
        uri = slash ? slash : "";
    }
    return (struct path){uri, strcspn(uri, "?#")};
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
    if (!*route)
        return fail(why, FAILURE_NOT_FOUND,
                    "no such route; there are POST /v1/chat/completions and GET /v1/models");
    *rest = url_percent_decode(request->arena, tail.at, tail.length);
    if (!request_is(request, (*route)->method))
        return fail(why, FAILURE_METHOD_NOT_ALLOWED, "%s takes %s only", (*route)->path, (*route)->method);
    return true;
}
