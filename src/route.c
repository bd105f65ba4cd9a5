/* Which of our routes a request asks for, and which provider and model.
 *
 * We are mounted under any prefix and behind servers that disagree on SCRIPT_NAME and PATH_INFO. Only
 * REQUEST_URI is the same everywhere, so routes are looked for in its path, undecoded; the two others serve
 * where a rewrite hides it. */
#include "route.h"

#include <stddef.h>
#include <string.h>

#include "arena.h"
#include "failure.h"
#include "request.h"
#include "settings.h"

static const struct route routes[] = {
    {ROUTE_CHAT, "/v1/chat/completions", "POST", "POST", "/chat/completions", false, false},
    {ROUTE_MODELS, "/v1/models", "GET", "GET, HEAD", NULL, false, false},
    {ROUTE_MODEL, "/v1/models/", "GET", "GET, HEAD", NULL, true, false},
};

static const struct route last_segments[] = {
    {ROUTE_HEALTH, "/healthz", "GET", "GET, HEAD", NULL, false, true},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct path {
    const char *at;
    size_t length;
};

static int hex_digit(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = digit ? strchr(digits, digit | 0x20) : NULL;
    return found ? (int)(found - digits) : -1;
}

static char *percent_decode(struct arena *arena, struct path path)
{
    char *text = arena_copy(arena, path.at, path.length), *to = text;
    for (const char *at = text; *at; at++) {
        int high = *at == '%' ? hex_digit(at[1]) : -1;
        int low = high >= 0 ? hex_digit(at[2]) : -1;
        *to++ = low >= 0 ? (char)(high * 16 + low) : *at;
        at += low >= 0 ? 2 : 0;
    }
    *to = '\0';
    return text;
}

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
        const char *rewritten = arena_format(request->arena, "%s%s", request->script_name,
                                             request->path_info);
        *route = find_in((struct path){rewritten, strlen(rewritten)}, &tail);
    }
    if (!*route)
        return fail(why, FAILURE_NOT_FOUND,
                    "no such route; there are POST /v1/chat/completions and GET /v1/models");
    *rest = percent_decode(request->arena, tail);
    if (!request_is(request, (*route)->method))
        return fail(why, FAILURE_METHOD_NOT_ALLOWED, "%s takes %s only", (*route)->path, (*route)->method);
    return true;
}

/* Ours, not a provider's: nobody was asked. */
static bool refuse_model(struct failure *why, const char *asked)
{
    fail(why, FAILURE_MODEL_NOT_FOUND,
         "no provider for the model \"%.100s\": ask for PROVIDER:MODEL, or default_provider is to be set",
         asked);
    why->source = SOURCE_GATEWAY;
    return false;
}

bool route_model(const struct settings *settings, struct arena *arena, const char *asked,
                 struct route_target *target, struct failure *why)
{
    size_t prefix = strcspn(asked, ":/");
    const char *model = asked;
    target->provider = asked[prefix] == ':' ? settings_provider(settings, asked, prefix) : NULL;
    if (target->provider)
        model = asked + prefix + 1;
    else if (settings->default_provider)
        target->provider = settings_provider(settings, settings->default_provider,
                                             strlen(settings->default_provider));
    if (!target->provider)
        return refuse_model(why, asked);
    if (!*model)
        return fail(why, FAILURE_BAD_REQUEST, "the model \"%.100s\" names a provider and no model", asked);
    target->model = arena_copy(arena, model, strlen(model));
    return true;
}
