/* One request put to one provider. */
#ifndef ASKING_H
#define ASKING_H

#include <stdbool.h>

#include "base/attributes.h"
#include "protocol/error_response.h"
#include "protocol/response_headers.h"

struct exchange;
struct failure;
struct upstream_request;

/* Adds what the name of the exchange's target says beside the model. */
bool asking_add_parameters(struct exchange *exchange, struct failure *why) MUST_CHECK;

/* Puts what is asked for into the words of the exchange's target, and briefs the relay. `request` lives as
 * long as the exchange. */
bool asking_prepare(struct exchange *exchange, struct upstream_request *request,
                    struct failure *why) MUST_CHECK;

/* Who is named in the header lines of the answer, and in a failure's, by what is known now. */
struct heading asking_heading(const struct exchange *exchange);
struct refusal asking_refusal(const struct exchange *exchange);

#endif
