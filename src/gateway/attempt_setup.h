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

/* Makes `target` the current one, and gives it the client's request with the parameters from the model's
 * name. bad_request if they do not fit. */
bool attempt_set_target(struct exchange *exchange, const struct target *target,
                        struct failure *why) MUST_CHECK;

/* Prepares what is sent to the current target. From here on record and response name that target, unless its
 * dialect cannot express the request. bad_request, or what provider_prepare() gives. */
bool attempt_prepare(struct exchange *exchange, struct failure *why) MUST_CHECK;

/* The relay's job for the next attempt at the current target. Valid until the target changes. */
struct relay_job attempt_job(struct exchange *exchange);

/* The parts of a response that the exchange knows, as of now. */
struct response_headers response_headers_of(const struct exchange *exchange);
struct error_response error_response_of(const struct exchange *exchange);

#endif
