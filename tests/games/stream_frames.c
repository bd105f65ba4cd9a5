/* Writes a scenario's frames as the bytes of a real dialect, and as the plan that sends them. */
#include <stdio.h>
#include <string.h>

#include "stream_scenario.h"
#include "tests/kit/text.h"
#include "tests/upstream/plan.h"

const char *const stream_texts[8] = {
    "Hello ",          "wor",          "ld. ", "\\u00e9t\\u00e9 ", "\\ud83d\\ude00", "line\\n",
    "\\\"quoted\\\" ", "data: [DONE] "};
const char *const stream_finishes[16] = {
    "stop", "length", "tool_calls", "STOP",        "eos_token", "end_turn", "max_tokens",  "stop",
    "null", "None",   "NULL",       "in_progress", "",          "none",     "In_Progress", "null"};
const char *const stream_arguments[8] = {"", "{\\\"a\\\":", "1}", "", "", "{\\\"b\\\":", "\\\"x\\\"", "}"};

static const char *const errors[ERROR_VARIANTS] = {
    "{\"error\":{\"message\":\"The server is overloaded\",\"type\":\"overloaded_error\",\"code\":503}}",
    "{\"error\":{\"message\":\"Rate limit reached\",\"type\":\"rate_limit_error\",\"code\":429}}",
    "{\"error\":{\"message\":\"This model's maximum context length is 100 "
    "tokens\",\"type\":\"invalid_request_error\","
    "\"code\":\"context_length_exceeded\"}}",
    "{\"error\":{\"message\":\"boom\",\"type\":\"server_error\",\"code\":\"502\"}}",
    "{\"error\":{\"message\":\"Incorrect API key provided\",\"type\":\"invalid_request_error\","
    "\"code\":\"invalid_api_key\"}}",
    "{\"error\":{\"message\":\"You exceeded your current quota, please check your plan and billing details\","
    "\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}",
    "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
    "{\"object\":\"error\",\"message\":\"The server is "
    "overloaded\",\"type\":\"ServiceUnavailable\",\"code\":503}"};

static const struct {
    int code;
    const char *words;
} base_resps[BASE_RESP_VARIANTS] = {
    {1008, "insufficient balance"}, {1002, "rate limit"}, {1004, "login fail"}, {2013, "invalid params"}};

static const char *const dones[] = {"data: [DONE]", "data:[DONE]",    "data: [DONE] ", "data:  [DONE]",
                                    "data: [DONE]", "data: [DONE]\t", "data: [DONE]",  "data: [DONE]"};
static const char *const comments[] = {": OPENROUTER PROCESSING", ":", ": ping\n: pong", ":keepalive"};
static const char *const fields[] = {"retry: 3000", "id: 7\nevent: message", "event: ping", "unknown: x"};
static const char *const garbage[] = {"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"br",
                                      "data: not json", "data: {", "data: \"text\" and more"};

bool stream_frame_counts(const struct frame *frame)
{
    return frame->style == STYLE_COUNTED && frame->variant % 4 != 1 &&
           (frame->kind == FRAME_CONTENT || frame->kind == FRAME_LAST || frame->kind == FRAME_FINISH);
}

struct stream_counts stream_counts_of(const struct frame *frame)
{
    if (frame->variant % 4 == 1)
        return (struct stream_counts){0};
    return (struct stream_counts){11 + frame->variant, 70 + frame->variant};
}

static void put_usage(struct text *out, const struct frame *frame)
{
    struct stream_counts counts = stream_counts_of(frame);
    const char *point = frame->variant % 4 == 2 ? ".0" : "";
    text_format(out, "{\"prompt_tokens\":%ld%s,\"completion_tokens\":%ld%s,\"total_tokens\":%ld%s}",
                counts.prompt, point, counts.completion, point, counts.prompt + counts.completion, point);
}

static void put_call(struct text *out, unsigned variant, bool one_index)
{
    unsigned call = variant / 4;
    text_format(out, "{\"tool_calls\":[{\"index\":%u,", one_index ? 0 : call);
    if (variant % 4 == 0)
        text_format(
            out,
            "\"id\":\"call_%u\",\"type\":\"function\",\"function\":{\"name\":\"f%u\",\"arguments\":\"\"}}]}",
            call, call);
    else
        text_format(out, "\"function\":{\"arguments\":\"%s\"}}]}", stream_arguments[variant]);
}

