/* Sums of requests by hour, client, provider and model: for the status page, metrics and reports. */
#ifndef PENSTOCK_LEDGER_LEDGER_SERIES_H
#define PENSTOCK_LEDGER_LEDGER_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "base/failure.h"

struct exchange_facts;
struct ledger;
struct ledger_outcome;

/* Upper bounds of the latency classes, in milliseconds; the last class has no bound. */
#define SERIES_BOUNDS                                                                                        \
    {                                                                                                        \
        5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 120000, 300000                  \
    }
#define SERIES_CLASSES 16

/* Plain data. */
struct series {
    int64_t requests, errors, prompt_tokens, completion_tokens;
    int64_t cost;     /* in billionths of a USD, of requests whose cost is known */
    int64_t unpriced; /* requests that used tokens without a known price */
    int64_t duration_us;
    uint32_t reasons[FAILURE_REASONS]; /* of the errors */
    uint32_t classes[SERIES_CLASSES];  /* of the durations */
    int64_t answered;                  /* requests that a provider has answered */
    int64_t used_ms;                   /* since 1970: the last request */
};

struct series_key {
    int64_t hour; /* since 1970 */
    const char *client, *provider, *model;
};

#define SERIES_TOTALS 0 /* as `hour`: the sums since the ledger began */

/* Calls `take` with each series from `from_hour` on, in order, within one transaction. Ends the walk if
 * `take` returns false. Returns false if the ledger is down. */
bool ledger_series_walk(struct ledger *ledger, int64_t from_hour,
                        bool (*take)(void *context, const struct series_key *key,
                                     const struct series *series),
                        void *context) MUST_CHECK;

/* Removes some of the series that are older than three months; called periodically. */
void ledger_series_forget(struct ledger *ledger);

/* Adds one exchange to its hour and to the totals; within a transaction. */
void ledger_series_add(struct ledger *ledger, const struct exchange_facts *facts,
                       const struct ledger_outcome *outcome, int64_t now_ms);

#endif
