/* What one exchange may take from the accounts of its client and its run, and what it gives back. */
#ifndef PENSTOCK_LEDGER_QUOTA_H
#define PENSTOCK_LEDGER_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "config/settings_types.h"

/* A minute in seconds, and the one that has just begun: no 60 s ever hold more than the limit. */
#define WINDOW_SECONDS 61

/* Plain data, stored as it stands. */
struct client_account {
    int64_t concurrent, reserved; /* exchanges open now, and the money set aside for them */
    int64_t day, month;           /* since 1970, UTC, that the two sums belong to */
    int64_t spent_day, spent_month, spent_total;
    int64_t second; /* since 1970, of the newest slot below */
    uint32_t requests[WINDOW_SECONDS];
    uint32_t tokens[WINDOW_SECONDS];
};

struct run_account {
    int64_t reserved, spent, errors, requests;
    int64_t error_ms, used_ms; /* since 1970: the last error, the last use */
};

enum ledger_verdict {
    LEDGER_GRANTED,
    LEDGER_RUN_COST,
    LEDGER_RUN_ERRORS,
    LEDGER_RUN_BUSY, /* what it has left is set aside for its other exchanges */
    LEDGER_REQUESTS,
    LEDGER_TOKENS,
    LEDGER_CONCURRENT,
    LEDGER_DAY,
    LEDGER_MONTH,
    LEDGER_TOTAL,
    LEDGER_DOWN /* it cannot be known */
};

/* How it stands after a verdict. */
struct quota_status {
    enum ledger_verdict verdict;
    int64_t count, limit;   /* of what was refused: errors, requests, tokens, exchanges or money */
    int64_t retry_after_ms; /* until it may be granted; -1: time does not help */
    int64_t requests_left, requests_reset_ms, tokens_left, tokens_reset_ms; /* left: -1 without a limit */
};

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
