/* What one exchange may take from the accounts of its client and its run, and what it gives back. */
#ifndef PENSTOCK_LEDGER_QUOTA_H
#define PENSTOCK_LEDGER_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "config/limits.h"

struct reservation {
    const char *client, *run; /* NULL: none */
    struct client_limits client_limits;
    struct run_limits run_limits;
    int64_t prompt_tokens;
    int64_t cost;       /* set aside until the true one is known */
    int64_t cost_least; /* `cost` is a guess, and less will do, down to this; else the same as `cost` */
};

/* What was granted, and what came of it. */
struct settlement {
    const char *client, *run;
    int64_t claimed_ms, prompt_tokens, reserved; /* when, and how much; claimed_ms 0: nothing was claimed */
    int64_t tokens, cost;                        /* used; tokens -1: unknown, those claimed stand */
    bool run_error;                              /* counts as an error of the run */
    struct run_limits run_limits;
};

/* Judges the claim by both accounts (NULL: none) and enters it where it is granted, with the money that was
 * set aside in `reserved`. The order of the checks: the run's cost, its errors, then of the client's limits
 * the one that holds longest. `now_ms` is since 1970. */
void quota_reserve(struct client_account *client, struct run_account *run,
                   const struct reservation *reservation, int64_t now_ms, struct quota_status *quota_status,
                   int64_t *reserved);

/* Takes out what was set aside and puts in what was used. */
void quota_settle(struct client_account *client, struct run_account *run, const struct settlement *settlement,
                  int64_t now_ms);

/* What is over of the account's minute, day and month by now is taken out of it: for whoever only looks. */
void quota_roll_windows(struct client_account *client, int64_t now_ms);

/* Has the client any limit at all? */
bool quota_has_limits(const struct client_limits *limits);

/* Errors within the window. */
int64_t quota_recent_errors(const struct run_account *run, const struct run_limits *limits, int64_t now_ms);

#endif
