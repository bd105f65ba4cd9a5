/* The models that the run gateway's own API offers, with their prices. */
#ifndef PENSTOCK_PAGES_RUN_MODELS_H
#define PENSTOCK_PAGES_RUN_MODELS_H

#include <stdbool.h>

struct arena;
struct buffer;
struct client_settings;
struct services;

enum run_models { RUN_MODELS_CHAT, RUN_MODELS_EMBEDDING };

/* Writes the list of those that the settings name and `client` (NULL: an anonymous one) may use; nobody is
 * asked for it. False when it does not fit. */
bool run_models_list(const struct services *services, const struct client_settings *client,
                     struct arena *arena, enum run_models kind, struct buffer *list);

#endif
