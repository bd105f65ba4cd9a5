/* What a provider's JSON says of itself, whole answer or frame. */
#include "answer.h"

static bool is_text(struct json_value value, const char *text)
{
    return json_kind(value) == '"' && json_name_is(value, text);
}

bool answer_is_error(struct json_value answer)
{
    struct json_value error = json_get(answer, "error");
    int kind = json_kind(error);
    if (kind == '{' || kind == '[' || (kind == '"' && error.length > 2))
        return true;
    /* OpenAI's Responses events and Anthropic's say it by their type, Gemini by the reason for its silence.
     */
    return is_text(json_get(answer, "type"), "error") ||
           json_kind(json_get(json_get(answer, "promptFeedback"), "blockReason")) == '"';
}
