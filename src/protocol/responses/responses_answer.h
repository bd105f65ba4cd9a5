/* Reads the answers of providers that speak the Responses API. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_ANSWER_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_ANSWER_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct answer;
struct failure;

/* Reads an event of a stream, or a whole response. Fails with bad_response if the answer is too large. */
bool responses_answer_event(struct answer *answer, struct json_value event, struct failure *why) MUST_CHECK;
bool responses_answer_body(struct answer *answer, struct json_value response, struct failure *why) MUST_CHECK;

#endif
