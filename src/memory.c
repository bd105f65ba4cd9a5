/* Allocation that never returns NULL. */
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Nothing here may allocate: not the log, not stdio. */
static _Noreturn void out_of_memory(void)
{
    static const char words[] = "penstock: out of memory\n";
    ssize_t written = write(STDERR_FILENO, words, sizeof words - 1);
    (void)written;
    abort();
}

void *memory_alloc(size_t count, size_t size)
{
    void *fresh = calloc(count ? count : 1, size ? size : 1);
    if (!fresh)
        out_of_memory();
    return fresh;
}

void *memory_resize(void *old, size_t count, size_t size)
{
    void *moved = reallocarray(old, count ? count : 1, size ? size : 1);
    if (!moved)
        out_of_memory();
    return moved;
}

char *memory_copy(const char *bytes, size_t length)
{
    char *copy = memory_alloc(length + 1, 1);
    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

char *memory_format(const char *format, va_list arguments)
{
    char *text;
    if (vasprintf(&text, format, arguments) < 0)
        out_of_memory();
    return text;
}
