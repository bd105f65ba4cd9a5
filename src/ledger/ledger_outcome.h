/* What an exchange came to, as the ledger counts it. */
#ifndef PENSTOCK_LEDGER_LEDGER_OUTCOME_H
#define PENSTOCK_LEDGER_LEDGER_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "usage/usage_log.h"

struct ledger_outcome {
    const char *client, *run, *provider, *model; /* NULL: none */
    enum failure_reason reason;                  /* FAILURE_NONE: it went well */
    bool run_error;                              /* counts against the run's max_inference_errors */
    int64_t prompt_tokens, completion_tokens;    /* -1: unknown */
    int64_t cost;                                /* COST_UNKNOWN: counts as nothing */
    int64_t duration_us;
    struct usage_log_position place; /* where its line will go */
};

#endif
