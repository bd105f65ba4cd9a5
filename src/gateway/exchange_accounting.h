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

/* For a request that names what there is not: whether its run may ask at all comes first, and where it may
 * not, that becomes the failure. False in any case. */
bool accounting_check_run(const struct exchange *exchange, struct failure *why);

/* What the try that has just ended has cost, as far as anybody knows; COST_UNKNOWN: nobody does. */
int64_t accounting_cost(const struct exchange *exchange);

/* Does its end count before the client hears of it? */
bool accounting_is_urgent(const struct exchange *exchange);

/* What the steps left behind: settled, and in one line of the log. For exchanges that were begun. */
void accounting_record(struct exchange *exchange);

#endif
