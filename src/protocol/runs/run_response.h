/* Converts a provider's answer to the run gateway's API. */
#ifndef PENSTOCK_PROTOCOL_RUNS_RUN_RESPONSE_H
#define PENSTOCK_PROTOCOL_RUNS_RUN_RESPONSE_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct buffer;
struct failure;

/* Appends {"content", "tool_calls"} from a chat completion, which is checked JSON. Fails with bad_response if
 * the completion has no message. */
bool run_response_chat(struct arena *arena, struct json_value answer, struct buffer *out,
                       struct failure *why) MUST_CHECK;

/* Returns the sentence for a model that does not exist. Clients of the run gateway know its words. */
const char *run_response_no_model(struct arena *arena, bool embedding, const char *model);

/* Appends {"embedding"} with the first of a list of embeddings. Fails with bad_response if the answer has no
 * embedding. */
bool run_response_embedding(struct json_value answer, struct buffer *out, struct failure *why) MUST_CHECK;

#endif
