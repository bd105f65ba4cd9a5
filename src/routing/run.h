/* Runs: groups of requests with an account of their own. */
#ifndef PENSTOCK_ROUTING_RUN_H
#define PENSTOCK_ROUTING_RUN_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct failure;
struct splice;
struct quota_status;

/* Reads the ID from the header X-Run-Id, "" if there is none: `run` is NULL then. An ID has 1 to 128 visible
 * ASCII characters; fails with bad_request for any other. `run` points into `header`. */
bool run_from_header(const char *header, const char **run, struct failure *why) MUST_CHECK;

/* The same from "metadata": {"run_id": ...} of a request, unless `run` is set already. */
bool run_from_metadata(struct splice *body, struct arena *arena, const char **run,
                       struct failure *why) MUST_CHECK;

/* The same from a JSON string; NULL for any other value and for an invalid ID. */
const char *run_from_text(struct arena *arena, struct json_value text);

/* True if the failure of a request counts against runs.max_inference_errors: a status 500, 502, 503 or 504 of
 * the provider, a network failure, or the open breaker of `provider` (NULL: none was chosen). */
bool run_error_counts(const struct failure *failure, const char *provider);

/* Fails with run_blocked, or limit_reached if the state is temporary, for a verdict of the ledger about the
 * run. */
bool run_check(const char *run, const struct quota_status *quota_status, struct failure *why);

#endif
