/* What a process holds for all the requests that it serves. */
#ifndef PENSTOCK_BASE_SERVICES_H
#define PENSTOCK_BASE_SERVICES_H

#include <stdbool.h>

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
    int stop;              /* readable: end what runs, with an error; -1: never */
    const char *mode;      /* "cgi", "worker" or "pool" */
    bool overloaded;       /* nobody is free to wait for an answer: this request is refused */
    bool keep_connections; /* more requests will come: connections are worth keeping */
    struct pool_facts (*facts)(const void *context); /* NULL: this process is alone */
    const void *facts_context;
};

#endif
