/* A provider's error answer as our failure: the status decides first, then what the body says of itself. */
#include "failure_map.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "failure.h"
#include "failure_text.h"
#include "upstream.h"

#define BODY_LOOKED_AT (256 * 1024)

/* What a status means where nothing else is known (RFC 9110, 15; 498, 520 to 529 are edges' own). */
static const struct status_row {
    int status;
    enum failure_reason reason;
    enum failure_category category;
    bool retryable;
} status_rows[] = {
    {400, FAILURE_INVALID_REQUEST, CATEGORY_REQUEST, false},
    {401, FAILURE_AUTHENTICATION, CATEGORY_AUTHENTICATION, false},
    {402, FAILURE_QUOTA_EXHAUSTED, CATEGORY_PROVIDER, false},
    {403, FAILURE_PERMISSION, CATEGORY_AUTHENTICATION, false},
    {404, FAILURE_MODEL_NOT_FOUND, CATEGORY_MODEL_NOT_FOUND, false},
    {408, FAILURE_TIMEOUT, CATEGORY_TRANSIENT, true},
    {413, FAILURE_INVALID_REQUEST, CATEGORY_REQUEST, false},
    {422, FAILURE_INVALID_REQUEST, CATEGORY_REQUEST, false},
    {425, FAILURE_OVERLOADED, CATEGORY_TRANSIENT, true},
    {429, FAILURE_RATE_LIMIT, CATEGORY_RATE_LIMIT, true},
    {500, FAILURE_UPSTREAM_5XX, CATEGORY_TRANSIENT, true},
    {502, FAILURE_UPSTREAM_5XX, CATEGORY_TRANSIENT, true},
    {503, FAILURE_OVERLOADED, CATEGORY_TRANSIENT, true},
    {504, FAILURE_TIMEOUT, CATEGORY_TRANSIENT, true},
    {520, FAILURE_UPSTREAM_5XX, CATEGORY_TRANSIENT, true},
    {522, FAILURE_TIMEOUT, CATEGORY_TRANSIENT, true},
    {524, FAILURE_TIMEOUT, CATEGORY_TRANSIENT, true},
    {529, FAILURE_OVERLOADED, CATEGORY_TRANSIENT, true},
};

static void apply_status(struct failure *why, int status)
{
    enum failure_reason reason = status >= 500 ? FAILURE_UPSTREAM_5XX : FAILURE_OTHER;
    enum failure_category category = CATEGORY_PROVIDER;
    bool retryable = false;
    for (size_t i = 0; i < sizeof status_rows / sizeof *status_rows; i++)
        if (status_rows[i].status == status) {
            reason = status_rows[i].reason;
            category = status_rows[i].category;
            retryable = status_rows[i].retryable;
        }
    fail(why, reason, "%s", "");
    why->category = category;
    why->retryable = retryable;
    why->source = SOURCE_PROVIDER;
    why->provider_status = status;
    why->status = status >= 400 && status <= 599 ? status : 502;
}

static void copy_word(char *word, const cJSON *member)
{
    if (cJSON_IsString(member) && *member->valuestring)
        snprintf(word, FAILURE_WORD_SIZE, "%s", member->valuestring);
}

static const cJSON *first_text(const cJSON *object, const cJSON *error)
{
    const cJSON *places[] = {
        cJSON_GetObjectItemCaseSensitive(error, "message"),
        cJSON_IsString(error) ? error : NULL,
        cJSON_GetObjectItemCaseSensitive(object, "message"),
        cJSON_GetObjectItemCaseSensitive(object, "detail"),
        cJSON_GetObjectItemCaseSensitive(object, "title"),
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (cJSON_IsString(places[i]) && *places[i]->valuestring)
            return places[i];
    return NULL;
}

static void read_object(struct failure *why, const cJSON *object, struct json_value body)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(object, "error");
    copy_word(why->type, cJSON_GetObjectItemCaseSensitive(error, "type"));
    copy_word(why->param, cJSON_GetObjectItemCaseSensitive(error, "param"));
    copy_word(why->code, cJSON_GetObjectItemCaseSensitive(error, "code"));
    const cJSON *text = first_text(object, error);
    if (text)
        failure_text_clean(text->valuestring, strlen(text->valuestring), why->message, sizeof why->message);
    else
        failure_text_clean(body.at, body.length, why->message, sizeof why->message);
}

static void read_body(struct failure *why, struct json_value body)
{
    if (body.length > BODY_LOOKED_AT)
        body.length = BODY_LOOKED_AT;
    cJSON *tree = body.at ? cJSON_ParseWithLength(body.at, body.length) : NULL;
    if (cJSON_IsObject(tree))
        read_object(why, tree, body);
    else
        failure_text_clean(body.at, body.length, why->message, sizeof why->message);
    cJSON_Delete(tree);
}

/* Seconds only, so far (RFC 9110, 10.2.3). */
static void read_delay(struct failure *why, const struct upstream_answer *headers)
{
    const char *text = headers ? upstream_header(headers, "retry-after") : NULL;
    if (!text)
        return;
    char *end;
    double seconds = strtod(text, &end);
    if (end != text && !*end && seconds >= 0 && seconds < 1e6)
        why->retry_after_ms = (int64_t)(seconds * 1000);
}

static struct json_value checked(struct json_value body)
{
    struct json_value root = {0};
    struct json_fault fault;
    if (body.at && json_check(body, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return root;
    return (struct json_value){0};
}

bool failure_map(struct failure *why, const struct provider_answer *answer)
{
    int status = answer->status;
    bool inside_success = status >= 200 && status < 300;
    if (inside_success) {
        int own = answer_status(checked(answer->body));
        apply_status(why, own ? own : 502);
        if (!own)
            why->reason = FAILURE_BAD_RESPONSE;
        why->provider_status = status;
    } else {
        apply_status(why, status);
    }
    read_body(why, answer->body);
    read_delay(why, answer->headers);
    return false;
}
