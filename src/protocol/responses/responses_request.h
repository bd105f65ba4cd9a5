/* Converts a Responses request to a chat completions request. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_REQUEST_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_REQUEST_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"
#include "protocol/responses/responses_context.h"

struct arena;
struct buffer;
struct failure;

/* Appends the chat request to `chat`, and stores the members that the answer must repeat in `context`. `body`
 * is an object of checked JSON that outlives `context`. A ceiling of 3 * body.length + RESPONSES_MARGIN is
 * enough for `chat`.
 *
 * Fails with bad_request and the member as `param` for a wrong value, for a member that refers to stored
 * state (previous_response_id, conversation, prompt, background), and for features that only the servers of
 * the Responses API have (hosted tools and their items, truncation). Fails with too_large if `chat` exceeds
 * its ceiling. Keeps unknown members, because they may be extensions of the provider. */
bool responses_to_chat(struct arena *arena, struct json_value body, enum responses_reasoning reasoning,
                       struct buffer *chat, struct responses_context *context,
                       struct failure *why) MUST_CHECK;

#define RESPONSES_MARGIN 4096
#define RESPONSES_DEPTH 4 /* the chat request may be nested this much deeper */

#endif
