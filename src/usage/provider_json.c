/* What a provider's JSON says of itself, whole answer or frame. */
#include "usage/provider_json.h"

static const char *const names[ANSWER_MEMBERS] = {
    [ANSWER_ID] = "id",
    [ANSWER_CHOICES] = "choices",
    [ANSWER_USAGE] = "usage",
    [ANSWER_X_GROQ] = "x_groq",
    [ANSWER_USAGE_METADATA] = "usageMetadata",
    [ANSWER_RESPONSE] = "response",
    [ANSWER_DELTA] = "delta",
    [ANSWER_ERROR] = "error",
    [ANSWER_TYPE] = "type",
    [ANSWER_OBJECT] = "object",
    [ANSWER_PROMPT_FEEDBACK] = "promptFeedback",
    [ANSWER_MESSAGE] = "message",
    [ANSWER_MSG] = "msg",
    [ANSWER_DETAIL] = "detail",
    [ANSWER_ERRORS] = "errors",
    [ANSWER_ERROR_MSG] = "error_msg",
};

struct answer answer_read(struct json_value root)
{
    struct answer answer = {0};
    json_pick(root, names, ANSWER_MEMBERS, answer.members);
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
static bool only_complains(const struct answer *answer)
{
    if (json_kind(answer->members[ANSWER_CHOICES]) == JSON_ARRAY)
        return false;
    for (int member = ANSWER_MESSAGE; member <= ANSWER_ERROR_MSG; member++)
        if (says_something(answer->members[member]))
            return true;
    return false;
}

/* OpenAI's Responses events and Anthropic's say it by their type, vLLM's older answers by their object,
 * Gemini by the reason for its silence. */
bool answer_is_error(const struct answer *answer)
{
    struct json_value error = answer->members[ANSWER_ERROR];
    enum json_kind kind = json_kind(error);
    if (kind == JSON_OBJECT || kind == JSON_ARRAY || (kind == JSON_STRING && error.length > 2))
        return true;
    return is_text(answer->members[ANSWER_TYPE], "error") ||
           is_text(answer->members[ANSWER_TYPE], "response.failed") ||
           is_text(answer->members[ANSWER_OBJECT], "error") || only_complains(answer) ||
           json_kind(json_get(answer->members[ANSWER_PROMPT_FEEDBACK], "blockReason")) == JSON_STRING;
}

bool answer_has_choices(const struct answer *answer)
{
    struct json_value rest = json_elements(answer->members[ANSWER_CHOICES]), choice;
    return json_next_element(&rest, &choice);
}
