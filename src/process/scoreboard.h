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
    WORKER_IDLE,
    WORKER_BUSY,
    WORKER_LAST, /* busy too: it has accepted a request, and no other worker is left to accept the next */
    WORKER_LEAVING,
    WORKER_STATES
};

/* ---- for a worker, about its own slot; no effect without a board (NULL) ---- */

/* Marks the worker as ready to accept a request. If it was busy, its count of served requests is incremented.
 * The first call of a worker wakes the master. */
void scoreboard_idle(struct scoreboard *board, size_t slot);

/* Marks the worker as busy with a request. Wakes the master if too few other workers are idle. */
void scoreboard_busy(struct scoreboard *board, size_t slot);

/* True if no other worker is left to accept the next request; false with one slot or without a board. The
 * worker is WORKER_LAST while this is true. Sets `*last_change_us` to the time when another worker last
 * changed its state. */
bool scoreboard_is_last(struct scoreboard *board, size_t slot, int64_t *last_change_us);

/* Sleeps while scoreboard_is_last(), at most until `timeout_us` after another worker last changed its state.
 * Returns true if another worker can accept the next request; false if the time is over, `stop` is readable
 * or no descriptor is left to wait with. */
bool scoreboard_wait_for_other(struct scoreboard *board, size_t slot, int64_t timeout_us, int stop);

/* Marks the worker as leaving: it accepts no more requests. */
void scoreboard_leaving(struct scoreboard *board, size_t slot);

/* Returns the counts for /healthz; without a board, one busy worker. */
struct pool_facts scoreboard_facts(const struct scoreboard *board);

/* ---- for the master ---- */

/* Creates a board with all slots free. `wake` is a non-blocking eventfd(2), borrowed; a worker writes to it
 * when fewer than `min_spare` workers are idle or starting. */
bool scoreboard_create(size_t slots, size_t min_spare, unsigned generation, int wake,
                       struct scoreboard **board, struct failure *why) MUST_CHECK;
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
    uint64_t served;  /* requests finished */
    int64_t since_us; /* clock_monotonic_us() when this state began */
};
struct scoreboard_slot scoreboard_read(const struct scoreboard *board, size_t slot);

#endif
