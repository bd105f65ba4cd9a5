/* Answers the requests of the money game and writes down what was generated, also for answers that break off.
 */
#include "money_bill.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "game_provider.h"
#include "tests/kit/process.h"
#include "tests/kit/text.h"
#include "tests/upstream/heard.h"
#include "tests/upstream/plan.h"
#include "tests/upstream/replies.h"

#define CONNECTIONS (1 << 20)
#define LATE_MS 150

static struct money_shared *bills;
static uint64_t game_seed;
static long number_of[CONNECTIONS]; /* the request that a connection answers last, and one */

struct money_request money_request_of(uint64_t seed, long number)
{
    struct money_request request;
    struct dice dice = dice_of(seed, (uint64_t)number);
    money_request_draw(&request, &dice);
    return request;
}

/* ---- usage ---- */

static void put_usage(struct text *out, const struct money_request *request)
{
    bool new_names = request->route == MONEY_IMAGES || request->route == MONEY_FORM;
    const char *in = new_names ? "input_tokens" : "prompt_tokens",
               *made = new_names ? "output_tokens" : "completion_tokens";
    const char *point = request->usage == USAGE_FLOATS ? ".0" : "";
    long prompt = request->usage == USAGE_ZEROS ? 0 : request->prompt;
    long completion = request->usage == USAGE_ZEROS ? 0 : request->completion;
    if (request->usage == USAGE_ABSENT)
        return;
    text_put(out, ",\"usage\":");
    if (request->usage == USAGE_NULL)
        text_put(out, "null");
    else if (request->usage == USAGE_BARE)
        text_put(out, "{}");
    else if (request->usage == USAGE_HALF)
        text_format(out, "{\"%s\":%ld}", in, prompt);
    else if (request->route == MONEY_EMBEDDINGS)
        text_format(out, "{\"%s\":%ld%s,\"total_tokens\":%ld%s}", in, prompt, point, prompt, point);
    else
        text_format(out, "{\"%s\":%ld%s,\"%s\":%ld%s,\"total_tokens\":%ld%s}", in, prompt, point, made,
                    completion, point, prompt + completion, point);
}

/* ---- answers ---- */

static void put_text(struct text *out, long tokens)
{
    for (long i = 0; i < tokens; i++)
        text_put(out, MONEY_WORD);
}

static void put_document(struct text *out, const struct money_request *request)
{
    if (request->fate == FATE_ERROR_200) {
        text_put(out, "{\"error\":{\"message\":\"The server is overloaded\",\"code\":503}");
    } else if (request->route == MONEY_EMBEDDINGS) {
        text_put(
            out,
            "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.5]}]");
    } else if (request->route == MONEY_IMAGES) {
        text_put(out, "{\"created\":1,\"data\":[");
        for (unsigned i = 0; i < request->n; i++)
            text_format(out, "%s{\"b64_json\":\"AAAA\"}", i ? "," : "");
        text_put(out, "]");
    } else if (request->route == MONEY_FORM) {
        text_put(out, "{\"text\":\"");
        put_text(out, request->completion);
        text_put(out, "\"");
    } else {
        bool chat = request->route != MONEY_COMPLETIONS;
        text_put(out, "{\"id\":\"c\",\"choices\":[");
        for (unsigned i = 0; i < request->n; i++) {
            long share = request->completion / request->n + (i < request->completion % request->n);
            text_format(out, "%s{\"index\":%u,%s\"", i ? "," : "", i,
                        chat ? "\"message\":{\"role\":\"assistant\",\"content\":" : "\"text\":");
            put_text(out, share);
            text_format(out, "\"%s,\"finish_reason\":\"stop\"}", chat ? "}" : "");
        }
        text_put(out, "]");
    }
    put_usage(out, request);
    text_put(out, "}");
}

static struct plan *plan_document(const struct money_request *request)
{
    struct text body = {0}, head = {0};
    struct plan *plan = plan_create();
    put_document(&body, request);
    text_format(&head, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                body.length);
    if (request->gap_ms)
        plan_pause(plan, request->gap_ms * money_request_frames(request));
    plan_send(plan, head.bytes, head.length);
    plan_send(plan, body.bytes, request->fate == FATE_CUT ? body.length / 2 : body.length);
    if (request->fate == FATE_CUT)
        plan_end(plan, STEP_CLOSE);
    text_free(&head);
    text_free(&body);
    return plan;
}

static void put_frame(struct text *out, const struct money_request *request, unsigned choice, long tokens)
{
    bool chat = request->route != MONEY_COMPLETIONS;
    text_format(out, "data: {\"id\":\"c\",\"choices\":[{\"index\":%u,%s\"", choice,
                chat ? "\"delta\":{\"content\":" : "\"text\":");
    put_text(out, tokens);
    text_format(out, "\"%s,\"finish_reason\":null}]}\n\n", chat ? "}" : "");
}

static void send_text(struct plan *plan, struct text *bytes)
{
    plan_send_chunk(plan, text_words(bytes), bytes->length);
    text_free(bytes);
}

