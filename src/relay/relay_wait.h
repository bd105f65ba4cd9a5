/* Waits for the next event while a provider is answering. */
#ifndef PENSTOCK_RELAY_RELAY_WAIT_H
#define PENSTOCK_RELAY_RELAY_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct failure;
struct front;
struct upstream;

enum relay_event {
    RELAY_PROGRESS,    /* more of the provider's answer has arrived, or its end */
    RELAY_TIMEOUT,     /* the given time has passed */
    RELAY_CLIENT_GONE, /* the client has left */
    RELAY_FAILED,      /* the answer ended early: a limit, a network error, or the process must stop */
};

/* The sources that a wait watches. */
struct relay_wait {
    struct upstream *upstream;
    struct front *front;
    int client, stop;     /* descriptors; -1: none */
    bool memory_returned; /* done in the first long wait */
};

/* `stop` becomes readable when the process must end its exchange at once; -1: never. */
struct relay_wait relay_wait_open(struct upstream *upstream, struct front *front, int stop);

/* Waits up to `wait_us` microseconds; -1: as long as the upstream's limits allow. Stores the cause of
 * RELAY_FAILED in `why`. */
enum relay_event relay_wait(struct relay_wait *wait, int64_t wait_us, struct failure *why) MUST_CHECK;

#endif
