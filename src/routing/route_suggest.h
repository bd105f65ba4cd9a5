/* Names the routes that are nearest to a path without a route. */
#ifndef PENSTOCK_ROUTING_ROUTE_SUGGEST_H
#define PENSTOCK_ROUTING_ROUTE_SUGGEST_H

#include <stddef.h>

struct route;

#define ROUTE_SUGGESTION_SIZE 160

/* Writes the nearest routes, "POST /v1/chat/completions or GET /v1/models", or the two usual ones if none is
 * near. `path` may have any prefix and has no query. */
void route_suggest(const struct route *routes, size_t count, const char *path,
                   char words[static ROUTE_SUGGESTION_SIZE]);

#endif
