/* Authenticates the client of a request. */
#ifndef PENSTOCK_ROUTING_ACCESS_H
#define PENSTOCK_ROUTING_ACCESS_H

#include <stdbool.h>

#include "base/base.h"

struct arena;
struct client_settings;
struct failure;
struct request;
struct route;
struct settings;

/* Finds the client by the key of the request or, without a key, by the login that the web server has
 * verified; NULL for an anonymous request if access.anonymous allows it. Fails with unauthorized, or for a
 * request without a key as origin_check() does. Does not read the body. */
bool access_check(const struct settings *settings, const struct request *request, const struct route *route,
                  const struct client_settings **client, struct failure *why) MUST_CHECK;

/* Returns the name under which the requests from an address are counted: the address itself if it is IPv4,
 * also within IPv6; of an IPv6 address the network of 64 bits, which is what a customer gets (RFC 6177). All
 * requests without a usable address count together. */
const char *access_address(struct arena *arena, const char *address);

#endif
