/* Caches the providers' lists of models in the state directory, for all processes. */
#ifndef PENSTOCK_PAGES_MODEL_CACHE_H
#define PENSTOCK_PAGES_MODEL_CACHE_H

#include <stdbool.h>

#include "base/base.h"

struct arena;
struct buffer;

#define MODEL_CACHE_LOCKED (-1)
#define MODEL_CACHE_NO_LOCK (-2)

/* Takes the lock under which the processes of a host fetch lists one at a time. Returns MODEL_CACHE_LOCKED if
 * another process has it, MODEL_CACHE_NO_LOCK if there can be none. The lock ends with its process. */
int model_cache_lock(const char *state_dir);
void model_cache_unlock(int lock);

#define MODEL_CACHE_SECONDS 300
#define MODEL_CACHE_DOWN_SECONDS 15

/* Reads the JSON array of ids that is stored for `provider`. Sets `fresh` if it was stored at most
 * MODEL_CACHE_SECONDS ago. Returns false if none is stored. */
bool model_cache_read(const char *state_dir, const char *provider, struct arena *arena, struct buffer *ids,
                      bool *fresh) MUST_CHECK;

/* Stores the JSON array. If the state directory is not writable, nothing is cached. */
void model_cache_write(const char *state_dir, const char *provider, struct arena *arena,
                       const struct buffer *ids);

/* Records that the provider returned no list; the mark is valid for MODEL_CACHE_DOWN_SECONDS. */
void model_cache_mark_down(const char *state_dir, const char *provider, struct arena *arena);
bool model_cache_is_down(const char *state_dir, const char *provider, struct arena *arena) MUST_CHECK;

#endif
