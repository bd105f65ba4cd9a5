/* Tries one target after the other until one of them answers. */
#ifndef PENSTOCK_GATEWAY_ATTEMPTS_H
#define PENSTOCK_GATEWAY_ATTEMPTS_H

#include <stdbool.h>

#include "base/base.h"

struct exchange;
struct failure;

/* Gets an answer from the exchange's target, or from another target behind the same alias, and passes the
 * answer on. Returns false with the cause in `why` if the response has not begun. Returns true otherwise; the
 * exchange's result then holds how the exchange ended. The record lists every attempt. */
bool attempts_run(struct exchange *exchange, struct failure *why) MUST_CHECK;

#endif