static void put_delta(struct text *out, const struct frame *frame, bool one_index)
{
    const char *words = stream_texts[frame->variant % 8];
    switch (frame->kind) {
    case FRAME_ROLE:
        text_put(out, "{\"role\":\"assistant\",\"content\":\"\"}");
        return;
    case FRAME_REASONING:
        text_format(out, "{\"reasoning_content\":\"%s\"}", words);
        return;
    case FRAME_CALL:
        put_call(out, frame->variant % 8, one_index);
        return;
    case FRAME_FINISH:
        text_put(out, "{}");
        return;
    default:
        text_format(out, "{\"content\":\"%s\"}", words);
    }
}

/* A content frame of variant 8 and above bears a finish_reason that is no end. */
static void put_chunk(struct text *out, const struct frame *frame, bool one_index)
{
    const char *finish = frame->kind == FRAME_FINISH ? stream_finishes[frame->variant % 16]
                         : frame->kind == FRAME_LAST ? stream_finishes[frame->variant % FINISH_ENDS]
                         : frame->kind == FRAME_CONTENT && frame->variant >= 8
                             ? stream_finishes[frame->variant % 16]
                             : NULL;
    text_format(
        out,
        "data: "
        "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":%u,"
        "\"delta\":",
        frame->choice);
    put_delta(out, frame, one_index);
    if (finish)
        text_format(out, ",\"finish_reason\":\"%s\"}]", finish);
    else
        text_put(out, ",\"finish_reason\":null}]");
    if (stream_frame_counts(frame)) {
        text_put(out, ",\"usage\":");
        put_usage(out, frame);
    } else if (frame->style == STYLE_USAGE) {
        text_put(out, ",\"usage\":null");
    }
    text_put(out, "}");
}

/* The lines of a frame, each ended by LF, without the empty line that ends the event. */
static void put_lines(struct text *out, const struct frame *frame, bool one_index)
{
    unsigned variant = frame->variant;
    switch (frame->kind) {
    case FRAME_USAGE:
        text_put(
            out,
            "data: "
            "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[],\"usage\":");
        put_usage(out, frame);
        text_put(out, "}");
        break;
    case FRAME_NO_CHOICE:
        text_put(out,
                 "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[]}");
        break;
    case FRAME_COMMENT:
        text_put(out, comments[variant % 4]);
        break;
    case FRAME_FIELDS:
        text_put(out, fields[variant % 4]);
        break;
    case FRAME_GARBAGE:
        text_put(out, garbage[variant % 4]);
        break;
    case FRAME_ERROR:
        text_format(out, "%sdata: %s", variant >= 8 ? "event: error\n" : "",
                    errors[variant % ERROR_VARIANTS]);
        break;
    case FRAME_BASE_RESP:
        text_format(
            out,
            "data: {\"id\":\"c1\",\"choices\":null,\"base_resp\":{\"status_code\":%d,\"status_msg\":\"%s\"}}",
            base_resps[variant % BASE_RESP_VARIANTS].code, base_resps[variant % BASE_RESP_VARIANTS].words);
        break;
    case FRAME_DONE:
        text_put(out, dones[variant % 8]);
        break;
    default:
        put_chunk(out, frame, one_index);
    }
    text_put(out, "\n");
}

/* Writes a frame of one "data: {" line in another style. */
static void put_style(struct text *lines, unsigned style)
{
    static const char mark[] = "data: {\"id\":\"c1\",";
    if (lines->length < sizeof mark || memcmp(lines->bytes, mark, sizeof mark - 1) != 0)
        return;
    struct text other = {0};
    const char *rest = lines->bytes + sizeof mark - 1;
    text_put(&other, style == STYLE_EVENT ? "event: message\n" : "");
    text_put(&other, style == STYLE_NO_BLANK    ? "data:{\"id\":\"c1\","
                     : style == STYLE_TWO_LINES ? "data: {\"id\":\"c1\",\ndata: "
                                                : mark);
    text_put(&other, rest);
    text_put(&other, style == STYLE_ID ? "id: 12\n" : "");
    text_free(lines);
    *lines = other;
}

