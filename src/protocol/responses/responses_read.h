/* Reads the requests of clients that speak the Responses API. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_READ_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_READ_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct conversation;
struct failure;
struct part;
struct place;
struct turn;

/* Reads conversation->body, and sets `private` to a struct responses_context for the answer. Fails with
 * bad_request, naming the member, if something of it needs stored state or work that only the servers of the
 * Responses API do. */
bool responses_read_request(struct conversation *conversation, struct failure *why) MUST_CHECK;

/* The parts of it: the items of "input", the parts of a message or (`result` is not NULL) of an output, and
 * "tools" with those that items of `input` offer, and "tool_choice". */
bool responses_read_input(struct conversation *conversation, struct json_value instructions,
                          struct json_value input, struct failure *why) MUST_CHECK;
bool responses_read_parts(struct conversation *conversation, struct turn *turn, struct part *result,
                          const struct place *place, struct json_value content,
                          struct failure *why) MUST_CHECK;
bool responses_read_tools(struct conversation *conversation, struct json_value tools, struct json_value input,
                          struct json_value choice, struct failure *why) MUST_CHECK;

#endif
