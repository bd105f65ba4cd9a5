/* Reads the body of a provider's error answer, whatever its format.
 *
 * Providers wrap their errors in at least two dozen ways: OpenAI's {"error":{…}}, a bare string, FastAPI's
 * list, RFC 9457's title and detail, Google's details, an array around all of it, JSON in a string in JSON.
 * One walk collects the known members of each level. The first sentence found, the one nearest to "error",
 * becomes the message. */
#include "errors/failure_body.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "errors/failure_delay.h"
#include "errors/failure_evidence.h"
#include "errors/failure_page.h"

#define BODY_READ_MAX (256 * 1024)
#define NESTING_MAX 6
#define ITEMS_MAX 4

static void read_node(struct failure_body *result, const cJSON *node, int depth);

/* Ignores case, because some clouds write "Error", "Code" and "Message". */
static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItem(object, name);
}

static const char *text_of(const cJSON *node)
{
    return cJSON_IsString(node) && node->valuestring[strspn(node->valuestring, " \t\r\n")] ? node->valuestring
                                                                                           : NULL;
}

/* Adds a number, with a prefix that names the member if the number means something in that member only. Zero
 * is a success. */
static void add_number(struct failure_body *result, const cJSON *node, const char *prefix)
{
    char code[48];
    if (!cJSON_IsNumber(node) || node->valueint == 0)
        return;
    snprintf(code, sizeof code, "%s%d", prefix, node->valueint);
    failure_evidence_add_code(&result->evidence, code);
}

/* The first sentence also becomes the message, unchanged. */
static void add_sentence(struct failure_body *result, const char *text)
{
    if (!*result->sentence)
        snprintf(result->sentence, sizeof result->sentence, "%s", text);
    failure_evidence_add_sentence(&result->evidence, text);
}

/* Stores the status that the error names, as a number or as a string of digits. */
static void take_status(struct failure_body *result, const cJSON *node)
{
    double number = cJSON_IsNumber(node) ? node->valuedouble
                    : text_of(node)      ? strtod(node->valuestring, NULL)
                                         : 0;
    if (!result->status && number >= 400 && number <= 599)
        result->status = (int)number;
}

/* A number that may be a time since 1970, in seconds or milliseconds, is no delay. */
static int64_t seconds_to_ms(double seconds)
{
    bool is_time = seconds >= 1e9 && seconds < 1e13;
    if (seconds < 0 || is_time)
        return DELAY_UNKNOWN;
    return seconds * 1000 < (double)DELAY_MAX_MS ? (int64_t)(seconds * 1000) : DELAY_MAX_MS;
}

static void take_delay(struct failure_body *result, const cJSON *node)
{
    int64_t ms = cJSON_IsNumber(node) ? seconds_to_ms(node->valuedouble) : DELAY_UNKNOWN;
    if (text_of(node))
        ms = delay_duration_ms(node->valuestring, NULL);
    if (ms >= 0 && result->delay_ms < 0)
        result->delay_ms = ms;
}

static void take_text(char *to, const char *text)
{
    if (text && !*to)
        snprintf(to, FAILURE_WORD_SIZE, "%s", text);
}

/* A number in the range of HTTP statuses is not used as a code, because the default code is more specific. */
static void take_code(struct failure_body *result, const cJSON *node)
{
    char digits[32];
    take_text(result->code, text_of(node));
    if (!cJSON_IsNumber(node) || (node->valuedouble >= 100 && node->valuedouble <= 599))
        return;
    snprintf(digits, sizeof digits, "%.0f", node->valuedouble);
    take_text(result->code, digits);
}

static void take_type(struct failure_body *result, const char *text)
{
    if (text && strcasecmp(text, "error") != 0)
        take_text(result->type, text);
}

/* FastAPI and pydantic: {"loc":["body","x"],"msg":"field required"}. The line is as long as the longest
 * sentence, because redact() recognises a truncated key only at the end of a full buffer. */
