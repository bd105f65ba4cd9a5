/* Converts the items of a Responses request to the messages of a chat request. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_INPUT_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_INPUT_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"
#include "protocol/responses/responses_context.h"

struct arena;
struct failure;
struct json_writer;

/* Writes the member "messages". `input` is a string or a list of items. `instructions` (may be absent) come
 * first, joined with the system and developer messages at the beginning of the input. Fails with bad_request
 * and "input[N]" as `param` if a chat request cannot represent an item. */
bool input_write(struct json_writer *writer, struct arena *arena, struct json_value instructions,
                 struct json_value input, enum responses_reasoning reasoning, struct failure *why) MUST_CHECK;

#endif
