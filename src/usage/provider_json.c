/* What a provider's JSON says of itself, whole answer or frame. */
#include "usage/provider_json.h"

static const char *const names[MEMBER_COUNT] = {
    [MEMBER_ID] = "id",
    [MEMBER_CHOICES] = "choices",
    [MEMBER_USAGE] = "usage",
    [MEMBER_X_GROQ] = "x_groq",
    [MEMBER_USAGE_METADATA] = "usageMetadata",
    [MEMBER_RESPONSE] = "response",
    [MEMBER_DELTA] = "delta",
    [MEMBER_ERROR] = "error",
    [MEMBER_TYPE] = "type",
    [MEMBER_OBJECT] = "object",
    [MEMBER_PROMPT_FEEDBACK] = "promptFeedback",
    [MEMBER_MESSAGE] = "message",
    [MEMBER_MSG] = "msg",
    [MEMBER_DETAIL] = "detail",
    [MEMBER_ERRORS] = "errors",
    [MEMBER_ERROR_MSG] = "error_msg",
};

struct provider_json provider_json_read(struct json_value root)
{
    struct provider_json answer = {0};
    json_pick(root, names, MEMBER_COUNT, answer.members);
    return answer;
}

static bool is_text(struct json_value value, const char *text)
{
    return json_kind(value) == JSON_STRING && json_name_is(value, text);
}

static bool says_something(struct json_value value)
{
    return value.length > 2 && json_kind(value) != JSON_NULL; /* more than "", [] or {} */
}

/* How an error without "error" looks: a sentence and nothing that a completion has. */
static bool only_complains(const struct provider_json *answer)
{
    if (json_kind(answer->members[MEMBER_CHOICES]) == JSON_ARRAY)
        return false;
    for (int member = MEMBER_MESSAGE; member <= MEMBER_ERROR_MSG; member++)
        if (says_something(answer->members[member]))
            return true;
    return false;
}

/* OpenAI's Responses events and Anthropic's say it by their type, vLLM's older answers by their object,
 * Gemini by the reason for its silence. */
bool provider_json_is_error(const struct provider_json *answer)
{
    struct json_value error = answer->members[MEMBER_ERROR];
    enum json_kind kind = json_kind(error);
    if (kind == JSON_OBJECT || kind == JSON_ARRAY || (kind == JSON_STRING && error.length > 2))
        return true;
    return is_text(answer->members[MEMBER_TYPE], "error") ||
           is_text(answer->members[MEMBER_TYPE], "response.failed") ||
           is_text(answer->members[MEMBER_OBJECT], "error") || only_complains(answer) ||
           json_kind(json_get(answer->members[MEMBER_PROMPT_FEEDBACK], "blockReason")) == JSON_STRING;
}

bool provider_json_has_choices(const struct provider_json *answer)
{
    struct json_value rest = json_elements(answer->members[MEMBER_CHOICES]), choice;
    return json_next_element(&rest, &choice);
}
