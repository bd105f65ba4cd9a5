/* Creates, grows and closes the items of a response, and reports each step. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_ITEMS_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_ITEMS_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"
#include "protocol/responses/responses_output.h"

struct failure;

/* Creates an item that has not been reported yet. Returns NULL if there are too many. */
struct output_item *output_create(struct output *output, enum output_kind kind);

/* Reports an item, which thereby gets its place in the output. Does nothing if it has been reported. */
void output_report(struct output *output, struct output_item *item);

/* Reports that an item is complete. */
void output_report_done(struct output *output, struct output_item *item, enum output_status status);

/* Appends to an item's text and reports what was appended, and the item before, if `report` is true. Fails
 * with bad_response if the answer is too large. */
bool output_grow(struct output *output, struct output_item *item, struct json_value inside,
                 struct json_value logprobs, bool report, struct failure *why) MUST_CHECK;

/* Appends to a buffer within the limit that all texts of an answer share. */
bool output_append(struct output *output, struct buffer *buffer, const char *bytes, size_t length,
                   struct failure *why) MUST_CHECK;

/* Closes the text, refusal or reasoning in progress, because content of another kind begins. */
void output_close_text(struct output *output, enum output_status status);

/* Always returns false. */
bool output_fail_too_large(struct failure *why);

#endif
