/* The models that may be asked for: what the settings name and what the providers list. */
#ifndef MODELS_H
#define MODELS_H

#include <stdbool.h>

#include "attributes.h"

struct arena;
struct buffer;
struct failure;
struct gateway;

/* Writes {"object":"list","data":[...]} into `list`, each id usable as it stands. A provider that does not
 * answer adds only what the settings name. */
void models_list(const struct gateway *gateway, struct arena *arena, struct buffer *list);

/* Writes the object of the model of that id; model_not_found if there is none. */
bool models_one(const struct gateway *gateway, struct arena *arena, const char *id, struct buffer *object,
                struct failure *why) MUST_CHECK;

#endif
