/* What a provider answers, as the run gateway's own API has it. */
#ifndef PENSTOCK_PROTOCOL_RUNS_RUN_ANSWER_H
#define PENSTOCK_PROTOCOL_RUNS_RUN_ANSWER_H

#include <stdbool.h>

#include "base/attributes.h"
#include "format/json.h"

struct arena;
struct buffer;
struct failure;

/* From a chat completion, a checked text: {"content", "tool_calls"}. bad_response if it has no message. */
bool run_answer_chat(struct arena *arena, struct json_value answer, struct buffer *out,
                     struct failure *why) MUST_CHECK;

/* From a list of embeddings: {"embedding"} with the first. bad_response if there is none. */
bool run_answer_embedding(struct json_value answer, struct buffer *out, struct failure *why) MUST_CHECK;

#endif
