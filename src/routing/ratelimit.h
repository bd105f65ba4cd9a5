/* How it stands with a client's limits, as the client gets to know it. */
#ifndef PENSTOCK_ROUTING_RATELIMIT_H
#define PENSTOCK_ROUTING_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct client_limits;
struct failure;
struct response;
struct quota_status;

/* True for a granted verdict; else limit_reached, or unavailable where it cannot be known. Verdicts about the
 * run are told in its own words elsewhere, and here only as a busy one. */
bool quota_check(const struct quota_status *quota_status, struct failure *why) MUST_CHECK;

/* Adds the lines x-ratelimit-limit-requests, -remaining- and -reset-, and the same of tokens, of the limits
 * that there are. */
void ratelimit_headers_put(struct response *response, const struct quota_status *quota_status,
                           const struct client_limits *limits);

#define DURATION_TEXT_SIZE 32

/* A time to wait as OpenAI's headers have it, "850ms", "12s", "1m3s", "3h0m5s"; seconds are rounded up. */
void duration_format(int64_t ms, char text[static DURATION_TEXT_SIZE]);

#endif
