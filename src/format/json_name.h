/* Finds the members that another parser may take for one of those that a rule reads. */
#ifndef PENSTOCK_FORMAT_JSON_NAME_H
#define PENSTOCK_FORMAT_JSON_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "format/json.h"

struct failure;

enum name_match {
    NAME_OTHER,
    NAME_SAME,     /* equal when decoded */
    NAME_FOLDED,   /* equal only after simple case folding, as Go's encoding/json and others compare */
    NAME_WITH_NUL, /* equal for a parser that ends the name at U+0000 or leaves it out */
};

/* Compares the quoted name of a member with `name`, in ASCII. */
enum name_match json_name_match(struct json_value quoted, const char *name);

/* Returns the index of the name among `names` that is not NAME_OTHER, or `count`. */
size_t json_name_find(struct json_value quoted, const char *const *names, size_t count,
                      enum name_match *match);

/* True if the text of a string contains U+0000. */
bool json_has_nul(struct json_value string);

/* Fails with bad_request and `name` as `param`, because the member `quoted` matches `name` in the way
 * `match`. NAME_SAME: the member is given twice. `text` is the beginning of the body, from which the message
 * counts the bytes; NULL: not counted. Always returns false. */
bool json_name_refuse(struct json_value quoted, const char *name, enum name_match match, const char *text,
                      struct failure *why);

#endif
