/* A Responses request as a chat completions request, for providers that have only these. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_REQUEST_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_REQUEST_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"
#include "protocol/responses/responses_context.h"

struct arena;
struct buffer;
struct failure;

/* Appends the chat request to `chat` and notes in `ask` what its answer has to repeat. `body` is the object
 * of a checked text, which has to outlive `ask`; a ceiling of 3 * body.length + RESPONSES_MARGIN is enough.
 *
 * bad_request, its `param` the member, for what is wrong, for what needs a state that is not kept here
 * (previous_response_id, conversation, prompt, background) and for what only the Responses API's own servers
 * can do (hosted tools and their items, truncation); too_large over the ceiling. Members that it does not
 * know go along as they are: a provider's own extensions are such. */
bool responses_to_chat(struct arena *arena, struct json_value body, enum responses_reasoning reasoning,
                       struct buffer *chat, struct responses_context *ask, struct failure *why) MUST_CHECK;

#define RESPONSES_MARGIN 4096
#define RESPONSES_DEPTH 4 /* the chat may be nested deeper than the request by as much */

#endif
