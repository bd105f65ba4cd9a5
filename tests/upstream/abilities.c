/* Answers a request with its own content, so that the client sees what arrived here. */
#include "abilities.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../kit/text.h"
#include "heard.h"
#include "plan.h"
#include "replies.h"

#define PIECE 16
#define DIMENSIONS 3

static void put_escaped(struct text *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < ' ')
            text_format(out, "\\u%04x", byte);
        else
            text_format(out, byte == '"' || byte == '\\' ? "\\%c" : "%c", byte);
    }
}

/* Each frame is a JSON text, so no character may be cut in two. */
static size_t measure_piece(const char *bytes, size_t length)
{
    size_t size = length < PIECE ? length : PIECE;
    while (size < length && ((unsigned char)bytes[size] & 0xC0) == 0x80)
        size++;
    return size;
}

struct plan *ability_recite(const struct heard *heard, const struct wish *wish)
{
    struct text piece = {0};
    struct plan *plan;
    if (wish->stream) {
        plan = plan_create();
        stream_head(plan);
        stream_delta(plan, wish, "{\"role\":\"assistant\",\"content\":\"\"}");
        for (size_t at = 0, size; at < heard->body_length; at += size) {
            size = measure_piece(heard->body + at, heard->body_length - at);
            text_free(&piece);
            put_escaped(&piece, heard->body + at, size);
            stream_content(plan, wish, text_words(&piece), 1, 0);
        }
        stream_end(plan, wish, 11, 22);
    } else {
        put_escaped(&piece, heard->body, heard->body_length);
        plan = reply_completion(wish, text_words(&piece), 11, 22);
    }
    text_free(&piece);
    return plan;
}

/* The calls as a client may get them: arguments are JSON inside a JSON string, and a piece may end anywhere
 * in them, even inside an escape. An empty first piece marks the place of the name. */
static const char *const arguments[][4] = {{"", "{\\\"ci", "ty\\\":\\\"Par", "is\\\"}"},
                                           {"", "{\\\"city\\\":\\\"Troms\\\\u0", "0f8\\\"", "}"}};

#define CALLS (sizeof arguments / sizeof *arguments)
#define PIECES (sizeof *arguments / sizeof **arguments)

static struct plan *stream_calls(const struct wish *wish, const char *name, int length)
{
    struct plan *plan = plan_create();
    stream_head(plan);
    stream_delta(plan, wish, "{\"role\":\"assistant\",\"content\":null}");
    for (size_t call = 0; call < CALLS; call++)
        for (size_t i = 0; i < PIECES; i++) {
            struct text delta = {0};
            text_format(&delta, "{\"tool_calls\":[{\"index\":%zu,", call);
            if (i == 0)
                text_format(&delta, "\"id\":\"call_%zu\",\"type\":\"function\",", call);
            text_put(&delta, "\"function\":{");
            if (i == 0)
                text_format(&delta, "\"name\":%.*s,", length, name);
            text_format(&delta, "\"arguments\":\"%s\"}}]}", arguments[call][i]);
            stream_delta(plan, wish, delta.bytes);
            text_free(&delta);
        }
    stream_end(plan, wish, 40, 20);
    return plan;
}

static struct plan *reply_calls(const struct wish *wish, const char *name, int length)
{
    struct text message = {0};
    text_put(&message, "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[");
    for (size_t call = 0; call < CALLS; call++) {
        text_format(&message, "%s{\"id\":\"call_%zu\",\"type\":\"function\",\"function\":{\"name\":%.*s,",
                    call ? "," : "", call, length, name);
        text_put(&message, "\"arguments\":\"");
        for (size_t i = 0; i < PIECES; i++)
            text_put(&message, arguments[call][i]);
        text_put(&message, "\"}}");
    }
    text_put(&message, "]}");
    struct plan *plan = reply_message(wish, message.bytes, 40, 20);
    text_free(&message);
    return plan;
}

