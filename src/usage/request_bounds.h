/* The most that a request may ask of a model, however its provider reads it (contract, section 6). */
#ifndef PENSTOCK_USAGE_REQUEST_BOUNDS_H
#define PENSTOCK_USAGE_REQUEST_BOUNDS_H

#include <stdint.h>

#include "format/json.h"

#define REQUEST_TOKENS_MAX INT64_C(100000000) /* more than any model generates */

/* `body` is the object of a request in the dialect of chat completions, completions or Responses; an absent
 * body asks for one answer without a bound. "extra_body" counts as part of it, because some gateways merge it
 * into the request. */

/* Returns the largest number of answers: the largest of "n", "best_of" and the names that other servers give
 * them, times the number of prompts of a completion. At least 1. */
int64_t request_answers_max(struct json_value body);

/* Returns the largest number of tokens that all answers together may have: the largest of "max_tokens",
 * "max_completion_tokens", "max_output_tokens" and the names that other servers give them, times the answers.
 * -1: unbounded, because none of them is set, or one of them is a value that some servers read as no bound:
 * zero, negative, larger than REQUEST_TOKENS_MAX, or not a number. */
int64_t request_completion_max(struct json_value body);

#endif
