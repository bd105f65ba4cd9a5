/* What clients of the run gateway ask for in its own API, as OpenAI's API has it. */
#ifndef PENSTOCK_PROTOCOL_RUNS_RUN_REQUEST_H
#define PENSTOCK_PROTOCOL_RUNS_RUN_REQUEST_H

#include <stdbool.h>

#include "base/attributes.h"
#include "format/json.h"

struct arena;
struct buffer;
struct failure;

#define RUN_REQUEST_MARGIN 1024
#define RUN_REQUEST_DEPTH 8 /* what is written may be nested deeper than what was asked by as much */

/* Both write what a checked text asks for, and find its run. bad_request for a member that is
 * missing or not right. A ceiling of 12 * body.length + RUN_REQUEST_MARGIN is enough: a tool of a few bytes
 * becomes an object with an empty schema. */
bool run_request_chat(struct arena *arena, struct json_value body, struct buffer *out, const char **run,
                      struct failure *why) MUST_CHECK;
bool run_request_embedding(struct arena *arena, struct json_value body, struct buffer *out, const char **run,
                           struct failure *why) MUST_CHECK;

#endif
