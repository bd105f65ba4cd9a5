/* How many workers there should be: decisions only, no processes. */
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

/* What the pool remembers from one decision to the next. Starts zeroed. */
struct pool_history {
    size_t batch; /* how many to fork when nobody is idle */
    bool full;    /* nobody was free at the maximum, and it has been said */
};

struct pool_plan {
    size_t fork, retire;
    bool mute;       /* more wishes of the workers cannot be met */
    bool log_full;   /* nobody is free and there is no room for more, since now */
    bool log_relief; /* that is over */
};

/* What to do now. `tick`: a second has passed; only then workers are retired and the batch calms down. */
struct pool_plan pool_decide(struct pool_limits limits, struct pool_counts counts, bool tick,
                             struct pool_history *memory);

/* Abnormal deaths: the first few are replaced at once, a storm of them ever more slowly. Starts zeroed. */
struct pool_throttle {
    unsigned streak; /* deaths without ten calm seconds between them */
    int64_t last_us, wait_us, until_us;
};

/* One died that should not have. Times are clock_monotonic_us(). True when this begins a wait.
 */
bool pool_note_death(struct pool_throttle *throttle, int64_t now_us);

/* Microseconds until the next fork is allowed; 0: now. */
int64_t pool_fork_delay(const struct pool_throttle *throttle, int64_t now_us);

#endif
