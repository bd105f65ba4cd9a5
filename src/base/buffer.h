/* A byte buffer that grows up to a ceiling. */
#ifndef PENSTOCK_BASE_BUFFER_H
#define PENSTOCK_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

struct buffer {
    char *bytes; /* not NUL-terminated */
    size_t length;
    size_t ceiling; /* `length` never exceeds it */
    char *block;    /* as allocated; `bytes` points into it */
    size_t capacity;
};

/* Initializes an empty buffer that may grow to `ceiling` bytes. Allocates nothing. */
void buffer_init(struct buffer *buffer, size_t ceiling);

/* Appends bytes. Returns false and leaves the buffer unchanged if the ceiling would be exceeded. */
bool buffer_append(struct buffer *buffer, const void *bytes, size_t length) MUST_CHECK;

/* Appends formatted text. Returns false and leaves the buffer unchanged if the ceiling would be exceeded. */
bool buffer_format(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3) MUST_CHECK;

/* Returns room for `length` more bytes at the end, or NULL if the ceiling would be exceeded. The caller
 * writes the bytes and then adds them to the length with buffer_fill(). */
static inline char *buffer_room(struct buffer *buffer, size_t length) MUST_CHECK;
static inline void buffer_fill(struct buffer *buffer, size_t length);

/* Drops `length` bytes from the front; moves nothing. */
void buffer_consume(struct buffer *buffer, size_t length);

/* Frees the memory; the buffer is then empty and may be used again. */
void buffer_free(struct buffer *buffer);

char *buffer_make_room(struct buffer *buffer, size_t length) MUST_CHECK; /* for buffer_room() */

static inline char *buffer_room(struct buffer *buffer, size_t length)
{
    size_t used = buffer->block ? (size_t)(buffer->bytes - buffer->block) + buffer->length : 0;
    bool has_room = length <= buffer->capacity - used && length <= buffer->ceiling - buffer->length;
    return has_room ? buffer->bytes + buffer->length : buffer_make_room(buffer, length);
}

static inline void buffer_fill(struct buffer *buffer, size_t length)
{
    buffer->length += length;
}

#endif
