/* What a provider lists as its models: asked for, or remembered. */
#ifndef PENSTOCK_PAGES_PROVIDER_MODELS_H
#define PENSTOCK_PAGES_PROVIDER_MODELS_H

#include <stdbool.h>

#include "base/base.h"

struct arena;
struct buffer;
struct failure;
struct services;
struct provider_settings;

#define MODEL_SOURCE_MAX (4 * 1024 * 1024) /* bytes of a list */

/* Asks the provider; its ids as a JSON array. Not more than ten seconds. */
bool model_source_ask(const struct services *services, const struct provider_settings *provider,
                      struct arena *arena, struct buffer *ids, struct failure *why) MUST_CHECK;

enum model_source { MODELS_FRESH, MODELS_OLD, MODELS_NONE };

/* The ids as all processes remember them, if that is not long ago, else as asked for, else however old they
 * are. A provider that did not answer is not asked again at once. */
enum model_source model_source_read(const struct services *services, const struct provider_settings *provider,
                                    struct arena *arena, bool may_ask, struct buffer *ids);

#endif
