/* Composes JSON from pieces of other JSON, whose bytes are copied unchanged. */
#ifndef PENSTOCK_PROTOCOL_JSON_PIECES_H
#define PENSTOCK_PROTOCOL_JSON_PIECES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "format/json.h"
#include "format/json_write.h"

struct buffer;

/* Appends bytes; like all of json_write.h, what does not fit is quietly missing and `ok` says so. */
void write_bytes(struct json_writer *writer, const char *bytes, size_t length);
void write_text(struct json_writer *writer, const char *text);

/* An object within `outer`, to be closed by json_write_end(): the value of the member whose name comes with
 * its quotation marks and escapes, or the next element of a list, of which `count` counts the elements. */
struct json_writer write_member_as(struct json_writer *outer, struct json_value name);
struct json_writer write_element(struct json_writer *outer, size_t *count);

/* Writes a member with the value's bytes; nothing if the value is absent. */
void write_value(struct json_writer *writer, const char *name, struct json_value value);

/* Writes a member with the string whose escaped text is `inside`. */
void write_inside(struct json_writer *writer, const char *name, const struct buffer *inside);

/* Appends the escaped text between the quotes of a string; nothing for any other value. False if the buffer
 * is full. */
bool take_inside(struct buffer *buffer, struct json_value string) MUST_CHECK;

/* True for a string that is not empty. */
bool is_filled(struct json_value value);

#endif
