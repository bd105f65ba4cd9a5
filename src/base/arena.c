/* The memory of one exchange: allocated piece by piece, freed all at once.
 *
 * Each piece is a malloc() of its own, so that a sanitizer sees its bounds. A deferred release is a piece
 * with a function. Pieces are freed in reverse order, so that an object is released before the objects that
 * it was made from. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct piece {
    struct piece *older;
    void (*release)(void *);
    void *thing;
    max_align_t bytes[];
};

struct arena {
    struct piece *newest;
};

struct arena *arena_create(void)
{
    return memory_alloc(1, sizeof(struct arena));
}

static struct piece *take(struct arena *arena, size_t size)
{
    struct piece *piece = memory_alloc(1, sizeof *piece + size);
    piece->older = arena->newest;
    arena->newest = piece;
    return piece;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return take(arena, size)->bytes;
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = memory_format(format, arguments);
    va_end(arguments);
    char *copy = arena_copy(arena, text, strlen(text));
    free(text);
    return copy;
}

char *arena_join(struct arena *arena, const char *one, const char *other)
{
    char *text = arena_alloc(arena, strlen(one) + strlen(other) + 1);
    stpcpy(stpcpy(text, one), other);
    return text;
}

void arena_defer(struct arena *arena, void (*release)(void *), void *thing)
{
    struct piece *piece = take(arena, 0);
    piece->release = release;
    piece->thing = thing;
}

void arena_clear(struct arena *arena)
{
    while (arena->newest) {
        struct piece *piece = arena->newest;
        arena->newest = piece->older;
        if (piece->release)
            piece->release(piece->thing);
        free(piece);
    }
}

void arena_destroy(struct arena *arena)
{
    if (!arena)
        return;
    arena_clear(arena);
    free(arena);
}
