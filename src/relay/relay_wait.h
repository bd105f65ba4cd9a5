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

/* The sources of events. */
struct relay_wait {
    struct upstream *upstream;
    struct front *front;
    const bool *stop;
    bool client_lost; /* the client has left, and the answer is read on without it */
};

/* `*stop` becomes true when the exchange must end at once, and its task is then woken; NULL: never. */
struct relay_wait relay_wait_open(struct upstream *upstream, struct front *front, const bool *stop);

/* Waits up to `wait_us` microseconds; -1: as long as the upstream's limits allow. Stores the cause of
 * RELAY_FAILED in `why`. */
enum relay_event relay_wait(struct relay_wait *wait, int64_t wait_us, struct failure *why) MUST_CHECK;

#endif
