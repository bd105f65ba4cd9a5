/* Names the routes that are nearest to a path without a route.
 *
 * Common mistakes are a wrong letter, a version that is missing or doubled, the path of another API
 * ("/v1/engines/x/completions"), and half a path ("/v1/chat"). The end of the path says most, because any
 * prefix may stand before it. */
#include "routing/route_suggest.h"

#include <stdio.h>
#include <string.h>

#include "base/edit_distance.h"
#include "routing/route.h"

#define SHOWN 2
#define FAR 100
#define PATH_MAX_LENGTH 200 /* of the end of the path that is looked at */

/* The distance of one end of the path, which begins with a slash. */
static size_t measure(const char *route, const char *end)
{
    const char *bare = strchr(route + 1, '/'); /* the route without its version */
    size_t length = strlen(end), best = edit_distance(route, end);
    size_t without = bare ? 1 + edit_distance(bare, end) : FAR;
    if (without < best)
        best = without;
    bool is_half = length > 3 && strncmp(route, end, length) == 0 && route[length] == '/';
    if (is_half && best > 1)
        best = 1;
    return best <= strlen(route) / 4 ? best : FAR;
}

static size_t distance_of(const char *route, const char *path)
{
    size_t best = FAR;
    for (const char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
        size_t distance = measure(route, at);
        if (distance < best)
            best = distance;
    }
    return best;
}

/* Returns the path without a slash at its end. */
static void copy_path(const char *path, char copy[static PATH_MAX_LENGTH + 1])
{
    size_t length = strlen(path);
    if (length > PATH_MAX_LENGTH) {
        path += length - PATH_MAX_LENGTH;
        length = PATH_MAX_LENGTH;
    }
    while (length > 1 && path[length - 1] == '/')
        length--;
    memcpy(copy, path, length);
    copy[length] = '\0';
}

void route_suggest(const struct route *routes, size_t count, const char *path,
                   char words[static ROUTE_SUGGESTION_SIZE])
{
    char end[PATH_MAX_LENGTH + 1];
    const struct route *best[SHOWN] = {NULL};
    size_t distances[SHOWN] = {FAR, FAR};
    copy_path(path, end);
    for (size_t i = 0; i < count; i++) {
        size_t distance = distance_of(routes[i].path, end);
        for (size_t k = 0; k < SHOWN; k++) {
            if (distance >= distances[k])
                continue;
            memmove(best + k + 1, best + k, (SHOWN - 1 - k) * sizeof *best);
            memmove(distances + k + 1, distances + k, (SHOWN - 1 - k) * sizeof *distances);
            best[k] = &routes[i];
            distances[k] = distance;
            break;
        }
    }
    if (!best[0])
        snprintf(words, ROUTE_SUGGESTION_SIZE, "POST /v1/chat/completions or GET /v1/models");
    else if (!best[1] || distances[0] == 0)
        snprintf(words, ROUTE_SUGGESTION_SIZE, "%s %s", best[0]->method, best[0]->path);
    else
        snprintf(words, ROUTE_SUGGESTION_SIZE, "%s %s or %s %s", best[0]->method, best[0]->path,
                 best[1]->method, best[1]->path);
}
