/* Reserves what an exchange may use in the accounts of its client and its run, and settles what it used. */
#ifndef PENSTOCK_LEDGER_QUOTA_H
#define PENSTOCK_LEDGER_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "config/settings_types.h"

/* The seconds of a minute, plus the current second, so that no span of 60 s holds more than the limit. */
#define WINDOW_SECONDS 61

/* How many days and months an account remembers after it has left them, so that a clock that is set back and
 * set right again finds what was used. */
#define PAST_DAYS 7
#define PAST_MONTHS 3

struct past_period {
    int64_t key; /* the day or the month; 0: none */
    int64_t spent, requests;
};

/* The account of a client, or of the address of anonymous clients. Plain data, stored as it is in memory. */
struct client_account {
    int64_t concurrent, reserved; /* exchanges open now, and the money reserved for them */
    int64_t answer_tokens; /* reserved for their answers; part of `tokens` while they are in the window */
    int64_t day, month;    /* day and month of the next two sums, since 1970, UTC */
    int64_t spent_day, spent_month, spent_total;
    int64_t second; /* second of the newest slot below, since 1970 */
    uint32_t requests[WINDOW_SECONDS];
    uint32_t tokens[WINDOW_SECONDS];
    int64_t requests_day; /* on `day` */
    struct past_period days[PAST_DAYS], months[PAST_MONTHS];
};

struct run_account {
    int64_t reserved, spent, errors, requests;
    int64_t error_ms, used_ms; /* since 1970: the last error, the last use */
};

enum quota_verdict {
    QUOTA_GRANTED,
    QUOTA_RUN_COST,
    QUOTA_RUN_ERRORS,
    QUOTA_RUN_BUSY, /* the money left is reserved for other exchanges of the run */
    QUOTA_REQUESTS,
    QUOTA_TOKENS,
    QUOTA_CONCURRENT,
    QUOTA_DAY,
    QUOTA_MONTH,
    QUOTA_TOTAL,
    QUOTA_DAY_REQUESTS,
    QUOTA_UNKNOWN /* it cannot be known */
};

/* The state of the quota after a verdict. */
struct quota_status {
    enum quota_verdict verdict;
    int64_t count, limit;   /* of the limit that was reached: errors, requests, tokens, exchanges or money */
    int64_t retry_after_ms; /* time until the request may be granted; -1: waiting does not help */
    int64_t alone;          /* cost of the request if it exceeds the whole limit only by being reckoned; 0 */
    int64_t answer_tokens;  /* reserved for the answer, beside those of the prompt */
    int64_t requests_left, requests_reset_ms, tokens_left, tokens_reset_ms; /* left: -1 without a limit */
};

/* What an exchange may use at most. An answer without a bound may be of any length, so `cost` and `tokens`
 * are estimates then. They must fit beside those of other open exchanges. For an exchange that is the only
 * one with a reservation, the lesser amounts are enough, because otherwise the rest of a limit could never
 * be used. */
struct reservation {
    const char *client, *run; /* NULL: none */
    bool by_address;          /* `client` is an address: only its requests are counted */
    bool counted;             /* the client's request is counted, and what follows from its body is not */
    struct client_limits client_limits;
    struct run_limits run_limits;
    int64_t prompt_tokens;
    int64_t tokens, tokens_min; /* of prompt and answer */
    int64_t cost, cost_min;     /* money reserved until the true cost is known */
    int64_t cost_reckoned;      /* the part of `cost` that no number and no text of the request bounds */
};

/* The end of a reservation, and what the exchange has used. */
struct settlement {
    const char *client, *run;
    int64_t reserved_ms; /* since 1970: when the reservation was made; 0: nothing was reserved */
    int64_t prompt_tokens, answer_tokens, reserved; /* tokens and money reserved */
    int64_t tokens, cost; /* used; tokens -1: unknown, the reserved tokens stay counted */
    bool run_error;       /* counts as an error of the run */
    struct run_limits run_limits;
};

/* Checks a request against both accounts (NULL: none) and enters its reservation if it is granted. Sets
 * `*reserved` to the reserved money. Checks the cost of the run, then its errors, then the limits of the
 * client, of which the limit that holds longest is reported. `now_ms` is since 1970. */
void quota_reserve(struct client_account *client, struct run_account *run,
                   const struct reservation *reservation, int64_t now_ms, struct quota_status *quota_status,
                   int64_t *reserved);

/* Reserves money for another attempt of a request that has a reservation. Returns false, and changes nothing
 * but the windows, if the money does not suffice. */
bool quota_reserve_more(struct client_account *client, struct run_account *run,
                        const struct reservation *reservation, int64_t now_ms, int64_t *reserved) MUST_CHECK;

/* Returns the verdict on a free request of the run by the run's own limits. Changes nothing. */
struct quota_status quota_check_run(const struct run_account *run, const struct run_limits *limits,
                                    int64_t now_ms);

/* Releases what was reserved and adds what was used. */
void quota_settle(struct client_account *client, struct run_account *run, const struct settlement *settlement,
                  int64_t now_ms);

/* Makes the account that of a new run if the run has expired. Returns true if it has. */
bool quota_expire_run(struct run_account *run, const struct run_limits *limits, int64_t now_ms);

/* Counts a request of the past on its day. */
void quota_count_request(struct client_account *client, int64_t now_ms);

/* Removes from the account what is no longer within its minute, day and month. If the clock was set back, it
 * holds what was used on that day and in that month, and at least what it held before. */
void quota_roll_windows(struct client_account *client, int64_t now_ms);

/* True if the client has any limit, or one in money. */
bool quota_has_limits(const struct client_limits *limits);
bool quota_limits_money(const struct client_limits *limits);

/* Returns the number of errors within the window. */
int64_t quota_recent_errors(const struct run_account *run, const struct run_limits *limits, int64_t now_ms);

#endif
