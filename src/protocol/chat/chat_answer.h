/* Reads the completions and chunks of a provider that speaks chat completions. */
#ifndef PENSTOCK_PROTOCOL_CHAT_CHAT_ANSWER_H
#define PENSTOCK_PROTOCOL_CHAT_CHAT_ANSWER_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct answer;
struct failure;

/* The text of the answer may have reasoning between tags, "<think>...</think>". */
void chat_answer_tags(struct answer *answer);

/* Reads the first choice of a completion or a chunk, because clients of other dialects request only one.
 * Fails with bad_response if the answer is larger than ANSWER_HELD_MAX or has more than ANSWER_ITEMS_MAX
 * items. */
bool chat_answer_take(struct answer *answer, struct json_value completion, struct failure *why) MUST_CHECK;

/* Reads what was held back until the end. Fails with bad_response if a call has no name. */
bool chat_answer_end(struct answer *answer, struct failure *why) MUST_CHECK;

#endif
