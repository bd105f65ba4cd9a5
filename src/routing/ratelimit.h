/* How it stands with a client's limits, as the client gets to know it. */
#ifndef STANDING_H
#define STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

struct client_limits;
struct failure;
struct reply;
struct standing;

/* True for a granted verdict; else limit_reached, or unavailable where it cannot be known. Verdicts about the
 * run are told in its own words elsewhere, and here only as a busy one. */
bool standing_allows(const struct standing *standing, struct failure *why) MUST_CHECK;

/* Adds the lines x-ratelimit-limit-requests, -remaining- and -reset-, and the same of tokens, of the limits
 * that there are. */
void standing_put(struct reply *reply, const struct standing *standing, const struct client_limits *limits);

#define WAIT_TEXT_SIZE 32

/* A time to wait as OpenAI's headers have it, "850ms", "12s", "1m3s", "3h0m5s"; seconds are rounded up. */
void standing_wait(int64_t ms, char text[static WAIT_TEXT_SIZE]);

#endif
