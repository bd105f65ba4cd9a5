/* Answers that need no model: preflights of browsers, pages of the gateway, counts of tokens. */
#ifndef PENSTOCK_GATEWAY_OWN_ANSWERS_H
#define PENSTOCK_GATEWAY_OWN_ANSWERS_H

#include <stdbool.h>

#include "base/base.h"

struct exchange;
struct failure;

/* Answers a preflight (Fetch standard, "CORS-preflight request"). A browser sends no key with it, and the
 * program in the page never sees the answer. */
bool own_answer_preflight(struct exchange *exchange);

/* Answers requests that need no provider: models, health, status, metrics, runs. */
bool own_answer_page(struct exchange *exchange, struct failure *why) MUST_CHECK;

/* Counts the tokens of a prompt: the provider does if it speaks the Messages API, else an estimate answers.
 * Agents ask in bursts, and a count is no use of the model, so it is outside the limits (contract, section
 * 9). */
bool own_answer_count(struct exchange *exchange, struct failure *why) MUST_CHECK;

/* Counts by the Responses API, which has no other form: an estimate would pass for the provider's own count.
 */
bool own_answer_count_by_responses(struct exchange *exchange, struct failure *why) MUST_CHECK;

#endif
