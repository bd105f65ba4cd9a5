/* GET /api/usage and POST /api/reset-inference-errors: the account of a run, for the run API. */
#ifndef PENSTOCK_PAGES_RUN_USAGE_H
#define PENSTOCK_PAGES_RUN_USAGE_H

#include <stdbool.h>

#include "base/base.h"

struct arena;
struct buffer;
struct failure;
struct ledger;
struct run_limits;

/* Sets `run` to the run that the query names as evaluation_run_id. Fails with bad_request and status 422 if
 * the query names none. */
bool run_usage_find_run(struct arena *arena, const char *query, const char **run,
                        struct failure *why) MUST_CHECK;

/* Writes the account of the run, zeros for an unknown one. Fails with unavailable if the ledger cannot be
 * read. */
bool run_usage_put(struct ledger *ledger, const struct run_limits *limits, const char *run,
                   struct buffer *body, struct failure *why) MUST_CHECK;

/* Resets the run's count of errors and writes {"status":"ok"}. Fails as run_usage_put() does. */
bool run_usage_reset_errors(struct ledger *ledger, const char *run, struct buffer *body,
                            struct failure *why) MUST_CHECK;

#endif
