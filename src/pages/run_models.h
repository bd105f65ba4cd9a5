/* GET /api/inference-models and /api/embedding-models: the models of the run API with their prices. */
#ifndef PENSTOCK_PAGES_RUN_MODELS_H
#define PENSTOCK_PAGES_RUN_MODELS_H

#include <stdbool.h>

struct arena;
struct buffer;
struct client_settings;
struct services;

enum run_models { RUN_MODELS_CHAT, RUN_MODELS_EMBEDDING };

/* Writes the list of the aliases and the models of the settings that `client` (NULL: an anonymous client) may
 * use. No provider is asked. Returns false if the list does not fit. */
bool run_models_list(const struct services *services, const struct client_settings *client,
                     struct arena *arena, enum run_models kind, struct buffer *list);

#endif
