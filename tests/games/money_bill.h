/* The provider of the money game, and the bill that it keeps. */
#ifndef GAMES_MONEY_BILL_H
#define GAMES_MONEY_BILL_H

#include <stdbool.h>
#include <stdint.h>

#include "money_request.h"

/* What the provider generated for a request. */
struct money_bill {
    uint8_t heard; /* attempts */
    bool left;     /* the gateway went before the end of the answer */
    bool reported; /* the counts were sent as numbers, in an answer that was heard to its end */
    int32_t day;   /* since 1970, by the clock that the gateway sees */
    long prompt, completion;
    int64_t began_ms, ends_ms; /* CLOCK_MONOTONIC */
};

/* What the processes of a game share. */
struct money_shared {
    long shift_s; /* of the gateway's clock */
    long count;
    struct money_bill bills[]; /* by number */
};

/* Starts the provider of the game with this seed. Its port. */
unsigned money_provider_start(struct money_shared *shared, uint64_t seed);

/* The request with this number. */
struct money_request money_request_of(uint64_t seed, long number);

#endif
