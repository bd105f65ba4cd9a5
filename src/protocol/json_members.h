/* Reads the members of a request that is converted. Errors name the place of the refused member. */
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
    int index;           /* in the list; -1: the member itself */
};

/* Fails with bad_request, with the place as `param`. Always returns false. */
bool refuse_at(const struct place *place, struct failure *why, const char *format, ...) PRINTF_LIKE(3, 4);

/* Fails with too_large, because a converted request exceeds its ceiling. Always returns false. */
bool refuse_size(struct failure *why);

/* Finds members of an object, as json_pick() does; null counts as absent. Fails with bad_request if `object`
 * is not an object or has one of the members twice. */
bool read_members(const struct place *place, struct json_value object, const char *const *names, size_t count,
                  struct json_value *values, struct failure *why) MUST_CHECK;

/* Fails with bad_request unless the member `name` is a non-empty string. */
bool need_text(const struct place *place, struct json_value value, const char *name,
               struct failure *why) MUST_CHECK;

/* Returns a string, shortened for a message, in the arena; "?" for any other value. */
const char *shown(const struct place *place, struct json_value value);

/* True if the value is the string `text`. */
bool is_word(struct json_value value, const char *text);

/* Returns the index of the value among `words`, or `count` if the value is not among them. */
size_t word_index(struct json_value value, const char *const *words, size_t count);

#endif
