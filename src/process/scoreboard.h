/* What the workers of one generation are doing, in memory that they share with the master. */
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

/* An usher has taken a request and sees nobody else who could take the next. */
enum worker_state {
    WORKER_NONE,
    WORKER_STARTING,
    WORKER_IDLE,
    WORKER_BUSY,
    WORKER_LAST,
    WORKER_LEAVING,
    WORKER_STATES
};

/* For the worker, about its own row. Each of these allows a NULL board: then nobody keeps score. */
/* Ready to accept; from busy, one more request is served. The first time, it wakes the master. */
void scoreboard_idle(struct scoreboard *board, size_t row);
/* A request has come. Wakes the master when too few others are idle. */
void scoreboard_busy(struct scoreboard *board, size_t row);
/* Is this busy worker the last that was free, with all rows at work? Then it becomes the usher, until this is
 * false or it is busy again; `moved_us` is when another last took a request. */
bool scoreboard_is_last(struct scoreboard *board, size_t row, int64_t *moved_us);
/* Will accept no more. */
void scoreboard_leaving(struct scoreboard *board, size_t row);
/* For /healthz: what this generation looks like now; without a board, one busy worker. */
struct pool_facts scoreboard_facts(const struct scoreboard *board);

/* For the master. `wake` is a non-blocking eventfd(2), borrowed; workers write it when fewer than `min_spare`
 * are idle or starting. All rows are free. */
bool scoreboard_create(size_t rows, size_t min_spare, unsigned generation, int wake,
                       struct scoreboard **board, struct failure *why) MUST_CHECK;
void scoreboard_destroy(struct scoreboard *board);
/* The row of a worker that is about to be born: starting, nothing served. */
void scoreboard_assign(struct scoreboard *board, size_t row);
/* Frees the row of a worker that is no more. */
void scoreboard_release(struct scoreboard *board, size_t row);
/* Workers need not wake the master: it could do nothing for them. */
void scoreboard_suppress_wakes(struct scoreboard *board, bool muted);
/* The master is awake: the next worker in need wakes it again. */
void scoreboard_acknowledge_wake(struct scoreboard *board);

/* What a worker says about itself: a hint, to be logged or shown, never to be trusted. */
struct scoreboard_slot {
    enum worker_state state;
    uint64_t served;  /* requests finished */
    int64_t since_us; /* in this state since (clock_monotonic_us()) */
};
struct scoreboard_slot scoreboard_read(const struct scoreboard *board, size_t row);

#endif
