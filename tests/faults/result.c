/* Reads answers as a trusting client would, and usage records as an operator would. */
#include "result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../kit/answer.h"
#include "script.h"

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static void copy_word(char *to, size_t size, const cJSON *value)
{
    snprintf(to, size, "%s", cJSON_IsString(value) ? value->valuestring : "-");
}

/* The parts of an answer that a client acts on. */
struct reading {
    struct text content;
    bool finished;      /* a finish_reason that is no error */
    bool done, garbled; /* the stream's end came; something was no JSON */
};

static void take_error(struct client_result *result, const cJSON *error)
{
    result->failed = true;
    copy_word(result->reason, sizeof result->reason, member(error, "reason"));
}

static void take_object(struct client_result *result, struct reading *reading, const cJSON *object,
                        const char *part)
{
    const cJSON *error = member(object, "error");
    const cJSON *choice = cJSON_GetArrayItem(member(object, "choices"), 0);
    const cJSON *content = member(member(choice, part), "content");
    const cJSON *finish = member(choice, "finish_reason");
    if (error)
        take_error(result, error);
    if (cJSON_IsString(content))
        text_put(&reading->content, content->valuestring);
    if (cJSON_IsString(finish) && strcmp(finish->valuestring, "error") != 0)
        reading->finished = true;
}

/* An event of a Responses stream. */
static void take_event(struct client_result *result, struct reading *reading, const cJSON *event)
{
    const cJSON *type = member(event, "type"), *error = member(event, "error");
    const char *name = cJSON_IsString(type) ? type->valuestring : "";
    if (strcmp(name, "response.output_text.delta") == 0 && cJSON_IsString(member(event, "delta")))
        text_put(&reading->content, member(event, "delta")->valuestring);
    if (strcmp(name, "response.completed") == 0)
        reading->done = true;
    if (strcmp(name, "response.failed") == 0)
        error = member(member(event, "response"), "error");
    if (error && !cJSON_IsNull(error))
        take_error(result, error);
}

static void take_data(struct client_result *result, struct reading *reading, const char *data, size_t length)
{
    if (length == 6 && memcmp(data, "[DONE]", 6) == 0) {
        reading->done = true;
        return;
    }
    cJSON *object = cJSON_ParseWithLength(data, length);
    if (object && member(object, "type"))
        take_event(result, reading, object);
    else if (object)
        take_object(result, reading, object, "delta");
    else
        reading->garbled = true;
    cJSON_Delete(object);
}

static void take_stream(struct client_result *result, struct reading *reading, const struct answer *answer)
{
    const char *at = answer->body, *end = at + answer->body_length;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        if (length > 6 && memcmp(at, "data: ", 6) == 0)
            take_data(result, reading, at + 6, length - 6);
        at += length + 1;
    }
}

static void take_whole(struct client_result *result, struct reading *reading, const struct answer *answer)
{
    cJSON *object = cJSON_ParseWithLength(answer->body, answer->body_length);
    if (object)
        take_object(result, reading, object, "message");
    else
        reading->garbled = true;
    cJSON_Delete(object);
}

static bool is_stream(const struct answer *answer)
{
    char *type = answer_header(answer, "Content-Type");
    bool stream = type && strncmp(type, "text/event-stream", 17) == 0;
    free(type);
    return stream;
}

static bool is_whole(const struct text *content, size_t full)
{
    return full ? content->length == full : strcmp(text_words(content), whole_content) == 0;
}

void client_result_read(struct client_result *result, const struct answer *answer, enum kind kind,
                        size_t full)
{
    struct reading reading = {0};
    char *attempts = answer_header(answer, "X-Penstock-Attempts");
    *result = (struct client_result){.status = answer->status, .bytes = answer->body_length, .reason = "-"};
    result->attempts = attempts ? atoi(attempts) : 0;
    bool stream = kind != BUFFERED && is_stream(answer);
    if (stream)
        take_stream(result, &reading, answer);
    else
        take_whole(result, &reading, answer);
    result->failed = result->failed || result->status != 200;
    result->complete = !result->failed && (stream ? reading.done : reading.finished);
    result->same = is_whole(&reading.content, full) && !reading.garbled;
    result->content = reading.content.length;
    text_free(&reading.content);
    free(attempts);
}

static void take_attempts(struct usage_record *record, const cJSON *attempts)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, attempts)
    {
        char provider[24], reason[24];
        size_t used = strlen(record->attempt_list);
        copy_word(provider, sizeof provider, member(each, "provider"));
        copy_word(reason, sizeof reason, member(each, "reason"));
        snprintf(record->attempt_list + used, sizeof record->attempt_list - used, "%s%s %s", used ? ", " : "",
                 provider, reason);
    }
}

void usage_record_read(struct usage_record *record, const struct text *log)
{
    *record = (struct usage_record){0};
    for (const char *at = text_words(log), *end; (end = strchr(at, '\n')); at = end + 1) {
        cJSON *line = cJSON_ParseWithLength(at, (size_t)(end - at));
        record->count++;
        record->status = (int)cJSON_GetNumberValue(member(line, "status"));
        record->bytes_out = (long)cJSON_GetNumberValue(member(line, "bytes_out"));
        record->attempts = cJSON_GetArraySize(member(line, "attempts"));
        copy_word(record->end, sizeof record->end, member(line, "end"));
        copy_word(record->reason, sizeof record->reason, member(line, "reason"));
        record->attempt_list[0] = '\0';
        take_attempts(record, member(line, "attempts"));
        cJSON_Delete(line);
    }
}
