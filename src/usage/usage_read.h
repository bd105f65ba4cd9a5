/* What a provider says that a request used, wherever it says it. */
#ifndef PENSTOCK_USAGE_USAGE_READ_H
#define PENSTOCK_USAGE_USAGE_READ_H

#include <stdbool.h>

#include "format/json.h"

struct provider_json;
struct token_usage;

/* Reads the counts in an answer or a stream's frame; later ones replace earlier ones, for they are
 * cumulative. True when there were any. */
bool token_usage_read(const struct provider_json *answer, struct token_usage *usage);

/* The same from the object of counts itself, wherever it was found. */
bool token_usage_read_object(struct json_value object, struct token_usage *usage);

#endif
