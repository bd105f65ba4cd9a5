/* The header lines that every answer bears (contract, section 3, "Response headers"). */
#ifndef PENSTOCK_PROTOCOL_RESPONSE_HEADERS_H
#define PENSTOCK_PROTOCOL_RESPONSE_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"

struct client_limits;
struct response;
struct response_head;
struct quota_status;

struct response_headers {
    const char *request_id, *provider, *model; /* NULL where not known */
    const char *stale;                         /* providers whose models may be others by now */
    size_t attempts;
    const struct response_head *head;        /* of the provider; NULL: none was asked */
    bool refused;                            /* the failure says itself when to come back */
    struct secrets secrets;                  /* a provider may echo them anywhere */
    const struct quota_status *quota_status; /* of a client with these limits; NULL: it has none */
    const struct client_limits *limits;
};

/* Adds them; of the provider's own only delays, rate limits and its request id. A client with limits is told
 * of those instead of the provider's, which are on all of our requests together. */
void response_headers_put(struct response *response, const struct response_headers *headers);

#endif
