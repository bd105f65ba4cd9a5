/* Waits for the next connection of a worker. Several workers share the listening socket. */
#ifndef PENSTOCK_FRONT_ACCEPTOR_H
#define PENSTOCK_FRONT_ACCEPTOR_H

#include <stdbool.h>

struct acceptor {
    int listener; /* borrowed; made non-blocking */
    int epoll;    /* created by this process, not inherited */
};

/* Must be called after fork(), because an epoll instance that two processes share may wake the wrong process.
 * Ends the process if no descriptor is left. */
void acceptor_open(struct acceptor *acceptor, int listener);

/* Makes acceptor_accept() also return when `descriptor` is readable. */
void acceptor_watch(const struct acceptor *acceptor, int descriptor);

/* Returns a connection, blocking and close-on-exec, which the caller closes. Returns -1 and sets errno on
 * failure: EAGAIN if no connection came within a second or a watched descriptor is readable, EINVAL if the
 * socket was shut down, other errors as in accept(2). Sets `*watched_readable` if a watched descriptor is
 * readable, even if a connection is returned. */
int acceptor_accept(const struct acceptor *acceptor, bool *watched_readable);

void acceptor_close(struct acceptor *acceptor);

#endif
