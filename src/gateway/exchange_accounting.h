/* One exchange in the ledger and in the usage log: begun, reserved for, and recorded in the end. */
#ifndef PENSTOCK_GATEWAY_EXCHANGE_ACCOUNTING_H
#define PENSTOCK_GATEWAY_EXCHANGE_ACCOUNTING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct exchange;
struct failure;

/* A request has come, and will have a record whatever becomes of it. */
void accounting_begin(struct exchange *exchange);

/* Before anybody is asked: counts the request and sets its money aside. limit_reached, run_blocked or
 * unavailable. */
bool accounting_reserve(struct exchange *exchange, struct failure *why) MUST_CHECK;

/* A request for an unknown target has failed already. If its run is blocked, that failure comes first: it
 * replaces `why`. */
void accounting_check_run(const struct exchange *exchange, struct failure *why);

/* The cost of the last attempt at the current target, in billionths of a USD; COST_UNKNOWN. */
int64_t accounting_attempt_cost(const struct exchange *exchange);

/* Does its end count before the client hears of it? */
bool accounting_is_urgent(const struct exchange *exchange);

/* What the steps left behind: settled, and in one line of the log. For exchanges that were begun. */
void accounting_record(struct exchange *exchange);

#endif
