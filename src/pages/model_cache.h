/* The providers' own lists of models, kept in the state directory for all processes, however they were
 * started. */
#ifndef PENSTOCK_PAGES_MODEL_CACHE_H
#define PENSTOCK_PAGES_MODEL_CACHE_H

#include <stdbool.h>

#include "base/base.h"

struct arena;
struct buffer;

#define MODEL_CACHE_SECONDS 300
#define MODEL_CACHE_DOWN_SECONDS 15

/* Reads the JSON array of ids stored for `provider`, `fresh` not longer than MODEL_CACHE_SECONDS ago; false
 * when there is none. */
bool model_cache_read(const char *state_dir, const char *provider, struct arena *arena, struct buffer *ids,
                      bool *fresh) MUST_CHECK;

/* Stores it; a state directory that cannot be written means that the next process asks again. */
void model_cache_write(const char *state_dir, const char *provider, struct arena *arena,
                       const struct buffer *ids);

/* Remembers for MODEL_CACHE_DOWN_SECONDS that the provider gave no list. */
void model_cache_mark_down(const char *state_dir, const char *provider, struct arena *arena);
bool model_cache_is_down(const char *state_dir, const char *provider, struct arena *arena) MUST_CHECK;

#endif
