/* What only the complete program shows: failures of the network, and errors in a stream. */
#include <cjson/cJSON.h>
#include <string.h>

#include "base/failure.h"
#include "kinds.h"
#include "outcome.h"
#include "scene.h"

#define STREAM_HEAD "HTTP/1.1 200 OK\nContent-Type: text/event-stream\nTransfer-Encoding: chunked\n\n"
#define CONTENT                                                                                              \
    "data: "                                                                                                 \
    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"},\"finish_reason\":null}]}\n\n"

static const char *penstock, *provider;

void kinds_programs(const char *penstock_path, const char *provider_path)
{
    penstock = penstock_path;
    provider = provider_path;
}

const char *kinds_penstock_program(void)
{
    return penstock;
}

const char *kinds_provider_program(void)
{
    return provider;
}

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_of(const cJSON *node)
{
    return cJSON_IsString(node) ? node->valuestring : NULL;
}

static void note(struct outcome *outcome, const char *words)
{
    text_format(&outcome->differs, "%s%s", outcome->differs.length ? " " : "", words);
}

static const char *said(const struct heard *heard, const char *name)
{
    const char *text = text_of(member(heard->error, name));
    return text ? text : "";
}

/* Notes our message if it does not begin as theirs does. */
static void compare_start(struct outcome *outcome, const struct heard *heard, const cJSON *start)
{
    const char *wanted = text_of(start);
    if (wanted && strncmp(said(heard, "message"), wanted, strlen(wanted)) != 0)
        note(outcome, *said(heard, "message") ? "message=own" : "message=none");
}

static const struct {
    const char *failure;
    struct scene scene;
} transports[] = {
    {"connect timeout", {.mood = DEAF}},
    {"connection refused / DNS", {.mood = REFUSES}},
    {"remote protocol error", {.script = "SSH-2.0-OpenSSH_9.2\n"}},
    {"read error", {.script = "HTTP/1.1 200 OK\nContent-Length: 100\n\n{\"id\":\n@reset"}},
    {"read timeout while streaming", {.script = STREAM_HEAD CONTENT "@silence", .stream = true}},
};

/* An error after the first frame cannot have a status; this is the one that its reason has otherwise.
 */
static int status_of(const char *reason)
{
    struct failure why;
    for (enum failure_reason i = FAILURE_NONE; i < FAILURE_REASONS; i++)
        if (strcmp(failure_reason_name(i), reason) == 0) {
            fail(&why, i, "%s", "");
            return why.status;
        }
    return -1;
}

void check_transport_map(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    const char *failure = text_of(member(input, "failure"));
    const cJSON *reason = member(expected, "reason");
    struct heard heard;
    for (size_t i = 0; i < sizeof transports / sizeof *transports; i++) {
        if (strcmp(transports[i].failure, failure) != 0)
            continue;
        scene_play(&transports[i].scene, penstock, provider, &heard);
        outcome_number(outcome, "client_status", heard.answer.status, member(expected, "client_status"));
        outcome_number(outcome, "error_status", status_of(said(&heard, "reason")),
                       member(expected, "error_status"));
        outcome_word(outcome, "reason", said(&heard, "reason"), cJSON_IsNull(reason) ? NULL : reason);
        compare_start(outcome, &heard, member(expected, "message_startswith"));
        heard_free(&heard);
        return;
    }
    outcome->unknown = true;
}

/* A refusal with that status and an unrelated message. */
static void write_refusal(struct text *script, int status, const char *words)
{
    text_format(script, "HTTP/1.1 %d X\nContent-Type: application/json\nContent-Length: auto\n\n", status);
    text_format(script, "{\"error\":{\"message\":\"%s\"}}", words);
}

static void write_mid_stream(struct text *script, const cJSON *input)
{
    text_format(script, STREAM_HEAD CONTENT "data: {\"error\":{\"message\":\"%s\",\"code\":\"%d\"}}\n\n",
                text_of(member(input, "detail")), member(input, "status")->valueint);
}

/* The provider's answer, from the description in the case. */
static void write_script(struct text *script, const cJSON *input, const cJSON *expected)
{
    const char *where = text_of(member(input, "where")), *words = text_of(member(expected, "body_contains"));
    const cJSON *status = member(input, "failure_status");
    if (member(input, "upstream"))
        text_put(script, STREAM_HEAD);
    else if (where && strcmp(where, "mid-stream") == 0)
        write_mid_stream(script, input);
    else if (status)
        write_refusal(script, status->valueint, words);
    else
        write_refusal(script, member(input, "status") ? member(input, "status")->valueint : 500,
                      "any sentence");
}

static void compare_error(struct outcome *outcome, const struct heard *heard, const cJSON *expected)
{
    const cJSON *error = member(member(expected, "data"), "error"), *done = member(expected, "done_sent");
    const cJSON *type = member(member(expected, "data"), "type");
    const char *part = text_of(member(expected, "body_contains"));
    outcome_number(outcome, "http_status", heard->answer.status, member(expected, "http_status"));
    outcome_word(outcome, "content_type", heard->content_type, member(expected, "content_type"));
    outcome_text(outcome, "message", said(heard, "message"), member(expected, "message"));
    outcome_text(outcome, "data.message", said(heard, "message"), member(error, "message"));
    outcome_word(outcome, "data.code", said(heard, "code"), member(error, "code"));
    outcome_bool(outcome, "done", heard->done, done);
    if (part && !strstr(text_words(&heard->bytes), part))
        note(outcome, "body");
    if (type && heard->answer.status != 200)
        text_format(&outcome->differs, "%sstatus=%d", outcome->differs.length ? " " : "",
                    heard->answer.status);
}

void check_sse_error(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    const cJSON *header = cJSON_GetArrayItem(member(input, "headers"), 0);
    struct text script = {0};
    struct heard heard;
    write_script(&script, input, expected);
    struct scene scene = {.script = script.bytes, .stream = true, .url = text_of(member(input, "endpoint"))};
    scene.header = header ? header->string : NULL;
    scene.value = text_of(header);
    scene_play(&scene, penstock, provider, &heard);
    compare_error(outcome, &heard, expected);
    heard_free(&heard);
    text_free(&script);
}
