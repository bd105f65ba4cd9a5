/* How many tokens a text probably has, where nobody has counted. */
#ifndef PENSTOCK_USAGE_TOKEN_ESTIMATE_H
#define PENSTOCK_USAGE_TOKEN_ESTIMATE_H

#include <stdint.h>

#include "format/json.h"

struct token_usage;

/* The characters (code points) of what is said in a message, a delta, or the prompt of a request: a string,
 * a list of them, parts of content, calls of tools. Images and sounds have none; a token given by its number
 * has four. */
int64_t token_estimate_characters(struct json_value said);

/* What a request used whose answer had so many characters, by a quarter of them and of those of the prompt in
 * its body, rounded up; marked as an estimate. */
struct token_usage token_estimate_usage(struct json_value body, int64_t characters);

#endif
