/* The memory of one exchange: allocated piece by piece, freed all at once. */
#ifndef PENSTOCK_BASE_ARENA_H
#define PENSTOCK_BASE_ARENA_H

#include <stddef.h>

#include "base/base.h"

struct arena;

/* Creates an empty arena. Never returns NULL. */
struct arena *arena_create(void);

/* Returns zeroed memory that is valid until the arena is cleared. Never returns NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* Returns a NUL-terminated copy of `length` bytes, allocated in the arena. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);

/* Returns a formatted, NUL-terminated text, allocated in the arena. */
char *arena_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* Returns both texts joined. Unlike arena_format(), leaves no other copy in memory, because either text may
 * be a key. */
char *arena_join(struct arena *arena, const char *one, const char *other);

/* Runs `release(thing)` when the arena is cleared or destroyed; the release that was deferred last runs
 * first. */
void arena_defer(struct arena *arena, void (*release)(void *), void *thing);

/* Runs the deferred releases and frees every piece. */
void arena_clear(struct arena *arena);

/* Clears and frees the arena. NULL is allowed. */
void arena_destroy(struct arena *arena);

#endif
