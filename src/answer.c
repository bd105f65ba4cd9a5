/* What a provider's JSON says of itself, whole answer or frame. */
#include "answer.h"

static bool is_text(struct json_value value, const char *text)
{
    return json_kind(value) == '"' && json_name_is(value, text);
}

/* How an error without "error" looks: a sentence and nothing that a completion has. */
static bool only_complains(struct json_value answer)
{
    static const char *const names[] = {"message", "msg", "detail", "errors", "error_msg"};
    if (json_kind(json_get(answer, "choices")) == '[')
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (json_get(answer, names[i]).length > 2 && json_kind(json_get(answer, names[i])) != 'n')
            return true;
    return false;
}

bool answer_is_error(struct json_value answer)
{
    struct json_value error = json_get(answer, "error");
    int kind = json_kind(error);
    if (kind == '{' || kind == '[' || (kind == '"' && error.length > 2))
        return true;
    /* OpenAI's Responses events and Anthropic's say it by their type, Gemini by the reason for its silence.
     */
    return is_text(json_get(answer, "type"), "error") || is_text(json_get(answer, "object"), "error") ||
           only_complains(answer) ||
           json_kind(json_get(json_get(answer, "promptFeedback"), "blockReason")) == '"';
}

bool answer_has_choices(struct json_value answer)
{
    struct json_value rest = json_elements(json_get(answer, "choices")), choice;
    return json_next_element(&rest, &choice);
}
