/* Writes JSON directly into a buffer. */
#ifndef PENSTOCK_FORMAT_JSON_WRITE_H
#define PENSTOCK_FORMAT_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;

/* An object under construction. Output that does not fit into `buffer` is dropped silently; `ok` is then
 * false in this object and, after json_write_end(), in every enclosing object. */
struct json_writer {
    struct buffer *buffer;
    struct json_writer *parent; /* the enclosing object; NULL: none */
    bool ok, first;
};

/* Begins an object; json_write_end() closes it. */
struct json_writer json_write_begin(struct buffer *buffer);
void json_write_end(struct json_writer *writer);

/* Begins an object within `parent`, as the value of the name that was put last or as an element of a list.
 * `parent` must not move until the inner object is closed. */
struct json_writer json_write_object(struct json_writer *parent);

/* Like json_write_object(), as the member `name` of `parent`. */
struct json_writer json_put_object(struct json_writer *parent, const char *name);

/* Writes a member's comma and name; the caller writes the value. */
void json_put_name(struct json_writer *writer, const char *name);

/* Write a member. A NULL text and a negative count become null; bytes that are not UTF-8 become U+FFFD. */
void json_put_string(struct json_writer *writer, const char *name, const char *text);
void json_put_count(struct json_writer *writer, const char *name, int64_t count);
void json_put_bool(struct json_writer *writer, const char *name, bool value);
void json_put_null(struct json_writer *writer, const char *name);
/* `text` must be valid JSON. */
void json_put_raw(struct json_writer *writer, const char *name, const char *text, size_t length);

/* Writes a text as a JSON string. Returns false if the buffer is full. */
bool json_quote(struct buffer *buffer, const char *text, size_t length);

#endif
