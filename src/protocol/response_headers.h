/* Adds the headers of every response (contract, section 3, "Response headers"). */
#ifndef PENSTOCK_PROTOCOL_RESPONSE_HEADERS_H
#define PENSTOCK_PROTOCOL_RESPONSE_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"

struct client_limits;
struct response;
struct response_head;
struct quota_status;

struct response_headers {
    const char *request_id, *provider, *model; /* NULL: unknown */
    const char *stale; /* providers whose model list is from an outdated cache; NULL: none */
    size_t attempts;
    bool anthropic;                          /* the client reads the request id in Anthropic's header */
    int64_t started_us;                      /* clock_monotonic_us() when the request arrived */
    const struct response_head *head;        /* of the provider's answer; NULL: no provider was asked */
    const char *cost_header;                 /* name of the header with the cost; NULL or "": none */
    int64_t cost;                            /* in billionths of a USD; COST_UNKNOWN: no header */
    bool refused;                            /* the error response has its own Retry-After */
    struct secrets secrets;                  /* redacted from the provider's headers */
    const struct quota_status *quota_status; /* of a client with limits; NULL: no limits */
    const struct client_limits *limits;
};

/* Adds the headers. Server-Timing (W3C) has the time until the response began, and the times of the
 * connection and of the first byte if a provider has answered. Of the provider's headers, only delays, rate
 * limits and the request id are passed on. A client with limits gets its own rate-limit headers instead of
 * the provider's, which apply to all clients together. */
void response_headers_put(struct response *response, const struct response_headers *headers);

#endif
