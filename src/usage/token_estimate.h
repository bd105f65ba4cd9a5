/* Estimates the tokens of a request whose provider has not counted them. */
#ifndef PENSTOCK_USAGE_TOKEN_ESTIMATE_H
#define PENSTOCK_USAGE_TOKEN_ESTIMATE_H

#include <stdint.h>

#include "format/json.h"

struct token_usage;

/* The characters (code points) of the text in `content`: a message, a delta or the prompt of a request, which
 * may be a string, a list, content parts or tool calls. Images and audio count as none, a token id as four.
 */
int64_t token_estimate_characters(struct json_value content);

/* The tokens of that many characters: a quarter, rounded up. */
int64_t token_estimate_tokens(int64_t characters);

/* The tokens of the prompt in a request's body of any dialect, for a client that asks for the count: a little
 * too high rather than too low. Texts, tools and everything else that the model reads count by their bytes,
 * pictures and files by their number and size. */
int64_t token_estimate_prompt(struct json_value body);

/* The estimated usage of a request with this body whose answer had `characters`: a quarter of the characters
 * of the prompt and of the answer, rounded up. Its source is USAGE_ESTIMATED. */
struct token_usage token_estimate_usage(struct json_value body, int64_t characters);

#endif
