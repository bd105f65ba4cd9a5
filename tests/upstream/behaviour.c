/* Chooses an answer by the request's path, key and model. */
#include "behaviour.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/text.h"
#include "abilities.h"
#include "confirmed.h"
#include "heard.h"
#include "plan.h"
#include "replies.h"

#define BENCH_BYTES 612
#define BENCH_FRAMES 20
#define WORD "word "

/* A request's model without its quotes, and the part of it after the name of the row. */
struct asked {
    const struct heard *heard;
    struct wish wish;
    char model[128];
    const char *rest;
};

static struct plan *stream_of(const struct asked *asked, long frames, long ms)
{
    struct plan *plan = plan_create();
    stream_head(plan);
    stream_content(plan, &asked->wish, WORD, frames, ms);
    stream_end(plan, &asked->wish, 9, frames);
    return plan;
}

static struct plan *answer_chat(const struct asked *asked)
{
    static const char *const words[] = {"Hello! ", "I ",      "am ",  "not ",   "a ",
                                        "real ",   "model, ", "but ", "these ", "words ",
                                        "do ",     "arrive ", "one ", "by ",    "one."};
    size_t count = sizeof words / sizeof *words;
    if (!asked->wish.stream)
        return reply_completion(&asked->wish,
                                "Hello! I am not a real model, but this answer came all the way.", 9, 15);
    struct plan *plan = plan_create();
    stream_head(plan);
    for (size_t i = 0; i < count; i++) {
        stream_content(plan, &asked->wish, words[i], 1, 0);
        plan_pause(plan, 80);
    }
    stream_end(plan, &asked->wish, 9, (long)count);
    return plan;
}

/* Answers for load tests are built only once. */
static struct plan *answer_at_once(const struct asked *asked)
{
    static struct plan *bench;
    if (strcmp(asked->model, "bench") != 0)
        return reply_sized(&asked->wish, BENCH_BYTES);
    if (!bench) {
        bench = reply_sized(&asked->wish, BENCH_BYTES);
        bench->shared = true;
    }
    return bench;
}

static struct plan *answer_bench(const struct asked *asked)
{
    long frames = BENCH_FRAMES, ms = 0;
    sscanf(asked->rest, "-%ldx%ld", &frames, &ms);
    return asked->wish.stream ? stream_of(asked, frames, ms) : answer_at_once(asked);
}

static struct plan *answer_timed(const struct asked *asked)
{
    long frames = BENCH_FRAMES, ms = 0;
    sscanf(asked->rest, "%ldx%ld", &frames, &ms);
    if (!asked->wish.stream)
        return answer_at_once(asked);
    struct plan *plan = plan_create();
    stream_head(plan);
    stream_content(plan, &asked->wish, PLAN_STAMP "0000000000000000", frames, ms);
    plan_stamp_last(plan);
    stream_end(plan, &asked->wish, 9, frames);
    return plan;
}

static struct plan *after_pause(struct plan *then, double seconds)
{
    struct plan *plan = plan_create();
    plan_pause(plan, (long)(seconds * 1000));
    for (size_t i = 0; i < then->count; i++)
        plan_send_repeated(plan, then->steps[i].bytes, then->steps[i].length, then->steps[i].count,
                           then->steps[i].ms);
    plan_release(then);
    return plan;
}

static struct plan *answer_hold(const struct asked *asked)
{
    long frames = 10, ms = 1000;
    sscanf(asked->rest, "%ldx%ld", &frames, &ms);
    if (asked->wish.stream)
        return stream_of(asked, frames, ms);
    return after_pause(reply_sized(&asked->wish, BENCH_BYTES), (double)frames * (double)ms / 1000);
}

