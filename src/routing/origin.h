/* Decides about requests that browsers send for web pages (Fetch standard, "CORS protocol"). */
#ifndef PENSTOCK_ROUTING_ORIGIN_H
#define PENSTOCK_ROUTING_ORIGIN_H

#include <stdbool.h>

#include "base/base.h"

struct failure;
struct request;
struct response;
struct route;
struct settings;

/* Adds the headers by which a page of a listed origin may read the response. Without the setting
 * access.origins it adds none. Called before any other header, so that these always fit. */
void origin_put_headers(const struct settings *settings, const struct request *request,
                        struct response *response);

/* True if the request asks whether a page may send another one (a preflight), and access.origins is set. */
bool origin_is_preflight(const struct settings *settings, const struct request *request);

/* Adds what the page may send to the response to a preflight, after origin_put_headers(). Adds nothing if the
 * origin is not listed. */
void origin_put_permission(const struct settings *settings, const struct request *request,
                           struct response *response);

/* Checks a request without a key, which a page of any site could make a browser send, with the login of the
 * person in front of it if `has_login`. Fails with forbidden if another site has caused it, and with
 * unsupported_media_type if it is a POST that a form on another site could have sent. */
bool origin_check(const struct settings *settings, const struct request *request, const struct route *route,
                  bool has_login, struct failure *why) MUST_CHECK;

#endif
