/* One wait for everything that can happen while a provider is answering. */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

struct failure;
struct front;
struct upstream;

enum watch_event {
    WATCH_MOVED,  /* the provider's answer came on, or ended */
    WATCH_QUIET,  /* the time given passed */
    WATCH_GONE,   /* the client has left */
    WATCH_FAILED, /* no more will come: a limit, the network, or we are told to end */
};

struct watch {
    struct upstream *upstream;
    struct front *front;
    int client, stop; /* descriptors; -1: none */
    bool rested;      /* memory was given back */
};

/* `stop` becomes readable when the process is to end its exchange at once; -1: never. */
struct watch watch_open(struct upstream *upstream, struct front *front, int stop);

/* Waits up to `wait_us`, -1: as long as the upstream's limits allow. */
enum watch_event watch_wait(struct watch *watch, int64_t wait_us, struct failure *why) MUST_CHECK;

#endif
