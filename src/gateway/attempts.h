/* Attempts to get an answer, at one target after the other. */
#ifndef PENSTOCK_GATEWAY_ATTEMPTS_H
#define PENSTOCK_GATEWAY_ATTEMPTS_H

#include <stdbool.h>

#include "base/base.h"

struct exchange;
struct failure;

/* Gets an answer from the exchange's target, or from another one behind the same alias, and passes it on.
 * Returns as relay_run() does: false with the cause while the response has not begun, else the exchange's
 * result tells how it ended. Every attempt is in the record. */
bool attempts_run(struct exchange *exchange, struct failure *why) MUST_CHECK;

#endif
