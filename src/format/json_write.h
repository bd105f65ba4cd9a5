/* JSON written straight into a buffer. */
#ifndef PENSTOCK_FORMAT_JSON_WRITE_H
#define PENSTOCK_FORMAT_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;

/* An object under construction; `buffer` overflows quietly: `whole` then says that something is missing. */
struct json_writer {
    struct buffer *buffer;
    bool whole, first;
};

/* Opens and closes one object; objects nest when the name of the inner one was put by json_put_name(). */
struct json_writer json_write_begin(struct buffer *buffer);
void json_write_end(struct json_writer *writer);

/* A member's comma and name; what follows is put by the caller. */
void json_put_name(struct json_writer *writer, const char *name);

/* Members. A NULL text and a negative count are null; text that is not UTF-8 gets U+FFFD in its place. */
void json_put_string(struct json_writer *writer, const char *name, const char *text);
void json_put_count(struct json_writer *writer, const char *name, int64_t count);
void json_put_bool(struct json_writer *writer, const char *name, bool value);
void json_put_null(struct json_writer *writer, const char *name);
/* `text` stands as it is: it is JSON already. */
void json_put_raw(struct json_writer *writer, const char *name, const char *text, size_t length);

/* A text between quotation marks; false when the buffer is full. */
bool json_quote(struct buffer *buffer, const char *text, size_t length);

#endif
