/* Converts the parts of a Responses item to parts of a chat message. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_PARTS_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_PARTS_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct buffer;
struct failure;
struct json_writer;
struct place;

/* Writes the member "content": a string unchanged, a list part by part. bad_request for a part that chat
 * completions do not have. */
bool parts_write(struct json_writer *writer, const struct place *place, struct json_value content,
                 struct failure *why) MUST_CHECK;

/* The same for a function's output, which must be text. */
bool parts_write_output(struct json_writer *writer, const struct place *place, struct json_value output,
                        struct failure *why) MUST_CHECK;

/* Appends all texts without their quotes; absent content is empty. bad_request if there is anything but text.
 */
bool parts_gather(struct buffer *inside, const struct place *place, struct json_value content,
                  struct failure *why) MUST_CHECK;

/* True for a string and for a list of text parts. */
bool parts_are_text(struct json_value content);

#endif
