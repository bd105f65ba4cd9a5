/* Decides which connections are not used for another request. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_REUSE_INTERNAL_H
#define PENSTOCK_UPSTREAM_UPSTREAM_REUSE_INTERNAL_H

#include <curl/curl.h>
#include <stdbool.h>

struct response_head;

/* Prepares a transfer; if `fresh` is true, it gets a new connection. */
void reuse_begin(CURL *easy, bool fresh);

/* Closes the connection after an answer that names two lengths, or one beside a transfer coding: where it
 * ends is a matter of opinion (RFC 9112, 6.3). Also after one that goes on after its last chunk. Called once
 * the headers have come. */
void reuse_judge_length(CURL *easy, const struct response_head *head);

#endif
