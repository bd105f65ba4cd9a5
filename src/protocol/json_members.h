/* Reads the members of a request that is converted; names the place of one that it refuses. */
#ifndef PENSTOCK_PROTOCOL_JSON_MEMBERS_H
#define PENSTOCK_PROTOCOL_JSON_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct failure;

/* A place in the request: "input[3]", "tools[0]". */
struct place {
    struct arena *arena; /* for the texts of messages */
    const char *list;    /* "input", "tools", "text" */
    int index;           /* -1: the member itself */
};

/* Makes a bad_request whose `param` names the place. Always false. */
bool refuse_at(const struct place *place, struct failure *why, const char *format, ...) PRINTF_LIKE(3, 4);

/* Makes the too_large of a converted request that exceeds its ceiling. Always false. */
bool refuse_size(struct failure *why);

/* Finds members of an object, as json_pick(); null counts as absent. bad_request if `object` is not an object
 * or has one of the members twice. */
bool read_members(const struct place *place, struct json_value object, const char *const *names, size_t count,
                  struct json_value *values, struct failure *why) MUST_CHECK;

/* bad_request unless the member `name` is a string that is not empty. */
bool need_text(const struct place *place, struct json_value value, const char *name,
               struct failure *why) MUST_CHECK;

/* A string in the arena, shortened for a message; "?" for any other value. */
const char *shown(const struct place *place, struct json_value value);

/* True if the value is the string `text`. */
bool is_word(struct json_value value, const char *text);

/* The index of the value among `words`; `count` if it is none of them. */
size_t word_index(struct json_value value, const char *const *words, size_t count);

#endif
