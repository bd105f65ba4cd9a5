/* Reads the answers of providers that speak the Messages API. */
#ifndef PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_ANSWER_H
#define PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_ANSWER_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct answer;
struct failure;

/* Reads an event of a stream, or a whole message. Fails with bad_response if the answer is too large. */
bool messages_answer_event(struct answer *answer, struct json_value event, struct failure *why) MUST_CHECK;
bool messages_answer_body(struct answer *answer, struct json_value message, struct failure *why) MUST_CHECK;

#endif
