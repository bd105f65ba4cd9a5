/* Where a worker waits for its next connection, beside others that wait at the same socket. */
#ifndef PENSTOCK_FRONT_ACCEPTOR_H
#define PENSTOCK_FRONT_ACCEPTOR_H

#include <stdbool.h>

struct acceptor {
    int listener; /* the caller's; not blocking from now on */
    int waiting;  /* an epoll instance of this process alone */
};

/* To be called after fork(): an epoll instance that two processes share wakes the wrong one. Ends the process
 * when the system has no descriptor left for it. */
void acceptor_open(struct acceptor *acceptor, int listener);

/* From now on `descriptor` ends the wait as soon as it is readable. */
void acceptor_watch(const struct acceptor *acceptor, int descriptor);

/* A connection, blocking and close-on-exec, the caller's to close; or -1 with errno: EAGAIN when none came
 * within a second or a watched descriptor called, EINVAL when the socket was shut down, else what accept(2)
 * says. `*called`: one of the watched is readable, also when a connection came. */
int acceptor_take(const struct acceptor *acceptor, bool *called);

void acceptor_close(struct acceptor *acceptor);

#endif
