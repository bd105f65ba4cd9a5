/* Decides how many workers to fork or retire. It does not touch processes itself. */
#ifndef PENSTOCK_PROCESS_POOL_H
#define PENSTOCK_PROCESS_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings;

struct pool_limits {
    size_t min_spare, max_spare, max_workers;
    size_t concurrency; /* requests that a worker serves at a time; 0 counts as 1 */
    size_t workers;     /* if it serves several: how many workers there are while they suffice */
};

struct pool_counts {
    size_t starting, idle, busy, leaving;
    /* Only for workers that serve several requests at a time, of which those that have room count as idle: */
    size_t computing; /* they have room, but something has kept their loops for a while */
    size_t empty;     /* those of the idle ones that serve no request */
    size_t requests;  /* that the idle and busy ones serve */
};

/* `fixed` is the number of workers that does not change, or 0: the settings say how many there may be. */
size_t pool_max_workers(const struct settings *settings, size_t fixed);

/* How many workers may live in a generation, with those that leave while others take their places. */
size_t pool_slots(const struct settings *settings, size_t fixed);

/* `older` workers of older generations and `leaving` ones of the newest are alive. */
struct pool_limits pool_find_limits(const struct settings *settings, size_t fixed, size_t older,
                                    size_t leaving);

/* How many workers a new generation begins with if the last one has `last`. */
size_t pool_first_workers(struct pool_limits limits, size_t last);

/* The state that one decision keeps for the next. Must be zeroed at first. */
struct pool_history {
    size_t batch; /* number of workers to fork when no worker is idle */
    bool full;    /* all workers were busy at max_workers, and this was logged */
};

struct pool_plan {
    size_t fork, retire;
    bool suppress_wakes; /* a wake would be useless, because no more workers can be forked */
    bool log_full;       /* to be logged: no worker is free and no more can be forked */
    bool log_relief;     /* to be logged: workers are free again */
};

/* Decides how many workers to fork or retire now. `tick` is true once a second; only then workers are retired
 * and the batch is reset. */
struct pool_plan pool_decide(struct pool_limits limits, struct pool_counts counts, bool tick,
                             struct pool_history *history);

/* Delays the replacement of dead workers: the first few are replaced at once, later ones more and more
 * slowly. Must be zeroed at first. */
struct pool_throttle {
    unsigned streak; /* deaths without ten calm seconds between them */
    int64_t last_us, delay_us, until_us;
};

/* Records that a worker died unexpectedly. Times are clock_monotonic_us(). Returns true if a delay begins. */
bool pool_note_death(struct pool_throttle *throttle, int64_t now_us);

/* Returns the microseconds until the next fork is allowed, 0 if it is allowed now. */
int64_t pool_fork_delay(const struct pool_throttle *throttle, int64_t now_us);

#endif
