/* What /healthz reports about a pool of workers. */
#ifndef PENSTOCK_BASE_POOL_FACTS_H
#define PENSTOCK_BASE_POOL_FACTS_H

struct pool_facts {
    unsigned workers, idle, busy, max_workers, generation;
};

#endif
