/* Reads the answers of Gemini's generateContent. */
#ifndef PENSTOCK_PROTOCOL_GEMINI_GEMINI_ANSWER_H
#define PENSTOCK_PROTOCOL_GEMINI_GEMINI_ANSWER_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct answer;
struct failure;

/* Reads a response; each event of a stream is one, with what is new. Fails with bad_response if the answer is
 * too large. */
bool gemini_answer_take(struct answer *answer, struct json_value response, struct failure *why) MUST_CHECK;

#endif