static struct plan *answer_handshake(const struct asked *asked)
{
    char *end, name[160];
    long frames = strtol(asked->rest, &end, 10);
    const char *tag = *end == '-' ? end + 1 : "";
    snprintf(name, sizeof name, "%s%s", tag, *tag ? "." : "");
    confirmed_forget(name);
    struct plan *plan = plan_create();
    stream_head(plan);
    for (long n = 1; n <= frames; n++) {
        char content[32];
        snprintf(content, sizeof content, "frame-%ld ", n);
        stream_content(plan, &asked->wish, content, 1, 0);
        snprintf(name, sizeof name, "%s%s%ld", tag, *tag ? "." : "", n);
        plan_await(plan, name);
    }
    stream_end(plan, &asked->wish, 9, frames);
    return plan;
}

static struct plan *answer_slow_first(const struct asked *asked)
{
    struct plan *answer = asked->wish.stream ? stream_of(asked, BENCH_FRAMES, 0)
                                             : reply_sized(&asked->wish, BENCH_BYTES);
    return after_pause(answer, strtod(asked->rest, NULL));
}

static struct plan *answer_quiet(const struct asked *asked)
{
    struct plan *plan = plan_create();
    stream_head(plan);
    plan_pause(plan, (long)(strtod(asked->rest, NULL) * 1000));
    stream_content(plan, &asked->wish, WORD, BENCH_FRAMES, 0);
    stream_end(plan, &asked->wish, 9, BENCH_FRAMES);
    return plan;
}

static struct plan *answer_silent(const struct asked *asked)
{
    (void)asked;
    struct plan *plan = plan_create();
    plan_end(plan, STEP_SILENCE);
    return plan;
}

static struct plan *answer_echo(const struct asked *asked)
{
    struct text json = {0};
    text_format(
        &json,
        "{\"id\":\"chatcmpl-echo\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":"
        "{\"role\":\"assistant\",\"content\":\"echo\"},\"finish_reason\":\"stop\"}],\"request_length\":%zu,"
        "\"request\":",
        asked->heard->body_length);
    text_append(&json, asked->heard->body, asked->heard->body_length);
    text_put(&json, "}");
    struct plan *plan = reply_json(200, "", json.bytes, json.length);
    text_free(&json);
    return plan;
}

static struct plan *answer_error(const struct asked *asked)
{
    static const struct {
        int status;
        const char *type, *code, *message;
    } errors[] = {{400, "invalid_request_error", "invalid_value", "Invalid value for 'messages'."},
                  {401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided."},
                  {403, "permission_error", "forbidden", "You are not allowed to use this model."},
                  {404, "invalid_request_error", "model_not_found", "The model does not exist."},
                  {429, "rate_limit_error", "rate_limit_exceeded", "Rate limit reached. Please slow down."}};
    int status = atoi(asked->rest);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].status == status)
            return reply_error(status, status == 429 ? "Retry-After: 7\r\n" : "", errors[i].type,
                               errors[i].code, errors[i].message);
    return reply_error(status, "", "server_error", "internal_error", "The server had an error.");
}

static struct plan *answer_cut_body(const struct asked *asked)
{
    struct plan *whole = reply_sized(&asked->wish, BENCH_BYTES), *plan = plan_create();
    plan_send(plan, whole->steps[0].bytes, whole->steps[0].length - BENCH_BYTES / 2);
    plan_end(plan, STEP_CLOSE);
    plan_release(whole);
    return plan;
}

static struct plan *answer_cut(const struct asked *asked)
{
    const char *where = asked->rest;
    if (!asked->wish.stream && strcmp(where, "before") != 0)
        return answer_cut_body(asked);
    struct plan *plan = plan_create();
    if (strcmp(where, "before") != 0) {
        stream_head(plan);
        stream_content(plan, &asked->wish, WORD, 2, 0);
    }
    if (strcmp(where, "inside") == 0) {
        struct text event = {0};
        stream_event(&event, &asked->wish, WORD);
        plan_send_chunk(plan, event.bytes, event.length / 2);
        text_free(&event);
    }
    if (strcmp(where, "clean") == 0)
        plan_send_chunk(plan, "", 0);
    else
        plan_end(plan, asked->model[0] == 'r' ? STEP_RESET : STEP_CLOSE);
    return plan;
}

