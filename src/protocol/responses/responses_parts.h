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

/* Writes the member "content". A string is copied unchanged, a list is converted part by part. Fails with
 * bad_request if chat completions do not have one of the parts. */
bool parts_write(struct json_writer *writer, const struct place *place, struct json_value content,
                 struct failure *why) MUST_CHECK;

/* Writes a function's output as "content" in the same way. The output must be text. */
bool parts_write_output(struct json_writer *writer, const struct place *place, struct json_value output,
                        struct failure *why) MUST_CHECK;

/* Appends all texts without their quotes; absent content is empty. Fails with bad_request if a part is not
 * text. */
bool parts_gather(struct buffer *inside, const struct place *place, struct json_value content,
                  struct failure *why) MUST_CHECK;

/* True for a string and for a list of text parts. */
bool parts_are_text(struct json_value content);

#endif
