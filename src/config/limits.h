/* What clients and runs may use, and what they have used: limits and accounts. */
#ifndef PENSTOCK_CONFIG_LIMITS_H
#define PENSTOCK_CONFIG_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

/* Money is in billionths of a USD. A limit of 0 is none. */
struct client_limits {
    int64_t requests_per_minute, tokens_per_minute, concurrent, usd_per_day, usd_per_month, usd_total;
};

struct run_limits {
    int64_t max_errors, max_cost, error_window_ms; /* window: errors older than it are forgotten; 0: never */
};

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

#endif
