/* The top-level members of a provider's JSON, a response body or a frame of a stream, and what they show. */
#ifndef PENSTOCK_USAGE_PROVIDER_JSON_H
#define PENSTOCK_USAGE_PROVIDER_JSON_H

#include <stdbool.h>

#include "format/json.h"

/* The members that the gateway reads. */
enum provider_json_member {
    MEMBER_ID,
    MEMBER_CHOICES,
    MEMBER_USAGE,
    MEMBER_X_GROQ,
    MEMBER_USAGE_METADATA,
    MEMBER_RESPONSE,
    MEMBER_DELTA,
    MEMBER_CONTENT_BLOCK,
    MEMBER_CANDIDATES,
    MEMBER_ERROR,
    MEMBER_TYPE,
    MEMBER_OBJECT,
    MEMBER_PROMPT_FEEDBACK,
    MEMBER_MESSAGE,
    MEMBER_MSG,
    MEMBER_DETAIL,
    MEMBER_ERRORS,
    MEMBER_ERROR_MSG,
    MEMBER_ERR_MSG,
    MEMBER_ERROR_MESSAGE,
    MEMBER_BASE_RESP,
    MEMBER_ERROR_CODE,
    MEMBER_CODE,
    MEMBER_SUCCESS,
    MEMBER_STATUS,
    MEMBER_CLOUD_RESPONSE,
    MEMBER_COUNT
};

struct provider_json {
    struct json_value members[MEMBER_COUNT];
};

/* Finds the members in one walk over `root`, which json_check() has checked. The values point into it. An
 * array has the members of its first error, and none if it holds no error. */
struct provider_json provider_json_read(struct json_value root);

/* True if the response or frame is an error, whatever its HTTP status. */
bool provider_json_is_error(const struct provider_json *json);

/* True if a choice with these members ends in an error. OpenRouter and others report the error by the
 * finish_reason, and its cause in the choice's own "error". */
bool provider_json_choice_failed(struct json_value finish_reason, struct json_value error);

/* True if a choice of the completion ends in an error. */
bool provider_json_has_failed_choice(const struct provider_json *json);

/* True if the completion has at least one choice. */
bool provider_json_has_choices(const struct provider_json *json);

#endif
