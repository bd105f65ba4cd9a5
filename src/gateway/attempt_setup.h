/* One request put to one provider. */
#ifndef PENSTOCK_GATEWAY_ATTEMPT_SETUP_H
#define PENSTOCK_GATEWAY_ATTEMPT_SETUP_H

#include <stdbool.h>

#include "base/base.h"
#include "protocol/error_response.h"
#include "protocol/response_headers.h"

struct exchange;
struct failure;
struct upstream_request;

/* Adds what the name of the exchange's target says beside the model. */
bool attempt_add_parameters(struct exchange *exchange, struct failure *why) MUST_CHECK;

/* Puts what is asked for into the words of the exchange's target, and briefs the relay. `request` lives as
 * long as the exchange. */
bool attempt_prepare(struct exchange *exchange, struct upstream_request *request,
                     struct failure *why) MUST_CHECK;

/* Who is named in the header lines of the answer, and in a failure's, by what is known now. */
struct response_headers response_headers_of(const struct exchange *exchange);
struct error_response error_response_of(const struct exchange *exchange);

#endif
