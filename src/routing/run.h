/* Runs: requests that belong together and have one account (contract, section 6). */
#ifndef PENSTOCK_ROUTING_RUN_H
#define PENSTOCK_ROUTING_RUN_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct failure;
struct splice;
struct quota_status;

/* The id in the header X-Run-Id ("": none was sent), NULL where there is none: 1 to 128 visible characters of
 * ASCII; bad_request for any other. The text has to outlive it. */
bool run_from_header(const char *header, const char **run, struct failure *why) MUST_CHECK;

/* The same from "metadata": {"run_id": ...} of a request, unless `run` is known already. */
bool run_from_metadata(struct splice *body, struct arena *arena, const char **run,
                       struct failure *why) MUST_CHECK;

/* The same from a JSON string; NULL for anything that is no id. */
const char *run_from_text(struct arena *arena, struct json_value text);

/* Does a request that ended so count against max_inference_errors? A 500, 502, 503 or 504 of the provider
 * does, and what the network has failed in; of our own only that the chosen `provider` (NULL: none was)
 * cannot be asked now; no other status. */
bool run_counts(const struct failure *failure, const char *provider);

/* False with run_blocked, or limit_reached where that passes, for a verdict of the ledger that is about the
 * run. */
bool run_allows(const char *run, const struct quota_status *quota_status, struct failure *why);

#endif