static void read_validation(struct failure_body *result, const cJSON *item)
{
    char line[EVIDENCE_TEXT_SIZE] = "";
    size_t used = 0;
    const cJSON *step;
    cJSON_ArrayForEach(step, member(item, "loc"))
    {
        const char *dot = used ? "." : "";
        if (cJSON_IsNumber(step))
            used += (size_t)snprintf(line + used, sizeof line - used, "%s%d", dot, step->valueint);
        else if (text_of(step))
            used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", dot, step->valuestring);
        if (used >= sizeof line)
            break;
    }
    if (used < sizeof line)
        snprintf(line + used, sizeof line - used, "%s%s", used ? ": " : "", text_of(member(item, "msg")));
    failure_evidence_add_code(&result->evidence, text_of(member(item, "type")));
    add_sentence(result, line);
}

static void read_list(struct failure_body *result, const cJSON *list, int depth)
{
    const cJSON *item;
    int count = 0;
    cJSON_ArrayForEach(item, list)
    {
        if (++count > ITEMS_MAX)
            return;
        if (text_of(member(item, "msg")) && !member(item, "message"))
            read_validation(result, item);
        else
            read_node(result, item, depth + 1);
    }
}

/* Reads JSON that is inside a string, as sent by a gateway behind a gateway. */
static bool read_embedded_json(struct failure_body *result, const char *text, int depth)
{
    text += strspn(text, " \t\r\n");
    if (*text != '{' && *text != '[')
        return false;
    cJSON *tree = cJSON_Parse(text);
    bool parsed = tree && (cJSON_IsObject(tree) || cJSON_IsArray(tree));
    if (parsed)
        read_node(result, tree, depth + 1);
    cJSON_Delete(tree);
    return parsed && *result->sentence;
}

/* Reads the JSON at the end of a sentence, as in "HTTP 500: {"error": ...}", for its codes and sentences.
 * Only the words before it are added to the evidence, because the names of members are no words about the
 * cause. The message stays as it is. */
static bool read_quoted_json(struct failure_body *result, const char *text, int depth)
{
    const char *start = strstr(text, "{\"");
    cJSON *tree = start && start > text && depth < NESTING_MAX ? cJSON_Parse(start) : NULL;
    if (!cJSON_IsObject(tree) || start - text >= EVIDENCE_TEXT_SIZE) {
        cJSON_Delete(tree);
        return false;
    }
    char before[EVIDENCE_TEXT_SIZE];
    snprintf(before, sizeof before, "%.*s", (int)(start - text), text);
    if (!*result->sentence)
        snprintf(result->sentence, sizeof result->sentence, "%s", text);
    add_sentence(result, before);
    read_node(result, tree, depth + 1);
    cJSON_Delete(tree);
    return true;
}

/* Reads a sentence from a string, a number, a list or an object. */
static void read_text(struct failure_body *result, const cJSON *node, int depth)
{
    char digits[32];
    const char *text = text_of(node);
    if (cJSON_IsNumber(node) && node->valuedouble != 0) {
        snprintf(digits, sizeof digits, "%.15g", node->valuedouble);
        add_sentence(result, digits);
    } else if (text && !read_embedded_json(result, text, depth) && !read_quoted_json(result, text, depth))
        add_sentence(result, text);
    else if (cJSON_IsArray(node))
        read_list(result, node, depth);
    else if (cJSON_IsObject(node))
        read_node(result, node, depth + 1);
}

/* Reads the details of a google.rpc.Status: ErrorInfo.reason, RetryInfo.retryDelay, QuotaFailure, whose
 * quotaId names the period of the quota (googleapis, google/rpc/error_details.proto). */
static void read_details(struct failure_body *result, const cJSON *details)
{
    const cJSON *detail, *violation;
    cJSON_ArrayForEach(detail, details)
    {
        failure_evidence_add_code(&result->evidence, text_of(member(detail, "reason")));
        failure_evidence_add_code(&result->evidence,
                                  text_of(member(member(detail, "metadata"), "quota_limit")));
        take_delay(result, member(detail, "retryDelay"));
        take_delay(result, member(member(detail, "metadata"), "quotaResetDelay"));
        cJSON_ArrayForEach(violation, member(detail, "violations"))
            failure_evidence_add_code(&result->evidence, text_of(member(violation, "quotaId")));
    }
}

/* MiniMax reports every error in base_resp, most of them under a 200. */
static void read_base_resp(struct failure_body *result, const cJSON *base_resp)
{
    const char *text = text_of(member(base_resp, "status_msg"));
    const cJSON *code = member(base_resp, "status_code");
    add_number(result, code, "base_resp_");
    if (text && cJSON_IsNumber(code) && code->valueint != 0)
        add_sentence(result, text);
}

