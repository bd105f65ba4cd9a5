/* How many workers to fork or retire: decisions only, no processes. */
#ifndef PENSTOCK_PROCESS_POOL_H
#define PENSTOCK_PROCESS_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool_limits {
    size_t min_spare, max_spare, max_workers;
};

struct pool_counts {
    size_t starting, idle, busy, leaving;
};

/* What one decision leaves for the next. Starts zeroed. */
struct pool_history {
    size_t batch; /* how many to fork when no worker is idle */
    bool full;    /* all workers were busy at max_workers, and the log says so */
};

struct pool_plan {
    size_t fork, retire;
    bool suppress_wakes; /* no more workers could be forked if a worker asked for them */
    bool log_full;       /* from now on no worker is free and no more can be forked */
    bool log_relief;     /* that is over */
};

/* What to do now. `tick`: a second has passed; only then workers are retired and the batch is reset. */
struct pool_plan pool_decide(struct pool_limits limits, struct pool_counts counts, bool tick,
                             struct pool_history *history);

/* How quickly dead workers are replaced: the first few at once, then ever more slowly. Starts zeroed. */
struct pool_throttle {
    unsigned streak; /* deaths without ten calm seconds between them */
    int64_t last_us, delay_us, until_us;
};

/* A worker died unexpectedly. Times are clock_monotonic_us(). True if this begins a delay. */
bool pool_note_death(struct pool_throttle *throttle, int64_t now_us);

/* Microseconds until the next fork is allowed; 0: now. */
int64_t pool_fork_delay(const struct pool_throttle *throttle, int64_t now_us);

#endif
