/* Finds requests for paths of a provider that have no route, and decides who may send them. */
#ifndef PENSTOCK_ROUTING_PASSTHROUGH_H
#define PENSTOCK_ROUTING_PASSTHROUGH_H

#include <stdbool.h>

#include "base/base.h"

struct client_settings;
struct failure;
struct request;
struct route;

/* Makes a route for a path under /v1/, in the arena of the request. Its `upstream` is the path and the query
 * for the provider, byte for byte, with a slash first; its `path` is the first part only, for the usage
 * record:
 * "/v1/files". Returns false if the request has no such path. */
bool passthrough_find(const struct request *request, const struct route **route) MUST_CHECK;

/* Fails with method_not_allowed for OPTIONS, which is never passed on, and for methods that are none of
 * HTTP's usual ones. */
bool passthrough_check_method(const struct request *request, const struct route *route,
                              struct failure *why) MUST_CHECK;

/* Checks whether the client (NULL: anonymous) may send the request. Fails with not_found if the client's
 * entry does not say so, or if the path is another spelling of a route; with forbidden if the client has a
 * limit that this request would evade; with bad_request if servers could understand the path in different
 * ways. */
bool passthrough_check(const struct request *request, const struct route *route,
                       const struct client_settings *client, struct failure *why) MUST_CHECK;

/* True if a request of this method has a body, even if an empty one (RFC 9110, 9.3). */
bool passthrough_needs_body(const struct request *request);

/* True if a failed request may be sent again: the method changes nothing (RFC 9110, 9.2.1). */
bool passthrough_is_safe(const struct request *request);

#endif
