/* The answers that we give ourselves: the models and our health. */
#ifndef LOCAL_H
#define LOCAL_H

#include <stdbool.h>

#include "attributes.h"

struct arena;
struct buffer;
struct failure;
struct gateway;
struct route;

/* Writes the JSON answer of a route that is not forwarded; `rest` is what followed its path. */
bool local_answer(const struct gateway *gateway, struct arena *arena, const struct route *route,
                  const char *rest, struct buffer *body, struct failure *why) MUST_CHECK;

#endif
