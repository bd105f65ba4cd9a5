/* The memory of one exchange: allocated piece by piece, freed all at once.
 *
 * Small pieces are cut from blocks, because an exchange has about a hundred of them. With AddressSanitizer
 * each piece is a block of its own, so that the sanitizer sees its bounds. Deferred releases run in reverse
 * order and before any memory is freed, so that an object is released before the objects that it was made
 * from. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define BLOCK_SIZE 960 /* malloc() keeps blocks below 1 KB in lists of their own, which are fast */

#if defined(__SANITIZE_ADDRESS__)
#define PIECE_MAX 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PIECE_MAX 0
#endif
#endif
#ifndef PIECE_MAX
#define PIECE_MAX 256 /* bytes of a piece that is cut from a block */
#endif

struct block {
    struct block *older;
    max_align_t bytes[];
};

struct release {
    struct release *older;
    void (*run)(void *);
    void *thing;
};

struct arena {
    struct block *newest;
    struct release *releases; /* the one deferred last */
    char *at;                 /* where the next small piece begins */
    size_t left;              /* bytes from there to the end of its block */
};

struct arena *arena_create(void)
{
    return memory_alloc(1, sizeof(struct arena));
}

static char *add_block(struct arena *arena, size_t size)
{
    struct block *block = memory_alloc(1, sizeof *block + size);
    block->older = arena->newest;
    arena->newest = block;
    return (char *)block->bytes;
}

/* A large piece is a block of its own, and the block from which small ones are cut stays in use. */
void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t unit = sizeof(max_align_t);
    if (size > PIECE_MAX || PIECE_MAX == 0)
        return add_block(arena, size);
    size_t whole = size ? (size + unit - 1) / unit * unit : unit;
    if (whole > arena->left) {
        arena->at = add_block(arena, BLOCK_SIZE);
        arena->left = BLOCK_SIZE;
    }
    char *piece = arena->at;
    arena->at += whole;
    arena->left -= whole;
    return piece;
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
    struct release *fresh = arena_alloc(arena, sizeof *fresh);
    *fresh = (struct release){.older = arena->releases, .run = release, .thing = thing};
    arena->releases = fresh;
}

void arena_clear(struct arena *arena)
{
    for (; arena->releases; arena->releases = arena->releases->older)
        arena->releases->run(arena->releases->thing);
    while (arena->newest) {
        struct block *block = arena->newest;
        arena->newest = block->older;
        free(block);
    }
    arena->left = 0;
}

void arena_destroy(struct arena *arena)
{
    if (!arena)
        return;
    arena_clear(arena);
    free(arena);
}
