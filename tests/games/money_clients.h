/* The clients of the money game and their limits. */
#ifndef GAMES_MONEY_CLIENTS_H
#define GAMES_MONEY_CLIENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "money_request.h"

struct text;

/* 0: no limit. Money in billionths of a USD. */
struct money_client {
    int64_t usd_total, usd_per_day, usd_per_month;
    unsigned requests_per_minute, requests_per_day, tokens_per_minute, concurrent;
    bool sequential; /* it asks one request after the other */
};

/* `count`: requests of the game, to which the budgets fit. `days`: also limits of requests a day. */
void money_clients_draw(struct money_client clients[MONEY_CLIENTS], uint64_t seed, long count, bool days);

/* "clients: ( ... );" */
void money_clients_settings(const struct money_client clients[MONEY_CLIENTS], struct text *out);

/* The key of a client, in static storage. */
const char *money_client_key(unsigned client);

#endif
