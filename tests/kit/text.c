/* Growing text for test programs; ends the test when memory runs out. */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_CEILING ((size_t)256 << 20)

void give_up(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fflush(stdout);
    fputs("test broken: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(2);
}

char *text_room(struct text *text, size_t length)
{
    if (length > TEXT_CEILING || text->length + length > TEXT_CEILING)
        give_up("a text over %zu bytes", TEXT_CEILING);
    size_t needed = text->length + length + 1;
    if (needed > text->capacity) {
        size_t capacity = text->capacity * 2 > needed ? text->capacity * 2 : needed;
        text->bytes = realloc(text->bytes, capacity);
        if (!text->bytes)
            give_up("no memory for %zu bytes", capacity);
        text->capacity = capacity;
    }
    text->bytes[text->length] = '\0';
    return text->bytes + text->length;
}

void text_fill(struct text *text, size_t length)
{
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_append(struct text *text, const void *bytes, size_t length)
{
    char *room = text_room(text, length);
    if (length)
        memcpy(room, bytes, length);
    text_fill(text, length);
}

void text_put(struct text *text, const char *words)
{
    text_append(text, words, strlen(words));
}

void text_vformat(struct text *text, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0)
        give_up("a format that cannot be printed: %s", format);
    vsnprintf(text_room(text, (size_t)length), (size_t)length + 1, format, again);
    text_fill(text, (size_t)length);
    va_end(again);
}

void text_format(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_vformat(text, format, arguments);
    va_end(arguments);
}

void text_consume(struct text *text, size_t length)
{
    text->length -= length;
    if (text->length)
        memmove(text->bytes, text->bytes + length, text->length);
    if (text->bytes)
        text->bytes[text->length] = '\0';
}

void text_free(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

const char *text_words(const struct text *text)
{
    return text->bytes ? text->bytes : "";
}

char *copy_bytes(const char *bytes, size_t length)
{
    struct text copy = {0};
    text_append(&copy, bytes, length);
    return copy.bytes;
}
