/* What a run has used and may still use, as the run gateway's own API tells it. */
#ifndef PENSTOCK_PAGES_RUN_USAGE_H
#define PENSTOCK_PAGES_RUN_USAGE_H

#include <stdbool.h>

#include "base/base.h"

struct arena;
struct buffer;
struct failure;
struct ledger;
struct run_limits;

/* The run that the query of a request names as evaluation_run_id; bad_request with the status 422 where it
 * names none. */
bool run_usage_asked(struct arena *arena, const char *query, const char **run,
                     struct failure *why) MUST_CHECK;

/* Writes the account of a run, of zeros for one that nobody knows; unavailable while the ledger is. */
bool run_usage_put(struct ledger *ledger, const struct run_limits *limits, const char *run,
                   struct buffer *body, struct failure *why) MUST_CHECK;

/* Forgives a run its errors, and writes that it is done. */
bool run_usage_forgive(struct ledger *ledger, const char *run, struct buffer *body,
                       struct failure *why) MUST_CHECK;

#endif
