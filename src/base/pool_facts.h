/* What the process tower tells the request tower about itself, for /healthz. */
#ifndef POOL_FACTS_H
#define POOL_FACTS_H

struct pool_facts {
    unsigned workers, idle, busy, max_workers, generation;
};

#endif
