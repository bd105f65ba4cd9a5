/* The top-level members of a provider's JSON, a response body or a frame of a stream, and what they show. */
#include "usage/provider_json.h"

#include <string.h>

#include "base/ascii.h"

static const char *const names[MEMBER_COUNT] = {
    [MEMBER_ID] = "id",
    [MEMBER_CHOICES] = "choices",
    [MEMBER_USAGE] = "usage",
    [MEMBER_X_GROQ] = "x_groq",
    [MEMBER_USAGE_METADATA] = "usageMetadata",
    [MEMBER_RESPONSE] = "response",
    [MEMBER_DELTA] = "delta",
    [MEMBER_CONTENT_BLOCK] = "content_block",
    [MEMBER_CANDIDATES] = "candidates",
    [MEMBER_ERROR] = "error",
    [MEMBER_TYPE] = "type",
    [MEMBER_OBJECT] = "object",
    [MEMBER_PROMPT_FEEDBACK] = "promptFeedback",
    [MEMBER_MESSAGE] = "message",
    [MEMBER_MSG] = "msg",
    [MEMBER_DETAIL] = "detail",
    [MEMBER_ERRORS] = "errors",
    [MEMBER_ERROR_MSG] = "error_msg",
    [MEMBER_ERR_MSG] = "err_msg",
    [MEMBER_ERROR_MESSAGE] = "error_message",
    [MEMBER_BASE_RESP] = "base_resp",
    [MEMBER_ERROR_CODE] = "error_code",
    [MEMBER_CODE] = "code",
    [MEMBER_SUCCESS] = "success",
    [MEMBER_STATUS] = "status",
    [MEMBER_CLOUD_RESPONSE] = "Response",
};

static bool is_text(struct json_value value, const char *text)
{
    return json_kind(value) == JSON_STRING && json_name_is(value, text);
}

static bool is_not_empty(struct json_value value)
{
    return value.length > 2 && json_kind(value) != JSON_NULL; /* longer than "", [] and {} */
}

static bool is_number_but(struct json_value value, int64_t success)
{
    int64_t number;
    return json_kind(value) == JSON_NUMBER && (!json_integer(value, &number) || number != success);
}

/* Some providers' errors have no "error" but a message, and no choices. Others have a code that is no
 * success: Zhipu's and SiliconFlow's older APIs "code", Cloudflare "success", Tencent's cloud "Response". */
static bool is_error_without_choices(const struct provider_json *json)
{
    const struct json_value *members = json->members;
    if (json_kind(members[MEMBER_CHOICES]) == JSON_ARRAY || json_kind(members[MEMBER_SUCCESS]) == JSON_TRUE)
        return false;
    if (is_text(members[MEMBER_TYPE], "message_start")) /* Anthropic's first event holds a message */
        return false;
    for (int member = MEMBER_MESSAGE; member <= MEMBER_ERROR_MESSAGE; member++)
        if (is_not_empty(members[member]))
            return true;
    return is_number_but(members[MEMBER_ERROR_CODE], 0) ||
           (is_number_but(members[MEMBER_CODE], 0) && is_number_but(members[MEMBER_CODE], 200)) ||
           json_kind(members[MEMBER_SUCCESS]) == JSON_FALSE || is_text(members[MEMBER_STATUS], "error") ||
           json_kind(json_get(members[MEMBER_CLOUD_RESPONSE], "Error")) == JSON_OBJECT;
}

/* Gemini ends so when its model has not kept to the rules of calls; there is no answer then (Gemini API
 * reference, "FinishReason"). */
static bool has_malformed_call(const struct provider_json *json)
{
    static const char *const reasons[] = {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL",
                                          "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE"};
    struct json_value rest = json_elements(json->members[MEMBER_CANDIDATES]), candidate;
    if (!json_next_element(&rest, &candidate))
        return false;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (is_text(json_get(candidate, "finishReason"), reasons[i]))
            return true;
    return false;
}

/* Events of OpenAI's Responses API and of Anthropic show an error by "type", older versions of vLLM by
 * "object", Gemini by a block reason, MiniMax by a status in "base_resp", whatever stands beside it. */
bool provider_json_is_error(const struct provider_json *json)
{
    struct json_value error = json->members[MEMBER_ERROR];
    enum json_kind kind = json_kind(error);
    if (kind == JSON_OBJECT || kind == JSON_ARRAY || (kind == JSON_STRING && error.length > 2))
        return true;
    return is_text(json->members[MEMBER_TYPE], "error") ||
           is_text(json->members[MEMBER_TYPE], "response.failed") ||
           is_text(json->members[MEMBER_OBJECT], "error") || is_error_without_choices(json) ||
           is_number_but(json_get(json->members[MEMBER_BASE_RESP], "status_code"), 0) ||
           json_kind(json_get(json->members[MEMBER_PROMPT_FEEDBACK], "blockReason")) == JSON_STRING ||
           has_malformed_call(json);
}

static struct provider_json read_object(struct json_value object)
{
    struct provider_json json = {0};
    json_pick(object, names, MEMBER_COUNT, json.members);
    return json;
}

/* Gemini's compatible endpoint puts an error into an array. */
struct provider_json provider_json_read(struct json_value root)
{
    struct json_value rest, element;
    if (json_kind(root) != JSON_ARRAY)
        return read_object(root);
    for (rest = json_elements(root); json_next_element(&rest, &element);) {
        struct provider_json json = read_object(element);
        if (provider_json_is_error(&json))
            return json;
    }
    return (struct provider_json){0};
}

/* "error" of OpenRouter, "network_error" of Zhipu, "abort" of vLLM and their like, in any spelling. */
static bool is_failure_word(struct json_value reason)
{
    static const char *const ends[] = {"error",    "abort",  "aborted", "cancelled",
                                       "canceled", "failed", "failure"};
    char letters[32];
    size_t length = 0;
    if (json_kind(reason) != JSON_STRING || reason.length > sizeof letters)
        return false;
    for (size_t i = 0; i < reason.length; i++) {
        char letter = ascii_lower(reason.at[i]);
        if (letter >= 'a' && letter <= 'z')
            letters[length++] = letter;
    }
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t end = strlen(ends[i]);
        if (length >= end && memcmp(letters + length - end, ends[i], end) == 0)
            return true;
    }
    return false;
}

bool provider_json_choice_failed(struct json_value finish_reason, struct json_value error)
{
    enum json_kind kind = json_kind(error);
    bool has_cause = (kind == JSON_OBJECT || kind == JSON_ARRAY || kind == JSON_STRING) &&
                     is_not_empty(error);
    return has_cause || is_failure_word(finish_reason);
}

bool provider_json_has_failed_choice(const struct provider_json *json)
{
    static const char *const of_choice[] = {"finish_reason", "error"};
    struct json_value rest = json_elements(json->members[MEMBER_CHOICES]), choice;
    while (json_next_element(&rest, &choice)) {
        struct json_value found[2] = {0};
        json_pick(choice, of_choice, 2, found);
        if (provider_json_choice_failed(found[0], found[1]))
            return true;
    }
    return false;
}

bool provider_json_has_choices(const struct provider_json *json)
{
    return json_has_items(json_elements(json->members[MEMBER_CHOICES]));
}