static struct plan *answer_recite(const struct asked *asked)
{
    return ability_recite(asked->heard, &asked->wish);
}

static struct plan *answer_tools(const struct asked *asked)
{
    return ability_call(asked->heard, &asked->wish);
}

static const struct {
    const char *prefix;
    struct plan *(*answer)(const struct asked *asked);
} table[] = {
    {"fake-chat", answer_chat},
    {"bench", answer_bench},
    {"timed-", answer_timed},
    {"hold-", answer_hold},
    {"handshake-", answer_handshake},
    {"slow-first-", answer_slow_first},
    {"quiet-", answer_quiet},
    {"silent", answer_silent},
    {"echo", answer_echo},
    {"error-", answer_error},
    {"cut-", answer_cut},
    {"reset-", answer_cut},
    {"recite", answer_recite},
    {"tools", answer_tools},
};

static bool is_true(const char *json, size_t length, const char *name)
{
    size_t size;
    const char *value = json_member(json, length, name, &size);
    return value && strncmp(value, "true", 4) == 0;
}

static struct plan *answer_model(struct asked *asked)
{
    const char *body = asked->heard->body;
    size_t size, length = asked->heard->body_length;
    const char *model = json_member(body, length, "model", &asked->wish.model_length);
    if (!model || *model != '"')
        return reply_error(400, "", "invalid_request_error", "missing_model",
                           "you must provide a model parameter");
    asked->wish.model = model;
    asked->wish.stream = is_true(body, length, "stream");
    const char *options = json_member(body, length, "stream_options", &size);
    asked->wish.usage = options && is_true(options, size, "include_usage");
    snprintf(asked->model, sizeof asked->model, "%.*s", (int)strcspn(model + 1, "\""), model + 1);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strncmp(asked->model, table[i].prefix, strlen(table[i].prefix)) == 0) {
            asked->rest = asked->model + strlen(table[i].prefix);
            return table[i].answer(asked);
        }
    return reply_error(404, "", "invalid_request_error", "model_not_found", "The model does not exist.");
}

static struct plan *answer_models(void)
{
    static const char json[] =
        "{\"object\":\"list\",\"data\":["
        "{\"id\":\"fake-chat\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"fake\"},"
        "{\"id\":\"bench\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"fake\"},"
        "{\"id\":\"org/echo\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"fake\"}]}";
    return reply_json(200, "", json, sizeof json - 1);
}

static bool key_is_right(const struct heard *heard, const char *key)
{
    size_t length;
    const char *shown = heard_header(heard, "authorization", &length);
    return shown && length == 7 + strlen(key) && memcmp(shown, "Bearer ", 7) == 0 &&
           memcmp(shown + 7, key, strlen(key)) == 0;
}

struct plan *behaviour_plan(const struct heard *heard, const char *key)
{
    bool post = heard->method_length == 4 && memcmp(heard->method, "POST", 4) == 0;
    if (key && !key_is_right(heard, key))
        return reply_error(401, "", "invalid_request_error", "invalid_api_key",
                           "Incorrect API key provided.");
    if (!post && heard_path_ends(heard, "/models"))
        return answer_models();
    if (post && heard_path_ends(heard, "/chat/completions")) {
        struct asked asked = {.heard = heard};
        return answer_model(&asked);
    }
    if (post && heard_path_ends(heard, "/embeddings"))
        return ability_embed(heard);
    if (post && heard_path_ends(heard, "/audio/transcriptions"))
        return ability_repeat(heard);
    if (memmem(heard->target, heard->target_length, "/things/", strlen("/things/")))
        return ability_mirror(heard);
    return reply_error(404, "", "invalid_request_error", "unknown_url", "Unknown request URL.");
}
