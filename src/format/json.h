/* Reads JSON in place: checks the text once, strictly, and then reads it without a tree and without a
 * copy. */
#ifndef PENSTOCK_FORMAT_JSON_H
#define PENSTOCK_FORMAT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct arena;

#define JSON_DEPTH_MAX 512

/* The bytes of one value or name within a text; `at` is NULL if it is absent. */
struct json_value {
    const char *at;
    size_t length;
};

struct json_member {
    struct json_value name; /* with its quotation marks */
    struct json_value value;
};

struct json_fault {
    size_t offset; /* offset of the first wrong byte */
    const char *what;
};

enum json_utf8 { JSON_UTF8_STRICT, JSON_UTF8_ANY };

/* True if `text` is one JSON text (RFC 8259) that is at most `depth` levels deep. Sets `root` to its value,
 * without the white space around it. */
bool json_check(struct json_value text, unsigned depth, enum json_utf8 utf8, struct json_value *root,
                struct json_fault *fault) MUST_CHECK;

/* The functions below read a text that json_check() has accepted. An absent value has no members. */

enum json_kind {
    JSON_NONE,
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
};

/* Returns the kind of a value, by its first byte; JSON_NONE if the value is absent. */
enum json_kind json_kind(struct json_value value);

/* Returns the text inside the brackets of an object or array, for json_next_member() and json_next_element();
 * absent for any other kind. */
struct json_value json_members(struct json_value object);
struct json_value json_elements(struct json_value array);

/* True if at least one item is left in `rest`. */
bool json_has_items(struct json_value rest);

/* Removes the next item from the front of `rest`. Returns false if none is left. */
bool json_next_member(struct json_value *rest, struct json_member *member);
bool json_next_element(struct json_value *rest, struct json_value *element);

/* Returns the first member of that name (compared decoded), absent if there is none. */
struct json_value json_get(struct json_value object, const char *name);
bool json_name_is(struct json_value quoted, const char *name);

/* Finds several members in one walk: sets values[i] to the first member named names[i]. The caller zeroes
 * `values`. */
void json_pick(struct json_value object, const char *const *names, size_t count, struct json_value *values);

/* Returns the number of members of that name. */
size_t json_count(struct json_value object, const char *name);

/* Decodes a string into the arena, NUL-terminated. Sets `length`, which may be NULL. Returns NULL for any
 * other kind. A lone surrogate becomes U+FFFD. */
char *json_string(struct arena *arena, struct json_value value, size_t *length);

/* Reads a number without a fraction. Returns false for any other value and for a number that does not fit. */
bool json_integer(struct json_value value, int64_t *number) MUST_CHECK;

#endif
