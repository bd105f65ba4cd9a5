/* Keeps an exchange's account in the ledger and writes its usage record. */
#ifndef PENSTOCK_GATEWAY_EXCHANGE_ACCOUNTING_H
#define PENSTOCK_GATEWAY_EXCHANGE_ACCOUNTING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct exchange;
struct failure;

/* Opens the exchange in the ledger: from now on it gets a usage record, even if this process dies. */
void accounting_begin(struct exchange *exchange);

/* Counts the request and reserves its estimated cost, before the first attempt. Fails with limit_reached,
 * run_blocked or unavailable. */
bool accounting_reserve(struct exchange *exchange, struct failure *why) MUST_CHECK;

/* Reserves money for another attempt, because the provider may bill the failed one. Returns false if a limit
 * in money has no room for it. */
bool accounting_reserve_attempt(struct exchange *exchange);

/* True if the requests of the client are limited in any way. */
bool accounting_has_limits(const struct exchange *exchange);

/* Counts the request of a client before its body is read, which may take long. Fails as accounting_reserve()
 * does, which is called later all the same. */
bool accounting_reserve_early(struct exchange *exchange, struct failure *why) MUST_CHECK;

/* Counts a request that lists models, which may hold a worker while a provider is asked, against the limits
 * on requests of its client. Fails as accounting_reserve() does. Other pages have no limit. */
bool accounting_reserve_page(struct exchange *exchange, struct failure *why) MUST_CHECK;

/* For a client with a limit in money: fails with forbidden if the request names another model for the
 * provider to choose that costs more than the present target, and with the setting `unpriced` at "refuse", if
 * the price of either is unknown. */
bool accounting_price_is_known(const struct exchange *exchange, struct failure *why) MUST_CHECK;

/* Replaces `why` with the failure of a blocked run, if the request's run is blocked. Called for a request
 * that failed because its target is unknown: the failure of the run takes precedence. */
void accounting_check_run(const struct exchange *exchange, struct failure *why);

/* Returns the cost of the last attempt at the current target, in billionths of a USD, or COST_UNKNOWN. */
int64_t accounting_attempt_cost(const struct exchange *exchange);

/* Returns the cost of all attempts so far, as the record will have it, or COST_UNKNOWN. */
int64_t accounting_cost(const struct exchange *exchange);

/* True if the exchange must be recorded before the client sees the end of the response. */
bool accounting_is_urgent(const struct exchange *exchange);

/* Settles the exchange in the ledger and appends its line to the usage log. Called once, after
 * accounting_begin(). */
void accounting_record(struct exchange *exchange);

#endif
