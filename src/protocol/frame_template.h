/* What the frames of a stream have in common: all of it but the words. */
#ifndef PENSTOCK_PROTOCOL_FRAME_TEMPLATE_H
#define PENSTOCK_PROTOCOL_FRAME_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "format/json.h"

#define FRAME_TEMPLATE_MAX 512

struct frame_template {
    size_t before, after; /* how many bytes stand on either side of the words; 0: there is no mould */
    char bytes[FRAME_TEMPLATE_MAX];
};

/* Takes the mould of a frame, a checked JSON text, whose words are a string within it. A frame without words,
 * or with more around them than there is room for, leaves no mould. */
void frame_template_save(struct frame_template *template, struct json_value frame, struct json_value words);

/* Is this frame the one before it but for its words? If so it is JSON, and its `*words` are a string. */
bool frame_template_matches(const struct frame_template *template, struct json_value frame,
                            struct json_value *words) MUST_CHECK;

#endif
