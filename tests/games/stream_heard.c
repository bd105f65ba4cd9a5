/* Reads what a client heard as an event stream (WHATWG, Server-sent events, 9.2.6) or as a document. */
#include "stream_heard.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/kit/answer.h"
#include "tests/kit/text.h"

static const cJSON *at(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *words_of(const cJSON *object, const char *name)
{
    const cJSON *member = at(object, name);
    return cJSON_IsString(member) ? member->valuestring : "";
}

static void append(char *words, size_t size, const char *more)
{
    size_t used = strlen(words);
    snprintf(words + used, size - used, "%s", more);
}

static void see_error(struct stream_seen *seen, const cJSON *error)
{
    seen->errors++;
    snprintf(seen->reason, sizeof seen->reason, "%s", words_of(error, "reason"));
}

/* ---- chat completions ---- */

static void see_choice(struct stream_seen *seen, const cJSON *choice, const char *words)
{
    const cJSON *index = at(choice, "index"), *delta = at(choice, words), *call;
    int place = index ? index->valueint : 0;
    if (place < 0 || place >= CHOICES_MAX)
        return;
    append(seen->content[place], sizeof seen->content[0], words_of(delta, "content"));
    append(seen->reasoning[place], sizeof seen->reasoning[0], words_of(delta, "reasoning_content"));
    cJSON_ArrayForEach(call, at(delta, "tool_calls"))
    {
        int number = at(call, "index") ? at(call, "index")->valueint : 0;
        if (number == 0 || number == 1)
            append(seen->calls[number], sizeof seen->calls[0], words_of(at(call, "function"), "arguments"));
    }
}

static void see_chunk(struct stream_seen *seen, const cJSON *chunk, const char *words)
{
    const cJSON *choice, *choices = at(chunk, "choices");
    if (cJSON_IsObject(at(chunk, "error")))
        see_error(seen, at(chunk, "error"));
    if (cJSON_IsObject(at(chunk, "usage")) && cJSON_GetArraySize(choices) == 0)
        seen->usage_frames++;
    cJSON_ArrayForEach(choice, choices) see_choice(seen, choice, words);
}

/* ---- Responses ---- */

static void see_output(struct stream_seen *seen, const cJSON *response)
{
    const cJSON *item, *part;
    unsigned call = 0;
    cJSON_ArrayForEach(item, at(response, "output"))
    {
        if (strcmp(words_of(item, "type"), "function_call") == 0 && call < 2)
            append(seen->calls[call++], sizeof seen->calls[0], words_of(item, "arguments"));
        if (strcmp(words_of(item, "type"), "message") == 0)
            cJSON_ArrayForEach(part, at(item, "content"))
                append(seen->content[0], sizeof seen->content[0], words_of(part, "text"));
    }
}

static void see_event(struct stream_seen *seen, const cJSON *event)
{
    const char *type = words_of(event, "type");
    if (strcmp(type, "response.output_text.delta") == 0)
        append(seen->content[0], sizeof seen->content[0], words_of(event, "delta"));
    else if (strncmp(type, "response.reasoning", 18) == 0 && strstr(type, ".delta"))
        append(seen->reasoning[0], sizeof seen->reasoning[0], words_of(event, "delta"));
    else if (strcmp(type, "response.completed") == 0 || strcmp(type, "response.incomplete") == 0) {
        seen->completed++;
        struct stream_seen output = {0};
        see_output(&output, at(event, "response"));
        memcpy(seen->calls, output.calls, sizeof seen->calls);
        if (strcmp(output.content[0], seen->content[0]) != 0)
            seen->strange++; /* its end must repeat its text */
    } else if (strcmp(type, "error") == 0) {
        const cJSON *error = at(event, "error");
        snprintf(seen->reason, sizeof seen->reason, "%s", words_of(error ? error : event, "reason"));
    } else if (strcmp(type, "response.failed") == 0) {
        seen->errors++;
    }
}

/* ---- events ---- */

static void see_data(struct stream_seen *seen, const char *data, bool responses)
{
    seen->after_done += seen->dones > 0;
    while (*data == ' ' || *data == '\t')
        data++;
    if (strncmp(data, "[DONE]", 6) == 0) {
        seen->dones++;
        return;
    }
    cJSON *json = cJSON_Parse(data);
    seen->strange += !json;
    if (responses)
        see_event(seen, json);
    else
        see_chunk(seen, json, "delta");
    cJSON_Delete(json);
}

static void see_stream(struct stream_seen *seen, const char *bytes, const char *end, bool responses)
{
    struct text data = {0};
    while (bytes < end) {
        const char *stop = bytes;
        while (stop < end && *stop != '\n' && *stop != '\r')
            stop++;
        if (stop - bytes >= 5 && memcmp(bytes, "data:", 5) == 0) {
            const char *value = bytes + 5 + (bytes[5] == ' ');
            if (data.length)
                text_put(&data, "\n");
            text_append(&data, value, value < stop ? (size_t)(stop - value) : 0);
        } else if (stop == bytes) {
            if (data.length)
                see_data(seen, data.bytes, responses);
            text_free(&data);
        }
        bytes = stop + (stop + 1 < end && stop[0] == '\r' && stop[1] == '\n' ? 2 : 1);
    }
    text_free(&data);
}

static void see_document(struct stream_seen *seen, const char *body, bool responses)
{
    cJSON *json = cJSON_Parse(body);
    if (cJSON_IsObject(at(json, "error"))) {
        see_error(seen, at(json, "error"));
    } else if (responses) {
        see_output(seen, json);
        seen->completed += cJSON_IsArray(at(json, "output"));
    } else {
        see_chunk(seen, json, "message");
    }
    seen->strange += !json;
    cJSON_Delete(json);
}

void stream_see(struct stream_seen *seen, const char *bytes, size_t length, bool responses)
{
    struct answer answer;
    *seen = (struct stream_seen){0};
    answer_parse(&answer, bytes, length);
    char *type = answer_header(&answer, "Content-Type"),
         *attempts = answer_header(&answer, "X-Penstock-Attempts");
    seen->status = answer.status;
    seen->streamed = type && strncasecmp(type, "text/event-stream", 17) == 0;
    seen->charset = type && strcasestr(type, "charset=utf-8");
    snprintf(seen->attempts, sizeof seen->attempts, "%s", attempts ? attempts : "");
    const char *body = answer.body ? answer.body : "";
    if (strncmp(body, "\xef\xbb\xbf", 3) == 0)
        body += 3;
    if (seen->streamed)
        see_stream(seen, body, bytes + length, responses);
    else
        see_document(seen, body, responses);
    free(type);
    free(attempts);
}
