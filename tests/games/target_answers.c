/* What a target with a fault answers. */
#include <stdio.h>
#include <string.h>

#include "target_table.h"
#include "tests/kit/text.h"
#include "tests/upstream/plan.h"
#include "tests/upstream/replies.h"

#define COMPLETION                                                                                           \
    "{\"id\":\"c\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":"    \
    "{\"role\":\"assistant\",\"content\":\"Well.\"},\"finish_reason\":\"stop\"}],"                           \
    "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}"
#define ROLE                                                                                                 \
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"     \
    "\"finish_reason\":null}]}\n\n"
#define WORDS                                                                                                \
    "data: "                                                                                                 \
    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Well.\"},\"finish_reason\":null}]}"    \
    "\n\n"
#define FINISH "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define COUNTS                                                                                               \
    "data: "                                                                                                 \
    "{\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":"  \
    "5}}\n\n"
#define DONE "data: [DONE]\n\n"

static struct plan *json(const char *body)
{
    return reply_json(200, "", body, strlen(body));
}

static struct plan *stream_of(const char *frames, bool ends)
{
    struct plan *plan = plan_create();
    stream_head(plan);
    plan_send_chunk(plan, frames, strlen(frames));
    if (ends)
        plan_send_chunk(plan, "", 0);
    else
        plan_end(plan, STEP_CLOSE);
    return plan;
}

static struct plan *well(bool stream)
{
    return stream ? stream_of(ROLE WORDS FINISH COUNTS DONE, true) : json(COMPLETION);
}

static struct plan *end_with(enum step_kind kind)
{
    struct plan *plan = plan_create();
    plan_end(plan, kind);
    return plan;
}

/* The head of a document and half of it. */
static struct plan *half_of_it(void)
{
    struct plan *plan = plan_create();
    struct text out = {0};
    text_format(&out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%.40s",
                strlen(COMPLETION), COMPLETION);
    plan_send(plan, out.bytes, out.length);
    plan_end(plan, STEP_CLOSE);
    text_free(&out);
    return plan;
}

static struct plan *mute(bool stream)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n";
    struct plan *plan = plan_create();
    if (stream)
        stream_head(plan);
    else
        plan_send(plan, head, sizeof head - 1);
    plan_end(plan, STEP_SILENCE);
    return plan;
}

static struct plan *page(void)
{
    static const char words[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 33\r\n\r\n"
                                "<html><title>Hello</title></html>";
    struct plan *plan = plan_create();
    plan_send(plan, words, sizeof words - 1);
    return plan;
}

struct plan *target_answer(enum target_fault fault, bool stream, unsigned hits)
{
    switch (fault) {
    case TARGET_500:
        return reply_error(500, "", "server_error", "internal_error", "The server had an error");
    case TARGET_500_ONCE:
        return hits > 1 ? well(stream)
                        : reply_error(500, "", "server_error", "internal_error", "The server had an error");
    case TARGET_503:
        return reply_error(503, "", "server_error", "overloaded", "The server is overloaded");
    case TARGET_429:
        return reply_error(429, "Retry-After-Ms: 500\r\n", "rate_limit_error", "rate_limit_exceeded",
                           "Rate limit reached");
    case TARGET_429_PLAIN:
        return reply_error(429, "", "rate_limit_error", "rate_limit_exceeded", "Rate limit reached");
    case TARGET_429_LONG:
        return reply_error(429, "Retry-After: 3600\r\n", "rate_limit_error", "rate_limit_exceeded",
                           "Rate limit reached");
    case TARGET_RESET:
        return end_with(STEP_RESET);
    case TARGET_CLOSED:
        return end_with(STEP_CLOSE);
    case TARGET_CUT:
        return stream ? stream_of(ROLE, false) : half_of_it();
    case TARGET_CUT_LATE:
        return stream ? stream_of(ROLE WORDS, false) : half_of_it();
    case TARGET_SILENT:
        return end_with(STEP_SILENCE);
    case TARGET_MUTE:
        return mute(stream);
    case TARGET_KEY:
        return reply_error(401, "", "invalid_request_error", "invalid_api_key", "Incorrect API key provided");
    case TARGET_KEY_403:
        return reply_error(403, "", "authentication_error", "invalid_api_key", "This API key is not valid");
    case TARGET_NO_MODEL:
        return reply_error(404, "", "invalid_request_error", "model_not_found", "The model does not exist");
    case TARGET_NO_JSON:
        return page();
    case TARGET_EMPTY:
        return stream ? stream_of(DONE, true)
                      : json("{\"id\":\"c\",\"object\":\"chat.completion\",\"choices\":[]}");
    case TARGET_ERROR_200:
        return stream
                   ? stream_of(
                         "data: {\"error\":{\"message\":\"The server is overloaded\",\"code\":503}}\n\n" DONE,
                         true)
                   : json("{\"error\":{\"message\":\"The server is overloaded\",\"code\":503}}");
    case TARGET_MISTAKE:
        return reply_error(400, "", "invalid_request_error", "invalid_value", "messages: field required");
    case TARGET_LONG:
        return reply_error(400, "", "invalid_request_error", "context_length_exceeded",
                           "This model's maximum context length is 10 tokens");
    default:
        return well(stream);
    }
}
