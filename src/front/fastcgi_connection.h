/* A FastCGI connection in the event loop: libfcgi's reads and writes of it wait in the loop. */
#ifndef PENSTOCK_FRONT_FASTCGI_CONNECTION_H
#define PENSTOCK_FRONT_FASTCGI_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop/loop.h"

struct fastcgi_connection {
    struct loop_watch watch;
    struct loop *loop;
    struct task *task; /* to wake when the connection is ready */
    int descriptor;    /* -1: the connection is closed */
    int flags;         /* of recv() and send() */
    bool writing;      /* a write waits */
    uint32_t watched;  /* the events for which epoll has the connection */
    uint32_t ready;    /* events that have come and have not been used up */
    int64_t read_timeout_us, write_timeout_us;
    size_t read_now; /* bytes read since the task last waited */
};

/* True if libfcgi has called both our OS_Read() and our OS_Write() since the last call. */
bool fastcgi_connection_was_called(void);

/* Reads and writes of `descriptor` wait in the loop from now on, for `timeout_us` at most; if it `blocks`,
 * they wait in the kernel. The struct must stay where it is. */
void fastcgi_connection_open(struct fastcgi_connection *connection, struct loop *loop, int descriptor,
                             int64_t timeout_us, bool blocks);

/* Call it right before the descriptor is closed, which takes it out of epoll, or right after. Without effect
 * on a connection that is not open. */
void fastcgi_connection_close(struct fastcgi_connection *connection);

/* Wakes the task when the client leaves. Returns false if the kernel refuses. */
bool fastcgi_connection_watch(struct fastcgi_connection *connection);

/* Waits for one of the events. Returns false after the timeout. */
bool fastcgi_connection_wait(struct fastcgi_connection *connection, uint32_t events);

#endif
