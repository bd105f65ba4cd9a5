/* Converts a request of the run gateway's API to OpenAI's. */
#ifndef PENSTOCK_PROTOCOL_RUNS_RUN_REQUEST_H
#define PENSTOCK_PROTOCOL_RUNS_RUN_REQUEST_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct buffer;
struct failure;

#define RUN_REQUEST_MARGIN 1024
#define RUN_REQUEST_DEPTH 8 /* the result may be nested this much deeper than the request */

/* Both functions append the converted request to `out` and set `*run` to its run. `body` is an object of
 * checked JSON. Fail with bad_request if a member is missing or wrong. A ceiling of 12 * body.length +
 * RUN_REQUEST_MARGIN is enough for `out`; the factor allows for a tool of a few bytes that becomes an object
 * with an empty schema. */
bool run_request_chat(struct arena *arena, struct json_value body, struct buffer *out, const char **run,
                      struct failure *why) MUST_CHECK;
bool run_request_embedding(struct arena *arena, struct json_value body, struct buffer *out, const char **run,
                           struct failure *why) MUST_CHECK;

#endif
