/* Prevents libcurl from sending a request twice. */
#ifndef PENSTOCK_UPSTREAM_SEND_GUARD_INTERNAL_H
#define PENSTOCK_UPSTREAM_SEND_GUARD_INTERNAL_H

#include <curl/curl.h>
#include <stdbool.h>

struct upstream_hub;

/* Records whether a request was sent, and whether libcurl wanted to send it again. */
struct send_guard {
    bool active; /* the request must not be sent twice, and libcurl could do so */
    bool sent, refused;
    struct upstream_hub *hub; /* learns of each new connection */
};

/* Makes libcurl report its sockets to `guard`, and consult it before it sends. Returns false if this libcurl
 * is too old to consult. Both `guard` and its sockets must outlive the connections. */
bool send_guard_watch(struct send_guard *guard, CURL *easy);

#endif
