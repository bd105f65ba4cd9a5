/* Reports the limits of a client in its responses. */
#ifndef PENSTOCK_ROUTING_RATELIMIT_H
#define PENSTOCK_ROUTING_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct client_limits;
struct failure;
struct response;
struct quota_status;

/* True if the request is granted; otherwise fails with limit_reached, or unavailable if the ledger is
 * unreachable. run_check() must come first: it has the messages for verdicts about a run. */
bool quota_check(const struct quota_status *quota_status, struct failure *why) MUST_CHECK;

/* Adds the headers x-ratelimit-limit-requests, -remaining- and -reset-, and the same for tokens, for the
 * limits that are set. */
void ratelimit_headers_put(struct response *response, const struct quota_status *quota_status,
                           const struct client_limits *limits);

#define DURATION_TEXT_SIZE 32

/* Formats a time as in OpenAI's headers: "850ms", "12s", "1m3s", "3h0m5s"; seconds are rounded up. */
void duration_format(int64_t ms, char text[static DURATION_TEXT_SIZE]);

#endif
