/* A provider's answer in the form of the run gateway's API. */
#ifndef PENSTOCK_PROTOCOL_RUNS_RUN_RESPONSE_H
#define PENSTOCK_PROTOCOL_RUNS_RUN_RESPONSE_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct buffer;
struct failure;

/* Appends {"content", "tool_calls"} from a chat completion, which is checked JSON. bad_response if it has no
 * message. */
bool run_response_chat(struct arena *arena, struct json_value answer, struct buffer *out,
                       struct failure *why) MUST_CHECK;

/* Appends {"embedding"} with the first of a list of embeddings. bad_response if there is none. */
bool run_response_embedding(struct json_value answer, struct buffer *out, struct failure *why) MUST_CHECK;

#endif
