/* What /healthz, /status and /metrics report about a pool of workers. */
#ifndef PENSTOCK_BASE_POOL_FACTS_H
#define PENSTOCK_BASE_POOL_FACTS_H

#include <stddef.h>
#include <stdint.h>

struct pool_facts {
    unsigned workers, idle, busy, max_workers, generation;
    unsigned slots;             /* for the numbers of workers, from 0 */
    unsigned with_room;         /* workers that can take another request */
    unsigned requests;          /* that the workers serve now */
    unsigned long max_requests; /* that max_workers could serve at a time */
    int64_t loop_lag_us;        /* the longest of all workers */
};

struct pool_worker {
    size_t number;     /* its slot; a worker that replaces another has the same */
    unsigned requests; /* that it serves now */
    uint64_t served;   /* requests that it has finished */
    int64_t loop_lag_us;
};

#endif
