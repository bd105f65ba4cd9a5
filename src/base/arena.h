/* The memory of one exchange: allocated piece by piece, freed all at once. */
#ifndef PENSTOCK_BASE_ARENA_H
#define PENSTOCK_BASE_ARENA_H

#include <stddef.h>

#include "base/base.h"

struct arena;

/* A new, empty arena; never NULL. */
struct arena *arena_create(void);

/* Zeroed memory that lives as long as the arena; never NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* A NUL-terminated copy of `length` bytes in the arena. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);

/* A NUL-terminated formatted text in the arena. */
char *arena_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* Both texts joined. Unlike with arena_format() there is no other copy in memory: one of them may be a key.
 */
char *arena_join(struct arena *arena, const char *one, const char *other);

/* Runs `release(thing)` when the arena is cleared or destroyed; the last one deferred runs first. */
void arena_defer(struct arena *arena, void (*release)(void *), void *thing);

/* Runs the deferred releases and frees every piece. */
void arena_clear(struct arena *arena);

/* The same, and frees the arena; NULL is allowed. */
void arena_destroy(struct arena *arena);

#endif
