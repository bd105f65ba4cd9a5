/* Creates, grows and closes the items of an answer, and reports each step. */
#ifndef PENSTOCK_PROTOCOL_ANSWER_ITEMS_H
#define PENSTOCK_PROTOCOL_ANSWER_ITEMS_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"
#include "protocol/answer.h"

struct failure;

/* Adds to the text, refusal, reasoning or opaque item in progress; begins one if another kind is, or `anew`.
 * answer_add() takes a JSON string and adds nothing if it is empty or no string. */
bool answer_add(struct answer *answer, enum answer_kind kind, struct json_value text,
                struct failure *why) MUST_CHECK;
bool answer_add_inside(struct answer *answer, enum answer_kind kind, struct json_value inside,
                       struct json_value logprobs, struct failure *why) MUST_CHECK;

/* Adds the signature of the reasoning in progress, or begins reasoning that is nothing but a signature. */
bool answer_sign(struct answer *answer, struct json_value signature, struct failure *why) MUST_CHECK;

/* Begins a call whose id, name and signature are known, JSON strings; an absent id is made up. Returns NULL
 * if there are too many items or the answer is too large. */
struct answer_item *answer_begin_call(struct answer *answer, struct json_value id, struct json_value name,
                                      struct json_value signature, struct failure *why);

/* Adds to the arguments of a call, from inside a JSON string; or adds a whole JSON value. */
bool answer_add_arguments(struct answer *answer, struct answer_item *call, struct json_value inside,
                          struct failure *why) MUST_CHECK;
bool answer_add_object(struct answer *answer, struct answer_item *call, struct json_value object,
                       struct failure *why) MUST_CHECK;

/* Creates an item that has not been reported yet. Returns NULL if there are too many. */
struct answer_item *answer_create(struct answer *answer, enum answer_kind kind);

/* Reports an item, which thereby gets its place in the answer. Does nothing if it has been reported. */
void answer_report(struct answer *answer, struct answer_item *item);

/* Reports that an item is complete. */
void answer_report_done(struct answer *answer, struct answer_item *item, enum answer_status status);

/* Appends to an item's text and reports what was appended, and the item before, if `report` is true. Fails
 * with bad_response if the answer is too large. */
bool answer_grow(struct answer *answer, struct answer_item *item, struct json_value inside,
                 struct json_value logprobs, bool report, struct failure *why) MUST_CHECK;

/* Appends to a buffer within the limit that all texts of an answer share. */
bool answer_append(struct answer *answer, struct buffer *buffer, const char *bytes, size_t length,
                   struct failure *why) MUST_CHECK;

/* Closes the text, refusal or reasoning in progress, because content of another kind begins. */
void answer_close_text(struct answer *answer, enum answer_status status);

/* Reads arguments up to the point where another value begins after a whole one. Returns the length of the
 * part that belongs to the first. Arguments that are no object and no list have no end. */
size_t answer_scan_arguments(struct arguments_scan *scan, struct json_value inside);

/* Always returns false. */
bool answer_fail_too_large(struct failure *why);

#endif
