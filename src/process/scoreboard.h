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

/* ---- for a worker, about its own slot; without a board (NULL) these do nothing ---- */

/* The worker can accept a request; if it was busy, one more request is served. The first call of a worker
 * wakes the master. */
void scoreboard_idle(struct scoreboard *board, size_t slot);

/* The worker has accepted a request. Wakes the master when too few others are idle. */
void scoreboard_busy(struct scoreboard *board, size_t slot);

/* Is no other worker left to accept the next request? With one slot or without a board: false. The worker is
 * WORKER_LAST while this is true. `*last_change_us` is when another worker last changed its state. */
bool scoreboard_is_last(struct scoreboard *board, size_t slot, int64_t *last_change_us);

/* Sleeps while scoreboard_is_last(), at most until `timeout_us` after another worker last changed its state.
 * True: another worker can accept the next request. False: the time is over, `stop` is readable or there is
 * no descriptor to wait with. */
bool scoreboard_wait_for_other(struct scoreboard *board, size_t slot, int64_t timeout_us, int stop);

/* The worker accepts no more requests. */
void scoreboard_leaving(struct scoreboard *board, size_t slot);

/* The counts for /healthz; without a board: one busy worker. */
struct pool_facts scoreboard_facts(const struct scoreboard *board);

/* ---- for the master ---- */

/* All slots are free. `wake` is a non-blocking eventfd(2), borrowed: a worker writes to it when fewer than
 * `min_spare` are idle or starting. */
bool scoreboard_create(size_t slots, size_t min_spare, unsigned generation, int wake,
                       struct scoreboard **board, struct failure *why) MUST_CHECK;
void scoreboard_destroy(struct scoreboard *board);

/* The slot of a worker that is about to be forked: starting, nothing served. */
void scoreboard_assign(struct scoreboard *board, size_t slot);

/* Frees the slot of a worker that has exited. */
void scoreboard_release(struct scoreboard *board, size_t slot);

/* While the master could not fork more workers anyway, they need not wake it. */
void scoreboard_suppress_wakes(struct scoreboard *board, bool suppressed);

/* The master is awake and will count: the next worker that sees too few idle ones wakes it again. */
void scoreboard_acknowledge_wake(struct scoreboard *board);

/* What a worker says about itself. Any process of the pool can write it: good for logs and decisions about
 * the pool's size, not for safety. */
struct scoreboard_slot {
    enum worker_state state;
    uint64_t served;  /* requests finished */
    int64_t since_us; /* in this state since (clock_monotonic_us()) */
};
struct scoreboard_slot scoreboard_read(const struct scoreboard *board, size_t slot);

#endif
