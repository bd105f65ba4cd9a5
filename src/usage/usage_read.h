/* What a provider says that a request used, wherever it says it. */
#ifndef PENSTOCK_USAGE_USAGE_READ_H
#define PENSTOCK_USAGE_USAGE_READ_H

#include <stdbool.h>

#include "format/json.h"

struct answer;
struct usage;

/* Reads the counts in an answer or a stream's frame; later ones replace earlier ones, for they are
 * cumulative. True when there were any. */
bool usage_read(const struct answer *answer, struct usage *usage);

/* The same from the object of counts itself, wherever it was found. */
bool usage_read_object(struct json_value object, struct usage *usage);

#endif
