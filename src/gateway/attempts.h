/* One request, and the providers that are tried for its answer. */
#ifndef PENSTOCK_GATEWAY_ATTEMPTS_H
#define PENSTOCK_GATEWAY_ATTEMPTS_H

#include <stdbool.h>

#include "base/base.h"

struct exchange;
struct failure;

/* Asks for the answer and passes it on, as relay_run(); every try is in the record. */
bool attempts_run(struct exchange *exchange, struct failure *why) MUST_CHECK;

#endif
