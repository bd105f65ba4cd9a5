/* libcurl's sockets and timers, waited for together with descriptors of our own. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_LOOP_H
#define PENSTOCK_UPSTREAM_UPSTREAM_LOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOP_SOCKETS 32 /* of the resolver, and of connections over two families of addresses */
#define LOOP_WATCHED 4

struct upstream_loop {
    void *multi;
    struct pollfd sockets[LOOP_SOCKETS];
    size_t count;
    int64_t
        due_us; /* clock_monotonic_us() when libcurl wants a turn; INT64_MAX: not before a socket is ready */
};

void upstream_loop_open(struct upstream_loop *loop, void *multi);

/* Gives libcurl a turn at once, to begin a transfer that was added. */
void upstream_loop_begin(struct upstream_loop *loop);

/* Sleeps until libcurl can go on, one of the `watched` descriptors (-1: none; at most LOOP_WATCHED) is
 * readable or `until_us` of clock_monotonic_us() has come, and gives libcurl its turn. True when a watched
 * one is readable. */
bool upstream_loop_wait(struct upstream_loop *loop, const int *watched, size_t count, int64_t until_us);

#endif
