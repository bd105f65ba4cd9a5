/* The resources of a process that all its exchanges share. */
#ifndef PENSTOCK_BASE_SERVICES_H
#define PENSTOCK_BASE_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/pool_facts.h"

struct ledger;
struct prices;
struct settings;
struct upstream;
struct usage_log;

struct services {
    const struct settings *settings;
    struct upstream *upstream;
    struct usage_log *usage_log;
    struct prices *prices;
    struct ledger *ledger;
    uint64_t *key_digests; /* of the providers' own keys, in the order of the settings; 0: not made yet */
    int stop;              /* descriptor that is readable when an exchange must end at once; -1: none */
    const char *mode;      /* "cgi", "worker" or "pool" */
    bool overloaded;       /* no other worker is free, so the next request is rejected */
    bool keep_connections; /* keep connections to providers for the next exchanges of this process */
    struct pool_facts (*pool_facts)(const void *context); /* NULL: the process is not part of a pool */
    const void *pool_facts_context;
};

#endif
