/* Writes a buffered response of a provider that speaks the Responses API as the events of a stream. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_REPLAY_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_REPLAY_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct buffer;
struct failure;

/* Appends the events from response.created to the one that ends the stream. The texts of messages and the
 * arguments of calls are one delta each. Fails with bad_response if `out` has no room. */
bool responses_replay(struct json_value response, struct buffer *out, struct failure *why) MUST_CHECK;

#endif
