/* libcurl's multi handle of a process, whose sockets and timer are in the event loop. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_HUB_INTERNAL_H
#define PENSTOCK_UPSTREAM_UPSTREAM_HUB_INTERNAL_H

#include <curl/curl.h>
#include <stdbool.h>

struct upstream_hub;

/* A transfer in the hub; struct upstream has one. */
struct hub_transfer {
    CURL *easy;
    bool is_paused; /* the exchange has bytes of the answer to read first */
    void (*done)(struct hub_transfer *transfer, CURLcode code); /* called on the loop's stack, once */
};

/* Adds the transfer to the multi handle; libcurl begins with it in the next turn of the loop. */
void hub_add(struct upstream_hub *hub, struct hub_transfer *transfer);

/* Lets libcurl begin at once, without a loop. */
void hub_begin(struct upstream_hub *hub);

/* Takes it out. done() is not called any more. A connection whose transfer has not ended is closed. */
void hub_remove(struct upstream_hub *hub, struct hub_transfer *transfer);

/* Called for each new socket of a connection. */
void hub_note_connection(struct upstream_hub *hub, curl_socket_t descriptor);

/* Makes libcurl close its sockets through the hub, which stops watching them. For every easy handle. */
void hub_own_sockets(struct upstream_hub *hub, CURL *easy);

#endif
