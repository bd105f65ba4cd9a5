/* Errors of providers: status, category, message, whether to retry. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "base/buffer.h"
#include "format/json_write.h"
#include "kinds.h"
#include "outcome.h"
#include "protocol/error_response.h"

#define BODY_MAX 65536

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_of(const cJSON *node)
{
    return cJSON_IsString(node) ? node->valuestring : NULL;
}

static int number_of(const cJSON *node)
{
    return cJSON_IsNumber(node) ? node->valueint : 0;
}

static char *from_hex(const char *hex, size_t *length)
{
    *length = strlen(hex) / 2;
    char *bytes = copy_bytes(hex, *length);
    for (size_t i = 0; i < *length; i++)
        bytes[i] = (char)strtol((char[]){hex[2 * i], hex[2 * i + 1], '\0'}, NULL, 16);
    return bytes;
}

static struct failure failure_of(const cJSON *input)
{
    const cJSON *hex = member(input, "body_hex"), *body = member(input, "body");
    int status = number_of(member(input, "provider_status"));
    if (!hex)
        return cJSON_IsNull(body) || !body ? answer_failure(status, "", 0, NULL)
                                           : answer_failure_json(status, body, NULL);
    size_t length;
    char *bytes = from_hex(hex->valuestring, &length);
    struct failure why = answer_failure(status, bytes, length, NULL);
    free(bytes);
    return why;
}

static void compare(struct outcome *outcome, const struct failure *why, const cJSON *expected)
{
    outcome_number(outcome, "http_status", why->status, member(expected, "http_status"));
    outcome_number(outcome, "provider_status", why->provider_status, member(expected, "provider_status"));
    outcome_bool(outcome, "retryable", why->retryable, member(expected, "retryable"));
    outcome_word(outcome, "category", failure_category_name(why->category), member(expected, "category"));
    outcome_text(outcome, "message", why->message, member(expected, "message"));
}

/* The body that clients of this origin read: ours, with the setting error_detail. */
static void compare_detail(struct outcome *outcome, const struct failure *why, const cJSON *input,
                           const cJSON *expected)
{
    struct error_response refusal = {.failure = why,
                                     .base_url = text_of(member(input, "base_url")),
                                     .model = text_of(member(input, "model")),
                                     .detail = true};
    struct buffer body;
    buffer_init(&body, BODY_MAX);
    struct json_writer writer = json_write_begin(&body);
    error_response_put(&writer, &refusal);
    json_write_end(&writer);
    cJSON *ours = cJSON_ParseWithLength(body.bytes, body.length);
    const cJSON *detail = member(ours, "detail"), *wanted;
    compare(outcome, why, expected);
    cJSON_ArrayForEach(wanted, member(member(expected, "body"), "detail"))
    {
        if (cJSON_Compare(member(detail, wanted->string), wanted, true))
            continue;
        char *printed = cJSON_PrintUnformatted(member(detail, wanted->string));
        text_format(&outcome->differs, "%sdetail.%s=%s", outcome->differs.length ? " " : "", wanted->string,
                    printed ? printed : "absent");
        free(printed);
    }
    if (cJSON_GetArraySize(detail) != cJSON_GetArraySize(member(member(expected, "body"), "detail")))
        text_put(&outcome->differs, " detail=other-members");
    cJSON_Delete(ours);
    buffer_free(&body);
}

/* Maps the error classes of one system to our reasons. */
static bool is_of_class(const struct failure *why, const char *class)
{
    bool ours = why->category != CATEGORY_RATE_LIMIT && why->category != CATEGORY_TRANSIENT;
    if (strcmp(class, "RateLimitExceededError") == 0)
        return why->category == CATEGORY_RATE_LIMIT;
    if (strcmp(class, "AuthenticationError") == 0)
        return why->category == CATEGORY_AUTHENTICATION && why->status == 401;
    if (strcmp(class, "InvalidRequestError") == 0)
        return why->status >= 400 && why->status < 500 && ours && !why->retryable;
    if (strcmp(class, "BackendError") == 0)
        return why->status >= 500 && why->category == CATEGORY_TRANSIENT;
    return false;
}

static void compare_class(struct outcome *outcome, const struct failure *why, const cJSON *class)
{
    if (class && !is_of_class(why, class->valuestring))
        text_format(&outcome->differs, "%sclass=%s", outcome->differs.length ? " " : "",
                    failure_category_name(why->category));
}

/* One system raises its client library's exceptions again: status, detail, headers. */
static void check_raised(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    const char *delay = text_of(member(member(input, "headers"), "Retry-After"));
    struct failure why = answer_failure_json(number_of(member(input, "status")), member(input, "detail"),
                                             delay);
    compare_class(outcome, &why, member(expected, "class"));
    outcome_number(outcome, "status", why.status, member(expected, "status"));
    outcome_text(outcome, "message", why.message, member(expected, "message"));
    outcome_number(outcome, "reset_in_s", (double)why.retry_after_ms / 1000, member(expected, "reset_in_s"));
}

void check_error_normalize(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    if (member(input, "detail")) {
        check_raised(outcome, input, expected);
        return;
    }
    struct failure why = failure_of(input);
    if (member(expected, "body"))
        compare_detail(outcome, &why, input, expected);
    else
        compare(outcome, &why, expected);
}

void check_classify(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct failure why = answer_failure_message(number_of(member(input, "provider_status")),
                                                member(input, "message")->valuestring);
    compare(outcome, &why, expected);
}

