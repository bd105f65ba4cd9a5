/* The resources of a process that all its exchanges share. */
#ifndef PENSTOCK_BASE_SERVICES_H
#define PENSTOCK_BASE_SERVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool_facts.h"

struct ledger;
struct loop;
struct prices;
struct settings;
struct upstream;
struct upstream_hub;
struct usage_log;

struct services {
    const struct settings *settings;
    struct loop *loop;
    struct upstream_hub *hub;
    struct upstream *upstream; /* of the exchange that uses this struct */
    struct usage_log *usage_log;
    struct prices *prices;
    struct ledger *ledger;
    uint64_t *key_digests; /* of the providers' own keys, in the order of the settings; 0: not made yet */
    const bool *stop;      /* true when an exchange must end at once; its task is then woken. NULL: never */
    const char *mode;      /* "cgi", "worker" or "pool" */
    bool overloaded;       /* no other worker is free, so the next request is rejected */
    bool keep_connections; /* keep connections to providers for the next exchanges of this process */
    struct pool_facts (*pool_facts)(const void *context); /* NULL: the process is not part of a pool */
    /* Returns false if that slot of the pool is free. NULL as above. */
    bool (*pool_worker)(const void *context, size_t slot, struct pool_worker *worker);
    const void *pool_facts_context;
};

#endif