static void send_end(struct plan *plan, const struct money_request *request)
{
    struct text bytes = {0};
    bool chat = request->route != MONEY_COMPLETIONS;
    for (unsigned i = 0; i < request->n; i++)
        text_format(&bytes,
                    "data: {\"id\":\"c\",\"choices\":[{\"index\":%u,%s,\"finish_reason\":\"stop\"}]}\n\n", i,
                    chat ? "\"delta\":{}" : "\"text\":\"\"");
    if (request->usage == USAGE_LATE) {
        send_text(plan, &bytes);
        plan_pause(plan, LATE_MS);
    }
    if (request->usage != USAGE_ABSENT) {
        text_put(&bytes, "data: {\"id\":\"c\",\"choices\":[]");
        put_usage(&bytes, request);
        text_put(&bytes, "}\n\n");
    }
    text_put(&bytes, "data: [DONE]\n\n");
    send_text(plan, &bytes);
    plan_send_chunk(plan, "", 0);
}

/* How many frames of content a stream sends before its end or its cut. */
static unsigned frames_sent(const struct money_request *request)
{
    unsigned frames = money_request_frames(request);
    return request->fate == FATE_CUT ? frames / 2 : frames;
}

static struct plan *plan_stream(const struct money_request *request)
{
    struct plan *plan = plan_create();
    struct text bytes = {0};
    unsigned sent = frames_sent(request);
    long left = request->completion;
    stream_head(plan);
    if (request->fate == FATE_ERROR_200) {
        text_put(&bytes, "data: {\"error\":{\"message\":\"The server is overloaded\",\"code\":503}");
        put_usage(&bytes, request);
        text_put(&bytes, "}\n\ndata: [DONE]\n\n");
        send_text(plan, &bytes);
        plan_send_chunk(plan, "", 0);
        return plan;
    }
    for (unsigned i = 0; i < sent; i++, left -= FRAME_TOKENS) {
        put_frame(&bytes, request, i % request->n, left < FRAME_TOKENS ? left : FRAME_TOKENS);
        if (request->gap_ms) {
            send_text(plan, &bytes);
            plan_pause(plan, request->gap_ms);
        }
    }
    if (bytes.length)
        send_text(plan, &bytes);
    if (request->fate == FATE_CUT)
        plan_end(plan, STEP_CLOSE);
    else
        send_end(plan, request);
    return plan;
}

/* ---- the bill ---- */

static int64_t duration_of(const struct money_request *request)
{
    if (request->fate == FATE_500 || (request->fate == FATE_ERROR_200 && request->stream))
        return 0;
    if (request->fate == FATE_CUT && request->stream)
        return (int64_t)request->gap_ms * frames_sent(request);
    return (int64_t)request->gap_ms * money_request_frames(request) +
           (request->usage == USAGE_LATE && request->stream ? LATE_MS : 0);
}

static long made_before_cut(const struct money_request *request)
{
    if (request->fate != FATE_CUT)
        return request->completion;
    if (!request->stream)
        return request->completion / 3;
    long made = (long)frames_sent(request) * FRAME_TOKENS;
    return made < request->completion ? made : request->completion;
}

static void write_bill(const struct money_request *request, long number)
{
    struct money_bill *bill = &bills->bills[number];
    bill->heard++;
    bill->began_ms = now_ms();
    bill->ends_ms = bill->began_ms + duration_of(request);
    bill->day = (int32_t)((time(NULL) + bills->shift_s) / 86400);
    bill->prompt += request->prompt;
    bill->completion += made_before_cut(request);
    bill->reported = money_has_counts(request) && request->fate != FATE_CUT && request->fate != FATE_500;
}

/* What was generated when the gateway went. The gateway need not have read the last two frames of a stream.
 */
static long made_until(const struct money_request *request, const struct connection *connection)
{
    if (!request->stream)
        return 0;
    if (!request->gap_ms)
        return request->completion;
    long frames = (long)connection->step / 2; /* the head is a step, and each frame a step and its pause */
    return frames > 2 ? (frames - 2) * FRAME_TOKENS : 0;
}

static void take_leave(const struct connection *connection)
{
    long number = number_of[connection->number % CONNECTIONS] - 1;
    if (number < 0)
        return;
    struct money_request request = money_request_of(game_seed, number);
    struct money_bill *bill = &bills->bills[number];
    int64_t now = now_ms();
    long most = made_before_cut(&request), made = made_until(&request, connection);
    bill->left = true;
    bill->reported = false;
    bill->completion -= made < most ? most - made : 0;
    bill->ends_ms = now;
}

static struct plan *answer(const struct connection *connection, const struct heard *heard)
{
    const char *mark = memmem(heard->body, heard->body_length, MONEY_MARK, sizeof MONEY_MARK - 1);
    long number = mark ? atol(mark + sizeof MONEY_MARK - 1) : -1;
    if (number < 0 || number >= bills->count)
        return reply_error(404, "", "invalid_request_error", "not_found",
                           "the game does not know this request");
    struct money_request request = money_request_of(game_seed, number);
    number_of[connection->number % CONNECTIONS] = number + 1;
    write_bill(&request, number);
    if (request.fate == FATE_500)
        return reply_error(500, "", "server_error", "internal_error", "The server had an error");
    return request.stream ? plan_stream(&request) : plan_document(&request);
}

unsigned money_provider_start(struct money_shared *shared, uint64_t seed)
{
    unsigned port;
    bills = shared;
    game_seed = seed;
    connection_left = take_leave;
    game_provider_start(answer, &port);
    return port;
}
