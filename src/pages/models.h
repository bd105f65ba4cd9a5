/* GET /v1/models: the aliases, the models of the settings and those that the providers list. */
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
    const struct client_settings *client; /* the client whose models are listed; NULL: anonymous */
    bool anthropic;                       /* the list is written as Anthropic's API has it */
    const char *stale; /* set to the names of the providers whose list is out of date; NULL: none */
};

/* Writes {"object":"list","data":[...]} into `list`; a client can request each id as it is written. If a
 * provider does not answer, the list has its models from the settings and from its last list. */
void models_list(struct models *models, struct buffer *list);

/* Writes the object of the model `id`; fails with model_not_found if there is none. */
bool models_one(struct models *models, const char *id, struct buffer *object, struct failure *why) MUST_CHECK;

/* Returns the name by which clients request the provider's model: the bare id for the default provider,
 * otherwise PROVIDER:ID. The name lives in the arena or is `id` itself. */
const char *models_usable_id(const struct settings *settings, struct arena *arena,
                             const struct provider_settings *provider, const char *id);

#endif
