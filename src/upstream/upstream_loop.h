/* Waits for libcurl's sockets and timers together with descriptors of the gateway. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_LOOP_H
#define PENSTOCK_UPSTREAM_UPSTREAM_LOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOP_SOCKETS 32 /* sockets of the resolver and of connections over IPv4 and IPv6 */
#define LOOP_WATCHED 4

struct upstream_loop {
    void *multi;
    struct pollfd sockets[LOOP_SOCKETS];
    size_t count;
    int64_t due_us; /* clock_monotonic_us() when libcurl's timer expires; INT64_MAX: no timer */
};

void upstream_loop_open(struct upstream_loop *loop, void *multi);

/* Runs libcurl at once, to begin a transfer that was added. */
void upstream_loop_begin(struct upstream_loop *loop);

/* Sleeps until libcurl can continue, one of the `watched` descriptors (-1: none; at most LOOP_WATCHED) is
 * readable or clock_monotonic_us() reaches `until_us`, then runs libcurl. Returns true if a watched
 * descriptor is readable. */
bool upstream_loop_wait(struct upstream_loop *loop, const int *watched, size_t count, int64_t until_us);

#endif
