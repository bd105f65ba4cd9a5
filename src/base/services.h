/* What a process holds for all the requests that it serves. */
#ifndef GATEWAY_H
#define GATEWAY_H

#include <stdbool.h>

#include "base/pool_facts.h"

struct ledger;
struct prices;
struct settings;
struct upstream;
struct usage_log;

struct gateway {
    const struct settings *settings;
    struct upstream *upstream;
    struct usage_log *usage_log;
    struct prices *prices;
    struct ledger *ledger;
    int stop;        /* readable: end what runs, with an error; -1: never */
    const char *way; /* "cgi", "worker" or "pool" */
    bool crowded;    /* nobody is free to wait for an answer: this request is refused */
    bool lasting;    /* more requests will come: connections are worth keeping */
    struct pool_facts (*facts)(const void *context); /* NULL: this process is alone */
    const void *facts_context;
};

#endif
