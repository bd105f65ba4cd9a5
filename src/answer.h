/* What a provider's JSON says of itself, whole answer or frame. */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdbool.h>

#include "json.h"

/* Does it carry an error? */
bool answer_is_error(struct json_value answer);

/* Does a completion have at least one choice? */
bool answer_has_choices(struct json_value answer);

#endif
