/* Growing text for test programs: never fails, always NUL-terminated, at most 256 MiB. */
#ifndef KIT_TEXT_H
#define KIT_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
    char *bytes; /* NULL while nothing was ever appended */
    size_t length, capacity;
};

/* Ends the test program with status 2: the test itself is broken, not what it tests. */
_Noreturn void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

void text_append(struct text *text, const void *bytes, size_t length);
void text_put(struct text *text, const char *words);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vformat(struct text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0), nonnull));

/* Room for `length` more bytes; text_fill() then adds the bytes that were written there. */
char *text_room(struct text *text, size_t length);
void text_fill(struct text *text, size_t length);

/* Drops `length` bytes from the front. */
void text_consume(struct text *text, size_t length);
void text_free(struct text *text);

/* The bytes, "" when there are none. */
const char *text_words(const struct text *text);

/* A NUL-terminated copy of `length` bytes; freed with free(). */
char *copy_bytes(const char *bytes, size_t length);

#endif
