/* Which connection is due next: a binary heap. */
#ifndef UPSTREAM_TIMERS_H
#define UPSTREAM_TIMERS_H

#include <stdint.h>

struct connection;

/* Microseconds since an arbitrary start (CLOCK_MONOTONIC). */
int64_t now_us(void);

/* Wakes the connection at `due_us`; a later call moves it. */
void timers_set(struct connection *connection, int64_t due_us);
void timers_clear(struct connection *connection);

/* Removes and returns the next connection that is due; NULL: none. */
struct connection *timers_next(int64_t now);

/* Milliseconds until the next is due, rounded up; -1: no timer is set. */
int timers_wait_ms(int64_t now);

#endif
