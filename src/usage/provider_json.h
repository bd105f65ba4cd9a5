/* What a provider's JSON says of itself, whole answer or frame. */
#ifndef PENSTOCK_USAGE_PROVIDER_JSON_H
#define PENSTOCK_USAGE_PROVIDER_JSON_H

#include <stdbool.h>

#include "format/json.h"

/* The members that somebody here reads. */
enum provider_json_member {
    MEMBER_ID,
    MEMBER_CHOICES,
    MEMBER_USAGE,
    MEMBER_X_GROQ,
    MEMBER_USAGE_METADATA,
    MEMBER_RESPONSE,
    MEMBER_DELTA,
    MEMBER_ERROR,
    MEMBER_TYPE,
    MEMBER_OBJECT,
    MEMBER_PROMPT_FEEDBACK,
    MEMBER_MESSAGE,
    MEMBER_MSG,
    MEMBER_DETAIL,
    MEMBER_ERRORS,
    MEMBER_ERROR_MSG,
    MEMBER_COUNT
};

struct provider_json {
    struct json_value members[MEMBER_COUNT];
};

/* Finds them in one walk over a checked text. */
struct provider_json provider_json_read(struct json_value root);

/* Does it carry an error? */
bool provider_json_is_error(const struct provider_json *answer);

/* Does a completion have at least one choice? */
bool provider_json_has_choices(const struct provider_json *answer);

#endif
