/* Prepares an exchange for attempts at one target. */
#ifndef PENSTOCK_GATEWAY_ATTEMPT_SETUP_H
#define PENSTOCK_GATEWAY_ATTEMPT_SETUP_H

#include <stdbool.h>

#include "base/base.h"
#include "protocol/error_response.h"
#include "protocol/response_headers.h"
#include "relay/relay_job.h"

struct exchange;
struct failure;
struct target;

/* Makes `target` the current target, and prepares its copy of the client's request with the parameters from
 * the model's name. Fails with bad_request if the parameters do not fit the request. */
bool attempt_set_target(struct exchange *exchange, const struct target *target,
                        struct failure *why) MUST_CHECK;

/* Prepares the request to the current target. The record and the response name this target from now on,
 * unless its dialect cannot express the request. Fails with bad_request, or as provider_prepare() does. */
bool attempt_prepare(struct exchange *exchange, struct failure *why) MUST_CHECK;

/* True if the target has a key and no breaker or cool-down keeps the request from it now. Changes nothing. */
bool attempt_may_ask(const struct exchange *exchange, const struct target *target,
                     struct failure *why) MUST_CHECK;

/* Sets the limits of the next attempt: the provider's own, or if another target can be asked after a timeout
 * the shorter ones of the provider and the alias. */
void attempt_set_limits(struct exchange *exchange, bool can_move_on);

/* Returns the relay's job for the next attempt at the current target. The job is valid until the target
 * changes. */
struct relay_job attempt_job(struct exchange *exchange);

/* Return the current state of the exchange as the parts of a response. */
struct response_headers response_headers_of(const struct exchange *exchange);
struct error_response error_response_of(const struct exchange *exchange);

#endif
