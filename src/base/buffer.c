/* A byte buffer that grows up to a ceiling. */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define SMALLEST 1024 /* a usage record and most answers fit; malloc() serves larger blocks more slowly */
#define SMALL 16384
#define MAPPED (160 * 1024) /* above the mapping threshold that memory_prepare() sets */

void buffer_init(struct buffer *buffer, size_t ceiling)
{
    *buffer = (struct buffer){.ceiling = ceiling};
}

/* Consumed bytes leave a gap at the front, which is closed before the block grows. */
static void close_gap(struct buffer *buffer)
{
    if (buffer->bytes == buffer->block)
        return;
    memmove(buffer->block, buffer->bytes, buffer->length);
    buffer->bytes = buffer->block;
}

/* A buffer that outgrows SMALL gets a block so large that malloc() maps it separately and unmaps it when it
 * is freed. The heap of a worker then does not keep the memory of one large request. */
static void grow(struct buffer *buffer, size_t wanted)
{
    size_t capacity = buffer->capacity ? buffer->capacity : SMALLEST;
    while (capacity < wanted)
        capacity += capacity / 2 + 512;
    if (wanted > SMALL && capacity < MAPPED)
        capacity = MAPPED;
    buffer->block = memory_resize(buffer->block, capacity, 1);
    buffer->bytes = buffer->block;
    buffer->capacity = capacity;
}

char *buffer_make_room(struct buffer *buffer, size_t length)
{
    if (length > buffer->ceiling - buffer->length)
        return NULL;
    size_t gap = buffer->block ? (size_t)(buffer->bytes - buffer->block) : 0;
    size_t wanted = buffer->length + length;
    if (gap + wanted > buffer->capacity) {
        close_gap(buffer);
        if (wanted > buffer->capacity)
            grow(buffer, wanted);
    }
    return buffer->bytes + buffer->length;
}

bool buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    if (length == 0)
        return true;
    char *room = buffer_room(buffer, length);
    if (!room)
        return false;
    memcpy(room, bytes, length);
    buffer_fill(buffer, length);
    return true;
}

bool buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = memory_format(format, arguments);
    va_end(arguments);
    bool fits = buffer_append(buffer, text, strlen(text));
    free(text);
    return fits;
}

void buffer_consume(struct buffer *buffer, size_t length)
{
    buffer->length -= length;
    buffer->bytes = buffer->length ? buffer->bytes + length : buffer->block;
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->block);
    buffer_init(buffer, buffer->ceiling);
}
