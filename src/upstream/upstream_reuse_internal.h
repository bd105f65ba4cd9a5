/* Decides which connections are not used for another request. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_REUSE_INTERNAL_H
#define PENSTOCK_UPSTREAM_UPSTREAM_REUSE_INTERNAL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

struct response_head;

#define KEPT_SOCKETS 16

/* The sockets of all connections, to providers or their proxies. */
struct kept_sockets {
    curl_socket_t sockets[KEPT_SOCKETS];
    size_t count;
};

void kept_sockets_add(struct kept_sockets *kept, curl_socket_t socket);

/* Closes a socket; `context` is the struct kept_sockets (CURLOPT_CLOSESOCKETFUNCTION). */
int kept_sockets_close(void *context, curl_socket_t socket);

/* Prepares a transfer. Ends the connections on which bytes have come although no request waited for an
 * answer; after that, and if `fresh` is true, the transfer gets a new connection. */
void reuse_begin(CURL *easy, const struct kept_sockets *kept, bool fresh);

/* Closes the connection after an answer that names two lengths, or one beside a transfer coding: where it
 * ends is a matter of opinion (RFC 9112, 6.3). Also after one that goes on after its last chunk. Called once
 * the headers have come. */
void reuse_judge_length(CURL *easy, const struct response_head *head);

#endif
