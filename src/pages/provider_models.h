/* The list of models of a provider: fetched from it, or cached. */
#ifndef PENSTOCK_PAGES_PROVIDER_MODELS_H
#define PENSTOCK_PAGES_PROVIDER_MODELS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct arena;
struct buffer;
struct failure;
struct services;
struct settings;
struct provider_settings;

#define PROVIDER_MODELS_MAX (4 * 1024 * 1024) /* bytes of a list */

/* Fetches the list from the provider, within ten seconds, and writes its ids as a JSON array. */
bool provider_models_fetch(const struct services *services, const struct provider_settings *provider,
                           struct arena *arena, struct buffer *ids, struct failure *why) MUST_CHECK;

enum provider_models_state { MODELS_FRESH, MODELS_STALE, MODELS_NONE };

/* Reads the ids from the cache if they are fresh. Otherwise fetches them, or reads old ids from the cache.
 * Only one process of the host fetches at a time; the others use their old ids, or wait for it until
 * `until_us` (clock_monotonic_us()) if they have none and another worker is free. After a failure, the
 * provider is not asked again for MODEL_CACHE_DOWN_SECONDS. */
enum provider_models_state provider_models_read(const struct services *services,
                                                const struct provider_settings *provider, struct arena *arena,
                                                int64_t until_us, struct buffer *ids);

/* True if the settings list no models of the provider, or if the model is among these or in the cached list.
 * The cached list alone forbids nothing: providers serve models that they do not list. No provider is asked.
 */
bool provider_models_may_have(const struct settings *settings, const struct provider_settings *provider,
                              struct arena *arena, const char *model);

#endif
