/* One wait for everything that can happen while a provider is answering. */
#ifndef PENSTOCK_RELAY_RELAY_WAIT_H
#define PENSTOCK_RELAY_RELAY_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct failure;
struct front;
struct upstream;

enum relay_event {
    RELAY_PROGRESS,    /* the provider's answer came on, or ended */
    RELAY_TIMEOUT,     /* the time given passed */
    RELAY_CLIENT_GONE, /* the client has left */
    RELAY_FAILED,      /* no more will come: a limit, the network, or we are told to end */
};

struct relay_wait {
    struct upstream *upstream;
    struct front *front;
    int client, stop; /* descriptors; -1: none */
    bool rested;      /* memory was given back */
};

/* `stop` becomes readable when the process is to end its exchange at once; -1: never. */
struct relay_wait relay_wait_open(struct upstream *upstream, struct front *front, int stop);

/* Waits up to `wait_us`, -1: as long as the upstream's limits allow. */
enum relay_event relay_wait(struct relay_wait *wait, int64_t wait_us, struct failure *why) MUST_CHECK;

#endif
