/* Reads the blocks of a message of the Messages API. */
#ifndef PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_BLOCKS_H
#define PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_BLOCKS_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct conversation;
struct failure;
struct place;
struct turn;

/* Reads a content, which is a string or a list of blocks, into the turn. Blocks that only Anthropic's own
 * tools leave in a history are left out. Fails with bad_request. */
bool messages_read_content(struct conversation *conversation, struct turn *turn, const struct place *place,
                           struct json_value content, struct failure *why) MUST_CHECK;

#endif