struct plan *ability_call(const struct heard *heard, const struct wish *wish)
{
    static const char answered[] = "\"role\":\"tool\"";
    size_t size, name_length = 0;
    const char *name = NULL;
    if (memmem(heard->body, heard->body_length, answered, sizeof answered - 1))
        return ability_recite(heard, wish);
    const char *at = json_member(heard->body, heard->body_length, "tools", &size);
    if (at && (at = json_item(at, size, 0, &size)) && (at = json_member(at, size, "function", &size)))
        name = json_member(at, size, "name", &name_length);
    if (!name)
        return reply_error(400, "", "invalid_request_error", "no_tools", "This model wants tools.");
    struct wish calls = *wish;
    calls.finish = "tool_calls";
    return wish->stream ? stream_calls(&calls, name, (int)name_length)
                        : reply_calls(&calls, name, (int)name_length);
}

/* RFC 4648, of whole groups of three bytes. */
static void put_base64(struct text *out, const unsigned char *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i + 2 < length; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6)
            text_format(out, "%c", digits[group >> shift & 63]);
    }
}

static void put_embedding(struct text *json, size_t place, size_t length, bool base64)
{
    float vector[DIMENSIONS] = {(float)length - 2, (float)place, 0.5F};
    text_format(json, "%s{\"object\":\"embedding\",\"index\":%zu,\"embedding\":", place ? "," : "", place);
    if (base64) {
        text_put(json, "\"");
        put_base64(json, (const unsigned char *)vector, sizeof vector);
        text_put(json, "\"}");
    } else
        text_format(json, "[%g,%g,%g]}", vector[0], vector[1], vector[2]);
}

struct plan *ability_embed(const struct heard *heard)
{
    size_t input_length = 0, size, model_length, count = 0;
    const char *input = json_member(heard->body, heard->body_length, "input", &input_length);
    const char *model = json_member(heard->body, heard->body_length, "model", &model_length);
    if (!input || !model)
        return reply_error(400, "", "invalid_request_error", "invalid_value", "model and input are wanted");
    const char *form = json_member(heard->body, heard->body_length, "encoding_format", &size);
    bool base64 = form && strncmp(form, "\"base64\"", 8) == 0;
    struct text json = {0};
    text_put(&json, "{\"object\":\"list\",\"data\":[");
    if (*input == '"')
        put_embedding(&json, count++, input_length, base64);
    else
        for (; json_item(input, input_length, count, &size); count++)
            put_embedding(&json, count, size, base64);
    text_format(&json, "],\"model\":%.*s,\"usage\":{\"prompt_tokens\":%zu,\"total_tokens\":%zu}}",
                (int)model_length, model, count * 3, count * 3);
    struct plan *plan = reply_json(200, "", json.bytes, json.length);
    text_free(&json);
    return plan;
}

struct plan *ability_repeat(const struct heard *heard)
{
    struct plan *plan = plan_create();
    struct text head = {0};
    text_format(&head, "HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: %zu\r\n\r\n",
                heard->body_length);
    plan_send(plan, head.bytes, head.length);
    plan_send(plan, heard->body, heard->body_length);
    text_free(&head);
    return plan;
}

struct plan *ability_mirror(const struct heard *heard)
{
    struct plan *plan = plan_create();
    struct text head = {0}, body = {0};
    size_t length;
    bool is_head = heard->method_length == 4 && memcmp(heard->method, "HEAD", 4) == 0;
    text_format(&body, "%.*s %.*s\n", (int)heard->method_length, heard->method, (int)heard->target_length,
                heard->target);
    text_append(&body, heard->body, heard->body_length);
    text_format(&head, "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n",
                heard_header(heard, "range", &length) ? "206 Partial Content\r\nContent-Range: bytes 1-2/9"
                                                      : "200 OK",
                body.length);
    const char *type = heard_header(heard, "content-type", &length);
    if (type)
        text_format(&head, "ETag: \"%.*s\"\r\n", (int)length, type);
    text_put(&head, "\r\n");
    plan_send(plan, head.bytes, head.length);
    if (!is_head)
        plan_send(plan, body.bytes, body.length);
    text_free(&head);
    text_free(&body);
    return plan;
}