void check_message_extract(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct failure why = failure_of(input);
    compare(outcome, &why, expected);
}

/* Our equivalents of the origins' exceptions. `provider`: the error is in the provider's answer.
 */
static const struct {
    const char *exception;
    enum failure_reason reason;
    int provider;
} exceptions[] = {
    {"ValueError", FAILURE_BAD_REQUEST, 0},
    {"InvalidParameterError", FAILURE_BAD_REQUEST, 0},
    {"ValidationError", FAILURE_BAD_REQUEST, 0},
    {"UnsupportedModelError", FAILURE_MODEL_NOT_FOUND, 0},
    {"ResourceNotFoundError", FAILURE_NOT_FOUND, 0},
    {"PermissionError", FAILURE_FORBIDDEN, 0},
    {"AccessDeniedError", FAILURE_FORBIDDEN, 0},
    {"AuthenticationRequiredError", FAILURE_UNAUTHORIZED, 0},
    {"ServiceNotEnabledError", FAILURE_UNAVAILABLE, 0},
    {"TimeoutError", FAILURE_TIMEOUT, 0},
    {"ConnectionError", FAILURE_CONNECT, 0},
    {"Exception", FAILURE_UNAVAILABLE, 0},
    {"RuntimeError", FAILURE_UNAVAILABLE, 0},
    {"AuthenticationError", FAILURE_AUTHENTICATION, 401},
    {"RateLimitExceededError", FAILURE_RATE_LIMIT, 429},
    {"openai.BadRequestError", FAILURE_INVALID_REQUEST, 400},
    {"ConflictError", FAILURE_OTHER, 409},
    {"NotImplementedError", FAILURE_INVALID_REQUEST, 501},
};

#define EXCEPTIONS (sizeof exceptions / sizeof *exceptions)

/* Our equivalent of an exception: the provider's answer read, or a failure of our own with that sentence. */
static bool raise_failure(struct failure *why, const char *exception, const char *message)
{
    for (size_t i = 0; i < EXCEPTIONS; i++) {
        if (strcmp(exceptions[i].exception, exception) != 0)
            continue;
        if (exceptions[i].provider)
            *why = answer_failure_message(exceptions[i].provider, message);
        else
            fail(why, exceptions[i].reason, "%s", message);
        return true;
    }
    return false;
}

/* Answers about the client's own key for a provider: status, and a part of the message. */
static void check_provider(struct outcome *outcome, const cJSON *expected)
{
    const char *part = text_of(member(expected, "detail_contains"));
    struct failure why = answer_failure_message(number_of(member(expected, "status")), part);
    outcome_number(outcome, "status", why.status, member(expected, "status"));
    if (!strstr(why.message, part))
        text_put(&outcome->differs, " message");
}

/* Where they replace an empty message by a sentence, so do we, by one of our own. */
static void compare_sentence(struct outcome *outcome, const struct failure *why, const cJSON *wanted)
{
    if (wanted && !*why->message)
        text_format(&outcome->differs, "%sdetail=own", outcome->differs.length ? " " : "");
    else
        outcome_text(outcome, "detail", why->message, wanted);
}

void check_exception_translate(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    const char *message = text_of(member(input, "message")), *exception = text_of(member(input, "exception"));
    struct failure why;
    if (member(input, "provider"))
        check_provider(outcome, expected);
    else if (member(input, "status_code")) {
        why = answer_failure_message(number_of(member(input, "status_code")), "any sentence");
        outcome_number(outcome, "status", why.status, member(expected, "status"));
    } else if (exception && raise_failure(&why, exception, message ? message : "")) {
        outcome_number(outcome, "status", why.status, member(expected, "status"));
        compare_sentence(outcome, &why, member(expected, "detail"));
    } else
        outcome->unknown = true;
}

/* A class alone has only its status; a failing backend also has words that may name a network failure. */
void check_retryable(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    const char *class = text_of(member(input, "class")), *message = text_of(member(input, "message"));
    struct failure why;
    if (member(input, "status"))
        why = answer_failure_message(number_of(member(input, "status")), "any sentence");
    else if (class && strcmp(class, "BackendError") == 0)
        fail(&why, strstr(message, "timeout") ? FAILURE_TIMEOUT : FAILURE_CONNECT, "%s", message);
    else if (!class || !raise_failure(&why, class, "any sentence")) {
        outcome->unknown = true;
        return;
    }
    outcome_bool(outcome, "recoverable", why.retryable, member(expected, "recoverable"));
}

static const struct {
    const char *code;
    enum failure_reason reason;
} routing_codes[] = {
    {"unknown_model", FAILURE_MODEL_NOT_FOUND},
    {"policy_rejected", FAILURE_FORBIDDEN},
    {"unsupported_on_instance", FAILURE_BAD_REQUEST},
};

void check_status_map(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    const char *code = text_of(member(input, "routing_code"));
    struct failure why = {0};
    for (size_t i = 0; code && i < sizeof routing_codes / sizeof *routing_codes; i++)
        if (strcmp(routing_codes[i].code, code) == 0)
            fail(&why, routing_codes[i].reason, "%s", code);
    if (!code)
        why = failure_of(input);
    outcome->unknown = why.reason == FAILURE_NONE;
    compare_class(outcome, &why, member(expected, "class"));
    outcome_number(outcome, "client_status", why.status, member(expected, "client_status"));
    outcome_word(outcome, "type", why.type, member(expected, "type"));
}
