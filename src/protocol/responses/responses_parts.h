/* The content of one message: parts of a Responses item as parts of a chat message. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_PARTS_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_PARTS_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct buffer;
struct failure;
struct json_writer;
struct place;

/* Writes content as the member "content": a string as it is, a list part by part; bad_request for a part that
 * chat completions do not know. */
bool parts_write(struct json_writer *writer, const struct place *place, struct json_value content,
                 struct failure *why) MUST_CHECK;

/* The same for a function's output, which is text only. */
bool parts_write_output(struct json_writer *writer, const struct place *place, struct json_value output,
                        struct failure *why) MUST_CHECK;

/* Appends the inside of all texts, one after the other; bad_request for content that is not text only. An
 * absent content is empty. */
bool parts_gather(struct buffer *inside, const struct place *place, struct json_value content,
                  struct failure *why) MUST_CHECK;

/* Is it a string, or a list of texts? */
bool parts_are_text(struct json_value content);

#endif