/* The numbers of Cloudflare's errors. */
static void read_numbered_errors(struct failure_body *result, const cJSON *object)
{
    const cJSON *item;
    if (cJSON_IsFalse(member(object, "success")))
        cJSON_ArrayForEach(item, member(object, "errors"))
            add_number(result, member(item, "code"), "errors_");
}

static void take_delay_ms(struct failure_body *result, const cJSON *node)
{
    if (cJSON_IsNumber(node) && result->delay_ms < 0)
        result->delay_ms = seconds_to_ms(node->valuedouble / 1000);
}

static void read_delays(struct failure_body *result, const cJSON *object)
{
    static const char *const names[] = {"retry_after_seconds", "retryAfterSeconds", "retry_after",
                                        "retryAfter",          "retryDelay",        "retry_in",
                                        "reset_after_seconds", "resets_in_seconds", "estimated_time"};
    static const char *const ms_names[] = {"retry_after_ms", "retryAfterMs"};
    for (size_t i = 0; i < sizeof ms_names / sizeof *ms_names; i++)
        take_delay_ms(result, member(object, ms_names[i]));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        take_delay(result, member(object, names[i]));
}

static void read_codes(struct failure_body *result, const cJSON *object)
{
    static const char *const names[] = {
        "type",          "code",        "status",   "reason", "error_type", "error_code", "__type",
        "finish_reason", "blockReason", "err_code", "name",   "errorCode",  "exception"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        failure_evidence_add_code(&result->evidence, text_of(member(object, names[i])));
    add_number(result, member(object, "code"), "");
    add_number(result, member(object, "error_code"), "error_code_");
    read_numbered_errors(result, object);
    failure_evidence_add_code(&result->evidence, text_of(member(member(object, "innererror"), "code")));
    take_type(result, text_of(member(object, "type")));
    take_type(result, text_of(member(object, "error_type")));
    take_code(result, member(object, "code"));
    take_text(result->param, text_of(member(object, "param")));
}

static void read_statuses(struct failure_body *result, const cJSON *object)
{
    static const char *const names[] = {
        "status_code", "http_status_code", "statusCode", "raw_status_code", "code", "status"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        take_status(result, member(object, names[i]));
}

/* OpenRouter and similar gateways put the answer of the real provider into metadata.raw. */
static void read_metadata(struct failure_body *result, const cJSON *metadata, int depth)
{
    const cJSON *raw = member(metadata, "raw");
    if (!raw)
        return;
    char outer[EVIDENCE_TEXT_SIZE];
    memcpy(outer, result->sentence, sizeof outer);
    *result->sentence = '\0';
    read_text(result, raw, depth);
    if (!*result->sentence)
        memcpy(result->sentence, outer, sizeof outer);
}

/* Reads Gemini's native answer to a blocked prompt. */
static void read_block(struct failure_body *result, const cJSON *reason)
{
    char sentence[EVIDENCE_TEXT_SIZE];
    if (!text_of(reason))
        return;
    snprintf(sentence, sizeof sentence, "The prompt was blocked: %s", reason->valuestring);
    add_sentence(result, sentence);
}

/* OpenRouter puts the error of a choice into the choice. The words of the answer are no message, so that a
 * choice without an error of its own gets one. */
static void read_choices(struct failure_body *result, const cJSON *choices, int depth)
{
    const cJSON *choice;
    cJSON_ArrayForEach(choice, choices) read_text(result, member(choice, "error"), depth);
    if (cJSON_GetArraySize(choices) && !*result->sentence)
        add_sentence(result, "The provider ended the answer with an error");
}

/* The order of the calls matters: an "error" with members is nearest to the cause and is read first. An
 * "error" that is a string is often only a name ("Not Found", OAuth's "invalid_client"), so the members
 * beside it are read first. */
static void read_object(struct failure_body *result, const cJSON *object, int depth)
{
    static const char *const names[] = {
        "message", "detail", "errors",        "title",        "error_description", "msg",   "error_msg",
        "err_msg", "errmsg", "error_message", "errorMessage", "description",       "error", "promptFeedback"};
    const cJSON *error = member(object, "error");
    bool error_is_text = cJSON_IsString(error);
    if (error_is_text && !strchr(error->valuestring, ' '))
        failure_evidence_add_code(&result->evidence, text_of(error));
    if (cJSON_IsObject(error) || cJSON_IsArray(error))
        read_text(result, error, depth);
    const cJSON *response = member(object, "response"); /* of response.failed, and of Tencent's answers */
    if (cJSON_IsObject(member(response, "error")))
        read_node(result, member(response, "error"), depth + 1);
    read_base_resp(result, member(object, "base_resp"));
    read_codes(result, object);
    read_statuses(result, object);
    read_delays(result, object);
    read_delays(result, member(object, "details"));
    read_delays(result, member(object, "metadata"));
    read_details(result, member(object, "details"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (error_is_text || strcmp(names[i], "error") != 0)
            read_text(result, member(object, names[i]), depth);
    read_block(result, member(object, "blockReason"));
    read_metadata(result, member(object, "metadata"), depth);
    read_choices(result, member(object, "choices"), depth);
}

static void read_node(struct failure_body *result, const cJSON *node, int depth)
{
    if (depth > NESTING_MAX)
        return;
    if (cJSON_IsObject(node))
        read_object(result, node, depth);
    else if (cJSON_IsArray(node))
        read_list(result, node, depth);
    else if (text_of(node))
        read_text(result, node, depth);
}

/* Returns the first string that contains a blank. Used if no known member holds a sentence. */
static const char *any_sentence(const cJSON *node, int depth)
{
    const char *text = text_of(node);
    if (text && strchr(text, ' '))
        return text;
    const cJSON *child;
    cJSON_ArrayForEach(child, node)
    {
        const char *found = depth < NESTING_MAX ? any_sentence(child, depth + 1) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

static bool read_json(struct failure_body *result, struct json_value body)
{
    const char *end = NULL;
    cJSON *tree = cJSON_ParseWithLengthOpts(body.at, body.length, &end, false);
    bool parsed = tree && end == body.at + body.length; /* "404 page not found" begins with a number */
    if (parsed)
        read_node(result, tree, 0);
    const char *fallback = parsed && !*result->sentence ? any_sentence(tree, 0) : NULL;
    if (fallback)
        add_sentence(result, fallback);
    cJSON_Delete(tree);
    return parsed;
}

static void read_prose(struct failure_body *result, struct json_value body)
{
    char text[EVIDENCE_TEXT_SIZE];
    result->evidence.html = failure_page_is_html(body);
    result->evidence.plain = true;
    if (failure_page_code(body, text, sizeof text))
        failure_evidence_add_code(&result->evidence, text);
    if (!failure_page_read(body, text, sizeof text))
        snprintf(text, sizeof text, "%.*s", (int)(body.length < sizeof text ? body.length : sizeof text - 1),
                 body.at);
    if (*text)
        add_sentence(result, text);
    /* "502 Bad Gateway" */
    long status = result->evidence.html ? strtol(text, NULL, 10) : 0;
    if (status >= 400 && status <= 599)
        result->status = (int)status;
}

static struct json_value trim(struct json_value body)
{
    if (body.length >= 3 && memcmp(body.at, "\xef\xbb\xbf", 3) == 0) {
        body.at += 3;
        body.length -= 3;
    }
    while (body.length && isspace((unsigned char)*body.at)) {
        body.at++;
        body.length--;
    }
    while (body.length && isspace((unsigned char)body.at[body.length - 1]))
        body.length--;
    return body;
}

void failure_body_read(struct failure_body *result, struct json_value body)
{
    *result = (struct failure_body){.delay_ms = DELAY_UNKNOWN};
    if (body.length > BODY_READ_MAX)
        body.length = BODY_READ_MAX;
    body = trim(body);
    result->evidence.empty = body.length == 0;
    if (body.length && !read_json(result, body))
        read_prose(result, body);
    snprintf(result->evidence.param, sizeof result->evidence.param, "%s", result->param);
    if (result->delay_ms < 0)
        result->delay_ms = delay_sentence_ms(result->evidence.text);
    result->evidence.delay_ms = result->delay_ms;
}
