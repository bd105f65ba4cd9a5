/* Who may ask. */
#ifndef PENSTOCK_ROUTING_ACCESS_H
#define PENSTOCK_ROUTING_ACCESS_H

#include <stdbool.h>

#include "base/base.h"

struct client_settings;
struct failure;
struct request;
struct settings;

/* The client whose key the request shows or, without one, whose login the web server vouches for; NULL for
 * an anonymous one where access.anonymous allows it; else unauthorized. unsupported_media_type for a login
 * whose request could be a form on somebody's page. Needs the request's variables, not its body. */
bool access_check(const struct settings *settings, const struct request *request,
                  const struct client_settings **client, struct failure *why) MUST_CHECK;

#endif
