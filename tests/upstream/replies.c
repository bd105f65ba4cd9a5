/* The bytes of an OpenAI-compatible provider's answers. */
#include "replies.h"

#include <string.h>

#include "../kit/text.h"
#include "plan.h"

#define CREATED 1700000000L

static const struct {
    int status;
    const char *phrase;
} phrases[] = {{200, "OK"},           {400, "Bad Request"},        {401, "Unauthorized"},
               {403, "Forbidden"},    {404, "Not Found"},          {429, "Too Many Requests"},
               {500, "Server Error"}, {503, "Service Unavailable"}};

static const char *phrase_of(int status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Status";
}

struct plan *reply_json(int status, const char *headers, const char *json, size_t length)
{
    struct text out = {0};
    text_format(&out, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n",
                status, phrase_of(status), length, headers);
    text_append(&out, json, length);
    struct plan *plan = plan_create();
    plan_send(plan, out.bytes, out.length);
    text_free(&out);
    return plan;
}

struct plan *reply_error(int status, const char *headers, const char *type, const char *code,
                         const char *message)
{
    struct text json = {0};
    text_format(&json, "{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"param\":null,\"code\":\"%s\"}}",
                message, type, code);
    struct plan *plan = reply_json(status, headers, json.bytes, json.length);
    text_free(&json);
    return plan;
}

static void put_usage(struct text *json, long prompt, long completion)
{
    text_format(json, "\"usage\":{\"prompt_tokens\":%ld,\"completion_tokens\":%ld,\"total_tokens\":%ld}",
                prompt, completion, prompt + completion);
}

static const char *finish_of(const struct wish *wish)
{
    return wish->finish ? wish->finish : "stop";
}

static void put_completion(struct text *json, const struct wish *wish, const char *message, long prompt,
                           long completion)
{
    text_format(json,
                "{\"id\":\"chatcmpl-fake\",\"object\":\"chat.completion\",\"created\":%ld,\"model\":%.*s,"
                "\"choices\":[{\"index\":0,\"message\":%s,\"finish_reason\":\"%s\"}],",
                CREATED, (int)wish->model_length, wish->model, message, finish_of(wish));
    put_usage(json, prompt, completion);
    text_put(json, "}");
}

struct plan *reply_completion(const struct wish *wish, const char *content, long prompt, long completion)
{
    struct text message = {0};
    text_format(&message, "{\"role\":\"assistant\",\"content\":\"%s\"}", content);
    struct plan *plan = reply_message(wish, message.bytes, prompt, completion);
    text_free(&message);
    return plan;
}

struct plan *reply_message(const struct wish *wish, const char *message, long prompt, long completion)
{
    struct text json = {0};
    put_completion(&json, wish, message, prompt, completion);
    struct plan *plan = reply_json(200, "X-Request-Id: req_fake\r\n", json.bytes, json.length);
    text_free(&json);
    return plan;
}

struct plan *reply_sized(const struct wish *wish, size_t size)
{
    struct text json = {0}, content = {0};
    put_completion(&json, wish, "{\"role\":\"assistant\",\"content\":\"\"}", 9, 99);
    while (json.length + content.length < size)
        text_put(&content, json.length + content.length + 1 < size ? "la" : ".");
    text_free(&json);
    struct plan *plan = reply_completion(wish, text_words(&content), 9, 99);
    text_free(&content);
    return plan;
}

void stream_head(struct plan *plan)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
        "X-Request-Id: req_fake\r\nTransfer-Encoding: chunked\r\n\r\n";
    plan_send(plan, head, sizeof head - 1);
}

static void begin_event(struct text *event, const struct wish *wish)
{
    text_format(
        event,
        "data: "
        "{\"id\":\"chatcmpl-fake\",\"object\":\"chat.completion.chunk\",\"created\":%ld,\"model\":%.*s,",
        CREATED, (int)wish->model_length, wish->model);
}

void stream_event(struct text *event, const struct wish *wish, const char *content)
{
    begin_event(event, wish);
    text_format(event,
                "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},\"finish_reason\":null}]}\n\n",
                content);
}

void stream_content(struct plan *plan, const struct wish *wish, const char *content, long count, long ms)
{
    struct text event = {0}, chunk = {0};
    stream_event(&event, wish, content);
    text_format(&chunk, "%zx\r\n%s\r\n", event.length, event.bytes);
    plan_send_repeated(plan, chunk.bytes, chunk.length, count, ms);
    text_free(&event);
    text_free(&chunk);
}

void stream_delta(struct plan *plan, const struct wish *wish, const char *delta)
{
    struct text event = {0};
    begin_event(&event, wish);
    text_format(&event, "\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":null}]}\n\n", delta);
    plan_send_chunk(plan, event.bytes, event.length);
    text_free(&event);
}

void stream_end(struct plan *plan, const struct wish *wish, long prompt, long completion)
{
    struct text event = {0};
    begin_event(&event, wish);
    text_format(&event, "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"%s\"}]}\n\n",
                finish_of(wish));
    if (wish->usage) {
        begin_event(&event, wish);
        text_put(&event, "\"choices\":[],");
        put_usage(&event, prompt, completion);
        text_put(&event, "}\n\n");
    }
    text_put(&event, "data: [DONE]\n\n");
    plan_send_chunk(plan, event.bytes, event.length);
    plan_send_chunk(plan, "", 0);
    text_free(&event);
}
