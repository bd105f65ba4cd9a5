/* Reserves what an exchange may use in the accounts of its client and its run, and settles what it used. */
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

enum quota_verdict {
    QUOTA_GRANTED,
    QUOTA_RUN_COST,
    QUOTA_RUN_ERRORS,
    QUOTA_RUN_BUSY, /* what it has left is set aside for its other exchanges */
    QUOTA_REQUESTS,
    QUOTA_TOKENS,
    QUOTA_CONCURRENT,
    QUOTA_DAY,
    QUOTA_MONTH,
    QUOTA_TOTAL,
    QUOTA_UNKNOWN /* it cannot be known */
};

/* How it stands after a verdict. */
struct quota_status {
    enum quota_verdict verdict;
    int64_t count, limit;   /* of what was refused: errors, requests, tokens, exchanges or money */
    int64_t retry_after_ms; /* until it may be granted; -1: time does not help */
    int64_t requests_left, requests_reset_ms, tokens_left, tokens_reset_ms; /* left: -1 without a limit */
};

struct reservation {
    const char *client, *run; /* NULL: none */
    struct client_limits client_limits;
    struct run_limits run_limits;
    int64_t prompt_tokens;
    int64_t cost;     /* money set aside until the true cost is known */
    int64_t cost_min; /* less than `cost`: `cost` is an estimate, and down to this less is enough */
};

/* The end of a reservation, and what was used in its place. */
struct settlement {
    const char *client, *run;
    int64_t reserved_ms;             /* since 1970: when it was made; 0: nothing was reserved */
    int64_t prompt_tokens, reserved; /* how much */
    int64_t tokens, cost;            /* used; tokens -1: unknown, those reserved stay counted */
    bool run_error;                  /* counts as an error of the run */
    struct run_limits run_limits;
};

/* Judges a request by both accounts (NULL: none) and enters its reservation if it is granted; `*reserved` is
 * the money that was set aside. The order of the checks: the run's cost, its errors, then of the client's
 * limits the one that holds longest. `now_ms` is since 1970. */
void quota_reserve(struct client_account *client, struct run_account *run,
                   const struct reservation *reservation, int64_t now_ms, struct quota_status *quota_status,
                   int64_t *reserved);

/* Would a request of the run be granted, as far as the run's own limits go? Changes nothing. */
struct quota_status quota_check_run(const struct run_account *run, const struct run_limits *limits,
                                    int64_t now_ms);

/* Releases what was reserved and adds what was used. */
void quota_settle(struct client_account *client, struct run_account *run, const struct settlement *settlement,
                  int64_t now_ms);

/* Removes from the account what has left its minute, day and month by now. */
void quota_roll_windows(struct client_account *client, int64_t now_ms);

/* Has the client any limit at all? */
bool quota_has_limits(const struct client_limits *limits);

/* Errors within the window. */
int64_t quota_recent_errors(const struct run_account *run, const struct run_limits *limits, int64_t now_ms);

#endif
