/* What a provider's JSON says of itself, whole answer or frame. */
#ifndef PENSTOCK_USAGE_PROVIDER_JSON_H
#define PENSTOCK_USAGE_PROVIDER_JSON_H

#include <stdbool.h>

#include "format/json.h"

/* The members that somebody here reads. */
enum answer_member {
    ANSWER_ID,
    ANSWER_CHOICES,
    ANSWER_USAGE,
    ANSWER_X_GROQ,
    ANSWER_USAGE_METADATA,
    ANSWER_RESPONSE,
    ANSWER_DELTA,
    ANSWER_ERROR,
    ANSWER_TYPE,
    ANSWER_OBJECT,
    ANSWER_PROMPT_FEEDBACK,
    ANSWER_MESSAGE,
    ANSWER_MSG,
    ANSWER_DETAIL,
    ANSWER_ERRORS,
    ANSWER_ERROR_MSG,
    ANSWER_MEMBERS
};

struct answer {
    struct json_value members[ANSWER_MEMBERS];
};

/* Finds them in one walk over a checked text. */
struct answer answer_read(struct json_value root);

/* Does it carry an error? */
bool answer_is_error(const struct answer *answer);

/* Does a completion have at least one choice? */
bool answer_has_choices(const struct answer *answer);

#endif
