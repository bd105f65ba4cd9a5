/* The state of each worker of one generation, in memory that the workers share with the master. */
#ifndef PENSTOCK_PROCESS_SCOREBOARD_H
#define PENSTOCK_PROCESS_SCOREBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"
#include "base/pool_facts.h"

struct failure;
struct scoreboard;

enum worker_state {
    WORKER_NONE, /* the slot is free */
    WORKER_STARTING,
    WORKER_IDLE,    /* it can take another request */
    WORKER_BUSY,    /* it serves as many requests as a worker may */
    WORKER_LAST,    /* busy too: it has accepted a request, and no other worker is left to accept the next */
    WORKER_LEAVING, /* it accepts no more requests, and finishes those that run */
    WORKER_STATES
};

/* ---- for a worker, about its own slot; no effect without a board (NULL) ---- */

/* Marks the worker as ready to accept a request, unless it is leaving. If it serves a request, one has ended
 * and is counted. The first call of a worker wakes the master. */
void scoreboard_idle(struct scoreboard *board, size_t slot);

/* Counts a request that has begun, after which the worker can take another. */
void scoreboard_begin(struct scoreboard *board, size_t slot);

/* Counts a request that has begun and marks the worker as busy. Wakes the master if too few other workers are
 * idle. */
void scoreboard_busy(struct scoreboard *board, size_t slot);

/* True if no other worker is left to accept the next request; false with one slot or without a board. The
 * worker is WORKER_LAST while this is true. Sets `*last_change_us` to the time when another worker last
 * changed its state. */
bool scoreboard_is_last(struct scoreboard *board, size_t slot, int64_t *last_change_us);

/* True if there is never another worker. */
bool scoreboard_is_alone(const struct scoreboard *board);

/* Sleeps while scoreboard_is_last(), at most until `timeout_us` after another worker last changed its state.
 * Returns true if another worker can accept the next request; false if the time is over, `stop` is readable
 * or no descriptor is left to wait with. */
bool scoreboard_wait_for_other(struct scoreboard *board, size_t slot, int64_t timeout_us, int stop);

/* Marks a worker that is WORKER_LAST as busy again, because it refuses its request. */
void scoreboard_refuse(struct scoreboard *board, size_t slot);

/* Marks the worker as leaving, and wakes the master so that another can take its place. */
void scoreboard_finish(struct scoreboard *board, size_t slot);

/* The worker exits now: requests that it still served have ended. */
void scoreboard_leaving(struct scoreboard *board, size_t slot);

/* Where the worker stores since when its loop has been at work (loop_show_busy()). NULL without a board. */
_Atomic int64_t *scoreboard_busy_since(struct scoreboard *board, size_t slot);

/* Returns the fewest requests that another worker serves which can take one more; UINT_MAX if there is none.
 */
unsigned scoreboard_fewest(const struct scoreboard *board, size_t slot);

/* Stores the longest time for which something kept the worker's loop lately. */
void scoreboard_lag(struct scoreboard *board, size_t slot, int64_t lag_us);

/* Returns the counts for /healthz and /status; without a board, one busy worker. */
struct pool_facts scoreboard_facts(const struct scoreboard *board);
/* Returns false if the slot is free. */
bool scoreboard_worker(const struct scoreboard *board, size_t slot, struct pool_worker *worker);

/* ---- for the master ---- */

struct scoreboard_setup {
    size_t slots;
    size_t max_workers; /* that serve; slots beyond are for those that leave */
    size_t concurrency; /* requests that a worker serves at a time */
    size_t min_spare;   /* a worker writes to `wake` when fewer are idle or starting */
    unsigned generation;
    int wake; /* a non-blocking eventfd(2); borrowed */
};

/* Creates a board with all slots free. */
bool scoreboard_create(const struct scoreboard_setup *setup, struct scoreboard **board,
                       struct failure *why) MUST_CHECK;
void scoreboard_destroy(struct scoreboard *board);

/* Prepares the slot of a worker that is about to be forked: state starting, no requests served. */
void scoreboard_assign(struct scoreboard *board, size_t slot);

/* Frees the slot of a worker that has exited. */
void scoreboard_release(struct scoreboard *board, size_t slot);

/* Keeps workers from waking the master while it cannot fork more workers. */
void scoreboard_suppress_wakes(struct scoreboard *board, bool suppressed);

/* Called by the master before it counts the workers: the next worker that finds too few idle workers wakes it
 * again. */
void scoreboard_acknowledge_wake(struct scoreboard *board);

/* The state that a worker reports. Any process of the pool can write it, so it is reliable enough for logs
 * and the size of the pool, but not for safety. */
struct scoreboard_slot {
    enum worker_state state;
    unsigned running;      /* requests that it serves */
    uint64_t served;       /* requests finished */
    int64_t since_us;      /* clock_monotonic_us() when this state began */
    int64_t busy_since_us; /* since when its loop has been at work; 0: it waits for events */
};
struct scoreboard_slot scoreboard_read(const struct scoreboard *board, size_t slot);

#endif
