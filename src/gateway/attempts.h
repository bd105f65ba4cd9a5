/* One request, and the providers that are tried for its answer. */
#ifndef TRIES_H
#define TRIES_H

#include <stdbool.h>

#include "base/attributes.h"

struct exchange;
struct failure;

/* Asks for the answer and passes it on, as relay_run(); every try is in the record. */
bool tries_run(struct exchange *exchange, struct failure *why) MUST_CHECK;

#endif
