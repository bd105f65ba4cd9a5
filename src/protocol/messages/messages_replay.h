/* Writes a whole message of the Messages API as the events of a stream. */
#ifndef PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_REPLAY_H
#define PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_REPLAY_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct buffer;
struct failure;

/* Appends the events from message_start to message_stop for `message`, which is checked JSON. Fails with
 * bad_response if they do not fit. */
bool messages_replay(struct json_value message, struct buffer *out, struct failure *why) MUST_CHECK;

#endif