/* A frame's bytes on the wire. */
static void put_frame(struct text *out, const struct stream_scenario *scenario, size_t place)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    struct text lines = {0};
    if (place == 0 && scenario->mark)
        text_put(out, "\xef\xbb\xbf");
    put_lines(&lines, &scenario->frames[place], scenario->one_index);
    put_style(&lines, scenario->frames[place].style);
    text_put(&lines, "\n");
    for (size_t i = 0; i < lines.length; i++)
        if (lines.bytes[i] == '\n')
            text_put(out, ends[scenario->line_end]);
        else
            text_append(out, lines.bytes + i, 1);
    text_free(&lines);
}

/* What is sent of a frame: the last one may be cut inside, at least in its data. */
static void put_sent(struct text *out, const struct stream_scenario *scenario, size_t place)
{
    put_frame(out, scenario, place);
    if (scenario->cut && place + 1 == scenario->count) {
        size_t less = out->length * scenario->cut / 100;
        less = less < 5 ? 5 : less;
        out->length = out->length > less ? out->length - less : 0;
    }
}

static const struct frame *find(const struct stream_scenario *scenario, unsigned kinds)
{
    for (size_t i = 0; i < scenario->count; i++)
        if (kinds & 1U << scenario->frames[i].kind)
            return &scenario->frames[i];
    return NULL;
}

/* The same answer as a document: an error, or a completion of what the content frames say. */
static void put_document(struct text *out, const struct stream_scenario *scenario)
{
    const struct frame *error = find(scenario, 1U << FRAME_ERROR), *usage = find(scenario, 1U << FRAME_USAGE);
    const unsigned words = 1U << FRAME_CONTENT | 1U << FRAME_LAST;
    if (error) {
        text_put(out, errors[error->variant % ERROR_VARIANTS]);
        return;
    }
    text_put(out, "{\"id\":\"c1\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[");
    for (unsigned choice = 0; find(scenario, words) && choice < scenario->choices; choice++) {
        text_format(out, "%s{\"index\":%u,\"message\":{\"role\":\"assistant\",\"content\":\"",
                    choice ? "," : "", choice);
        for (size_t i = 0; i < scenario->count; i++)
            if ((words & 1U << scenario->frames[i].kind) && scenario->frames[i].choice == choice)
                text_put(out, stream_texts[scenario->frames[i].variant % 8]);
        text_put(out, "\"},\"finish_reason\":\"stop\"}");
    }
    text_put(out, "]");
    if (usage) {
        text_put(out, ",\"usage\":");
        put_usage(out, usage);
    }
    text_put(out, "}");
}

/* ---- the plan ---- */

static void send_piece(struct plan *plan, const char *bytes, size_t length, bool undelimited)
{
    if (undelimited)
        plan_send(plan, bytes, length);
    else
        plan_send_chunk(plan, bytes, length);
}

static void send_pieces(struct plan *plan, const struct text *bytes, struct dice *dice, bool undelimited)
{
    for (size_t at = 0; at < bytes->length;) {
        size_t left = bytes->length - at, piece = dice ? dice_between(dice, 1, 60) : left;
        piece = piece < left ? piece : left;
        send_piece(plan, bytes->bytes + at, piece, undelimited);
        at += piece;
        if (dice && at < bytes->length && dice_chance(dice, 15))
            plan_pause(plan, 1);
    }
}

static void plan_stop(struct plan *plan, const struct stream_scenario *scenario)
{
    static const enum step_kind kinds[] = {STEP_SEND, STEP_CLOSE, STEP_RESET, STEP_SILENCE};
    if (scenario->stop == STOP_RESET)
        plan_pause(plan, 60); /* a reset overtakes what was sent just before */
    if (scenario->stop != STOP_END)
        plan_end(plan, kinds[scenario->stop]);
}

static struct plan *plan_document(const struct stream_scenario *scenario)
{
    struct text body = {0}, head = {0};
    struct plan *plan = plan_create();
    put_document(&body, scenario);
    text_format(&head, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                body.length);
    plan_send(plan, head.bytes, head.length);
    if (scenario->stop != STOP_END)
        body.length -= 1 + (body.length - 1) * (scenario->cut ? scenario->cut : 50) / 100;
    plan_send(plan, body.bytes, body.length);
    plan_stop(plan, scenario);
    text_free(&head);
    text_free(&body);
    return plan;
}

