/* Accepts the connections of a worker. Several workers share the listening socket. */
#ifndef PENSTOCK_FRONT_ACCEPTOR_H
#define PENSTOCK_FRONT_ACCEPTOR_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_watch;

struct acceptor {
    int listener; /* borrowed; made non-blocking */
};

/* Ends the process if the socket cannot be made non-blocking. */
void acceptor_open(struct acceptor *acceptor, int listener);

/* Watches the socket. Whatever the event, its handler calls acceptor_accept(). Returns false if the kernel
 * refuses. */
bool acceptor_watch(const struct acceptor *acceptor, struct loop *loop, struct loop_watch *watch);

/* Returns a connection, close-on-exec, which the caller closes. Returns -1 and sets errno on failure: EAGAIN
 * if another worker was faster, EINVAL if the socket was shut down, other errors as in accept(2). `events`
 * are those of the watch. */
int acceptor_accept(const struct acceptor *acceptor, uint32_t events);

#endif
