/* The models that may be asked for: aliases, what the settings name, and what the providers list. */
#ifndef PENSTOCK_PAGES_MODELS_H
#define PENSTOCK_PAGES_MODELS_H

#include <stdbool.h>

#include "base/base.h"

struct arena;
struct buffer;
struct client_settings;
struct failure;
struct services;
struct provider_settings;
struct settings;

struct models {
    const struct services *services;
    struct arena *arena;
    const struct client_settings *client; /* who asks, and sees what it may use; NULL: an anonymous one */
    const char *stale; /* found: the providers that gave no list just now, by name; NULL: none */
};

/* Writes {"object":"list","data":[...]} into `list`, each id usable as it stands. A provider that does not
 * answer adds what the settings name and what it listed before. */
void models_list(struct models *models, struct buffer *list);

/* Writes the object of the model of that id; model_not_found if there is none. */
bool models_one(struct models *models, const char *id, struct buffer *object, struct failure *why) MUST_CHECK;

/* How the provider's model is to be asked for: by its bare id at the default provider, else as PROVIDER:ID.
 */
const char *models_usable_id(const struct settings *settings, struct arena *arena,
                             const struct provider_settings *provider, const char *id);

#endif
