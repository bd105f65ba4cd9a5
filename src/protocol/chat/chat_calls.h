/* Tells the calls of a chat apart, and collects their pieces. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_CALLS_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_CALLS_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct failure;
struct answer;

/* Takes the "tool_calls" of a message, whose calls are whole, or of a delta, which has pieces of them. Fails
 * with bad_response if the answer is too large. */
bool calls_take(struct answer *answer, struct json_value calls, bool message, struct failure *why) MUST_CHECK;

/* Takes the "function_call" of the older API, of which an answer has at most one. */
bool calls_take_function(struct answer *answer, struct json_value call, struct failure *why) MUST_CHECK;

/* Reports the calls whose names are known, because other content begins. */
void calls_report(struct answer *answer);

/* Completes all calls at the end of the answer. Fails with bad_response if a call has arguments but no name.
 */
bool calls_finish(struct answer *answer, struct failure *why) MUST_CHECK;

#endif
