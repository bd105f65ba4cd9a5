/* The most that a request may ask of a model, however its provider reads it (contract, section 6). */
#ifndef PENSTOCK_USAGE_REQUEST_BOUNDS_H
#define PENSTOCK_USAGE_REQUEST_BOUNDS_H

#include <stdint.h>

#include "format/json.h"

#define REQUEST_TOKENS_MAX INT64_C(100000000) /* more than any model generates */

struct request_bounds {
    int64_t answers; /* the largest number of answers, at least 1 */
    /* The largest number of tokens that all of them may have; -1: unbounded. */
    int64_t completion;
};

/* Reads the object of a request in the dialect of chat completions, completions or Responses; an absent body
 * asks for one answer without a bound.
 *
 * The answers are the largest of "n", "best_of" and the names that other servers give them, times the number
 * of prompts of a completion. Their tokens are bounded only by the members of the dialect: "max_tokens" and
 * "max_completion_tokens", or "max_output_tokens" in Responses. All that other servers read as a bound, as a
 * minimum or as a number of tokens to think with raises that bound, wherever in the request it is. A value
 * that some servers read as no bound is none: zero, negative, larger than REQUEST_TOKENS_MAX, or not a
 * number. */
struct request_bounds request_bounds_read(struct json_value body);

#endif
