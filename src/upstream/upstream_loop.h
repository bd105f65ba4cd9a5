/* libcurl's sockets and timers, waited for together with descriptors of our own. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_LOOP_H
#define PENSTOCK_UPSTREAM_UPSTREAM_LOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOP_SOCKETS 32 /* a name server's, and those of a connection over two families of addresses */
#define LOOP_WATCHED 4

struct upstream_loop {
    void *multi;
    struct pollfd sockets[LOOP_SOCKETS];
    size_t count;
    int64_t due_us; /* clock_monotonic_us() when libcurl wants a turn; INT64_MAX: not before a socket moves */
};

void upstream_loop_open(struct upstream_loop *loop, void *multi);

/* Gives libcurl a turn at once: it goes on with what was added. */
void upstream_loop_begin(struct upstream_loop *loop);

/* Sleeps until something can be done, gives libcurl its turn, and tells whether one of `watched` (-1: none;
 * LOOP_WATCHED at the most) is readable. INT64_MAX: no time of our own. */
bool upstream_loop_wait(struct upstream_loop *loop, const int *watched, size_t count, int64_t until_us);

#endif
