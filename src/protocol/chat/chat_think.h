/* Separates reasoning between tags, "<think>…</think>", from the text around it. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_THINK_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_THINK_H

#include <stdbool.h>

#include "base/base.h"
#include "base/buffer.h"
#include "format/json.h"

#define THINK_OPEN "<think>"
#define THINK_CLOSE "</think>"

/* Texts are JSON strings without their quotes. */
struct think {
    struct buffer pending; /* text not reported yet; may end with the beginning of a tag */
    size_t reported;       /* number of bytes of `pending` in the last piece */
    bool inside;           /* between the tags */
};

/* Accepts at most `ceiling` bytes of text. The caller frees the state with buffer_free(&think->pending). */
void think_open(struct think *think, size_t ceiling);

/* Adds the next piece of the model's text. Returns false if the text exceeds the ceiling. */
bool think_feed(struct think *think, struct json_value inside) MUST_CHECK;

/* Sets `piece` to the next piece, all reasoning or all text, without tags. The piece is valid until the next
 * call. Returns false if there is no piece yet. `last` is true if no more text will come. */
bool think_next(struct think *think, bool last, struct json_value *piece, bool *is_reasoning);

#endif
