/* Reasoning that stands between tags in a model's text: "<think>…</think>". */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_THINK_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_THINK_H

#include <stdbool.h>

#include "base/base.h"
#include "base/buffer.h"
#include "format/json.h"

#define THINK_OPEN "<think>"
#define THINK_CLOSE "</think>"

/* Texts are the insides of JSON strings. */
struct think {
    struct buffer pending; /* what is not told yet: at its end perhaps the beginning of a tag */
    size_t told;           /* bytes of it that the last piece was made of */
    bool inside;           /* between the tags */
};

/* Texts of at most `ceiling` bytes; freed by buffer_free(&think->pending). */
void think_open(struct think *think, size_t ceiling);

/* Takes the next piece of the model's text in; false over the ceiling. */
bool think_feed(struct think *think, struct json_value inside) MUST_CHECK;

/* The next piece that is certain to be all thought or all text, without the tags; false when there is none
 * yet. It holds until the next call. `last`: nothing more comes. */
bool think_next(struct think *think, bool last, struct json_value *piece, bool *thought);

#endif