struct plan *stream_scenario_plan(const struct stream_scenario *scenario)
{
    static const char
        head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
        bare[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
    bool undelimited = scenario->undelimited;
    struct dice dice = dice_of(scenario->split, 0);
    if (scenario->json)
        return plan_document(scenario);
    struct plan *plan = plan_create();
    struct text bytes = {0};
    plan_send(plan, undelimited ? bare : head, undelimited ? sizeof bare - 1 : sizeof head - 1);
    for (size_t i = 0; i < scenario->count; i++) {
        if (scenario->frames[i].pause_ms || !scenario->split) {
            send_pieces(plan, &bytes, scenario->split ? &dice : NULL, undelimited);
            bytes.length = 0;
        }
        if (scenario->frames[i].pause_ms)
            plan_pause(plan, scenario->frames[i].pause_ms);
        struct text frame = {0};
        put_sent(&frame, scenario, i);
        text_append(&bytes, frame.bytes, frame.length);
        text_free(&frame);
    }
    send_pieces(plan, &bytes, scenario->split ? &dice : NULL, undelimited);
    if (scenario->stop == STOP_END && undelimited)
        plan_end(plan, STEP_CLOSE);
    else if (scenario->stop == STOP_END)
        plan_send_chunk(plan, "", 0);
    plan_stop(plan, scenario);
    text_free(&bytes);
    return plan;
}

/* ---- a case file ---- */

static void print_bytes(struct text *out, const struct text *bytes, const struct stream_scenario *scenario)
{
    for (size_t i = 0; i < bytes->length; i++)
        if (bytes->bytes[i] == '\r')
            text_put(out, "${cr}");
        else if ((unsigned char)bytes->bytes[i] == 0xef)
            text_put(out, "${hex ef}");
        else if ((unsigned char)bytes->bytes[i] == 0xbb)
            text_put(out, "${hex bb}");
        else if ((unsigned char)bytes->bytes[i] == 0xbf)
            text_put(out, "${hex bf}");
        else
            text_append(out, bytes->bytes + i, 1);
    if (scenario->line_end == 2 || (bytes->length && bytes->bytes[bytes->length - 1] != '\n'))
        text_put(out, "${join}\n");
}

void stream_scenario_print(const struct stream_scenario *scenario, struct text *out)
{
    static const char *const stops[] = {"", "@close\n", "@reset\n", "@silence\n"};
    text_format(out, "HTTP/1.1 200 OK\nContent-Type: %s\n%s\n\n",
                scenario->json ? "application/json" : "text/event-stream",
                scenario->json          ? "Content-Length: auto"
                : scenario->undelimited ? "Connection: close"
                                        : "Transfer-Encoding: chunked");
    if (scenario->json) {
        put_document(out, scenario);
        text_put(out, "\n");
    }
    for (size_t i = 0; !scenario->json && i < scenario->count; i++) {
        struct text frame = {0};
        if (scenario->frames[i].pause_ms)
            text_format(out, "@pause %u\n", scenario->frames[i].pause_ms);
        else if (i)
            text_put(out, "@write\n");
        put_sent(&frame, scenario, i);
        print_bytes(out, &frame, scenario);
        text_free(&frame);
    }
    text_put(out, scenario->undelimited && scenario->stop == STOP_END ? "@close\n" : stops[scenario->stop]);
}

void stream_scenario_request(const struct stream_scenario *scenario, const char *mark, struct text *body)
{
    const char *model = scenario->held ? "held" : scenario->alias ? "any" : "a:m";
    text_format(body, "{\"model\":\"%s\",\"stream\":true,", model);
    if (scenario->responses) {
        text_format(body, "\"input\":\"Say %s.\"}", mark);
        return;
    }
    if (scenario->choices > 1)
        text_format(body, "\"n\":%u,", scenario->choices);
    if (scenario->wants_usage)
        text_put(body, "\"stream_options\":{\"include_usage\":true},");
    text_format(body, "\"messages\":[{\"role\":\"user\",\"content\":\"Say %s.\"}]}", mark);
}
