/* Composes JSON from pieces of other JSON, whose bytes are copied unchanged. */
#ifndef PENSTOCK_PROTOCOL_JSON_PIECES_H
#define PENSTOCK_PROTOCOL_JSON_PIECES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "format/json.h"
#include "format/json_write.h"

struct buffer;

/* Append bytes. As in json_write.h, bytes that do not fit are dropped, and `ok` becomes false. */
void write_bytes(struct json_writer *writer, const char *bytes, size_t length);
void write_text(struct json_writer *writer, const char *text);

/* Open an object within `outer`, which the caller closes with json_write_end(). write_member_as() opens the
 * value of the member `name`, which includes its quotation marks and escapes. write_element() opens the next
 * element of a list and adds 1 to `*count`, the number of elements. */
struct json_writer write_member_as(struct json_writer *outer, struct json_value name);
struct json_writer write_element(struct json_writer *outer, size_t *count);

/* Writes a member with the value's bytes; writes nothing if the value is absent. */
void write_value(struct json_writer *writer, const char *name, struct json_value value);

/* Writes a copy of a member of another object. */
void write_member(struct json_writer *writer, const struct json_member *member);

/* Replaces the line ends between values, which JSON allows, with blanks, from the byte at `start` to the end
 * of the buffer: in an event stream they would end the line. */
void join_lines(struct buffer *buffer, size_t start);

/* Writes a member with the string whose escaped text is `inside`. */
void write_inside(struct json_writer *writer, const char *name, const struct buffer *inside);

/* Appends the escaped text between the quotes of a string; appends nothing for any other value. Returns false
 * if the buffer is full. */
bool take_inside(struct buffer *buffer, struct json_value string) MUST_CHECK;

/* True for a non-empty string. */
bool is_filled(struct json_value value);

#endif
