/* Members of a request to be translated, each read once, and refused by its place if it cannot be read. */
#ifndef PENSTOCK_PROTOCOL_JSON_MEMBERS_H
#define PENSTOCK_PROTOCOL_JSON_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct failure;

/* Where in the request something stands: "input[3]" or "tools[0]", for people. */
struct place {
    struct arena *arena; /* for texts of refusals */
    const char *list;    /* "input", "tools", "text" */
    int index;           /* -1: the member itself */
};

/* A bad_request whose `param` names the place; false. */
bool refuse_at(const struct place *place, struct failure *why, const char *format, ...) PRINTF_LIKE(3, 4);

/* too_large, for a chat request that does not fit where it is to be held; false. */
bool refuse_size(struct failure *why);

/* Finds members of an object, as json_pick(); null ones count as absent. bad_request for a value that is no
 * object and for a member that is given twice. */
bool read_members(const struct place *place, struct json_value object, const char *const *names, size_t count,
                  struct json_value *values, struct failure *why) MUST_CHECK;

/* The member `name` has to be a string with something in it. */
bool need_text(const struct place *place, struct json_value value, const char *name,
               struct failure *why) MUST_CHECK;

/* A string cut to what fits in a refusal; "?" for any other value. */
const char *shown(const struct place *place, struct json_value value);

/* Is it the string `text`? */
bool is_word(struct json_value value, const char *text);

/* Which of the `count` words is it? `count` if none. */
size_t word_index(struct json_value value, const char *const *words, size_t count);

#endif
