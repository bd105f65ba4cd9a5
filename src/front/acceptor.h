/* How a worker waits for its next connection, together with others at the same listening socket. */
#ifndef PENSTOCK_FRONT_ACCEPTOR_H
#define PENSTOCK_FRONT_ACCEPTOR_H

#include <stdbool.h>

struct acceptor {
    int listener; /* borrowed; made non-blocking */
    int epoll;    /* an instance of this process alone */
};

/* Call it after fork(): an epoll instance that two processes share may wake the wrong one. Ends the process
 * if no descriptor is left. */
void acceptor_open(struct acceptor *acceptor, int listener);

/* From now on the wait also ends when `descriptor` is readable. */
void acceptor_watch(const struct acceptor *acceptor, int descriptor);

/* A connection, blocking and close-on-exec, the caller's to close; or -1 with errno: EAGAIN if none came
 * within a second or a watched descriptor is readable, EINVAL if the socket was shut down, else as accept(2).
 * `*watched_readable`: a watched descriptor is readable; also set with a connection. */
int acceptor_accept(const struct acceptor *acceptor, bool *watched_readable);

void acceptor_close(struct acceptor *acceptor);

#endif
