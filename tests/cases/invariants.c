/* Checks what holds for every answer and every record in every case. */
#include "invariants.h"

#include <stdlib.h>
#include <string.h>

#include "../kit/answer.h"
#include "../kit/files.h"
#include "../kit/text.h"
#include "compare.h"
#include "stage.h"

#define HEAD_MAX 4096 /* what nginx takes by default */
#define MESSAGE_MAX 200
#define SOON_S 60 /* a longer delay is not to be waited for */

static void check_once(struct stage *stage, const struct answer *answer, const char *name)
{
    size_t count = answer_header_count(answer, name);
    if (count != 1)
        complain(stage, "answer: header %s is there %zu times", name, count);
}

static void compare_header_to(struct stage *stage, const struct answer *answer, const char *name,
                              const cJSON *value)
{
    char *header = answer_header(answer, name);
    const char *wanted = cJSON_IsString(value) ? value->valuestring : cJSON_IsTrue(value) ? "true" : "false";
    if (!header || strcmp(header, wanted) != 0)
        complain(stage, "answer: header %s is %s, the error body says %s", name,
                 header ? header : "not there", wanted);
    free(header);
}

static size_t count_points(const char *words)
{
    size_t points = 0;
    for (; *words; words++)
        points += ((unsigned char)*words & 0xc0) != 0x80;
    return points;
}

/* Checks that the record has each of the names in `names`, if only with null. */
static void check_members(struct stage *stage, const char *what, const char *names, const cJSON *object)
{
    char *list = copy_bytes(names, strlen(names));
    for (char *name = strtok(list, " "); name; name = strtok(NULL, " "))
        if (!cJSON_GetObjectItemCaseSensitive(object, name))
            complain(stage, "%s: no member %s", what, name);
    free(list);
}

static void check_error(struct stage *stage, const struct answer *answer, const cJSON *error)
{
    check_members(
        stage, "error body",
        "message type param code category reason retryable source provider provider_status model attempts "
        "request_id",
        error);
    const cJSON *message = cJSON_GetObjectItemCaseSensitive(error, "message");
    if (!cJSON_IsString(message) || !message->valuestring[0] ||
        count_points(message->valuestring) > MESSAGE_MAX)
        complain(stage, "error body: the message is none, or too long");
    compare_header_to(stage, answer, "X-Request-Id", cJSON_GetObjectItemCaseSensitive(error, "request_id"));
    compare_header_to(stage, answer, "X-Penstock-Error-Source",
                      cJSON_GetObjectItemCaseSensitive(error, "source"));
    static const cJSON no = {.type = cJSON_False};
    char *delay = answer_header(answer, "Retry-After");
    compare_header_to(stage, answer, "x-should-retry",
                      delay && atoll(delay) > SOON_S ? &no
                                                     : cJSON_GetObjectItemCaseSensitive(error, "retryable"));
    free(delay);
}

static void check_error_body(struct stage *stage, const struct answer *answer)
{
    cJSON *body = cJSON_ParseWithLength(answer->body, answer->body_length);
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(body, "error");
    if (cJSON_IsObject(error))
        check_error(stage, answer, error);
    else
        complain(stage, "status %d without an error object: %.200s", answer->status, answer->body);
    cJSON_Delete(body);
}

void check_answer(struct stage *stage, const struct answer *answer, bool head)
{
    if (answer->status == 0) {
        complain(stage, "there is no answer");
        return;
    }
    if (answer->head_length >= HEAD_MAX)
        complain(stage, "answer: %zu bytes of headers", answer->head_length);
    check_once(stage, answer, "X-Request-Id");
    if (answer->status != 204 && answer->status != 304) /* they have no body */
        check_once(stage, answer, "Content-Type");
    check_once(stage, answer, "Server-Timing");
    char *length = answer_header(answer, "Content-Length");
    if (length && !head && strtoul(length, NULL, 10) != answer->body_length)
        complain(stage, "answer: Content-Length %s, but %zu bytes", length, answer->body_length);
    free(length);
    if (answer->status >= 400 && !head)
        check_error_body(stage, answer);
}

void check_record(struct stage *stage, const cJSON *record, const struct answer *answer)
{
    check_members(
        stage, "record",
        "ts request_id client run_id remote_addr endpoint requested_model provider model stream status "
        "provider_status category reason retryable source end attempts prompt_tokens completion_tokens "
        "total_tokens cached_tokens reasoning_tokens usage_source cost_usd bytes_in bytes_out connect_ms "
        "ttfb_ms duration_ms trace_id span_id pid",
        record);
    compare_json(stage, "record", "ts ~ ^20[0-9-]*T[0-9:.]*Z$\nduration_ms >= 0\npid >= 2\nattempts# >= 0",
                 record);
    if (!answer)
        return;
    compare_json(stage, "record", "request_id = \"${heard X-Request-Id}\"", record);
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(record, "status");
    if (!cJSON_IsNumber(status) || status->valueint != answer->status)
        complain(stage, "record: the status is not that of the answer, %d", answer->status);
}

static void check_no_key(struct stage *stage, const char *file)
{
    char *path = stage_path(stage, file);
    struct text bytes = {0};
    if (file_read_if_there(path, &bytes) && strstr(text_words(&bytes), PROVIDER_KEY))
        complain(stage, "%s has the provider's key in it", file);
    text_free(&bytes);
    free(path);
}

void check_leftovers(struct stage *stage)
{
    check_no_key(stage, "usage.jsonl");
    check_no_key(stage, "error.log");
    check_no_key(stage, "stderr");
    char *path = stage_path(stage, "stderr");
    struct text said = {0};
    file_read(path, &said);
    if (strstr(text_words(&said), "Sanitizer") || strstr(text_words(&said), "runtime error"))
        complain(stage, "standard error:\n%s", said.bytes);
    text_free(&said);
    free(path);
}
