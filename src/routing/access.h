/* Authenticates the client of a request. */
#ifndef PENSTOCK_ROUTING_ACCESS_H
#define PENSTOCK_ROUTING_ACCESS_H

#include <stdbool.h>

#include "base/base.h"

struct client_settings;
struct failure;
struct request;
struct settings;

/* Finds the client by the key of the request or, without a key, by the login that the web server has
 * verified; NULL for an anonymous request if access.anonymous allows it. Fails with unauthorized, or with
 * unsupported_media_type if the request has a login and could come from a form on another site (CSRF). Does
 * not read the body. */
bool access_check(const struct settings *settings, const struct request *request,
                  const struct client_settings **client, struct failure *why) MUST_CHECK;

#endif
