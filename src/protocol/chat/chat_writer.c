/* Writes answers for clients that speak chat completions (API reference, "The chat completion object" and
 * "The chat completion chunk object"). */
#include "protocol/chat/chat_writer.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/digest.h"
#include "config/settings.h"
#include "protocol/conversation_build.h"
#include "protocol/dialect_parts.h"
#include "protocol/error_response.h"
#include "protocol/json_pieces.h"
#include "usage/token_usage.h"

struct state {
    char id[64];
    int64_t created_s; /* since 1970 */
};

static const struct state *state_of(const struct answer_writer *writer)
{
    return writer->state;
}

static void open_completion(struct answer_writer *writer)
{
    struct state *state = arena_alloc(writer->arena, sizeof *state);
    char name[2 * RANDOM_NAME_BYTES + 1];
    digest_random_name(name);
    snprintf(state->id, sizeof state->id, "chatcmpl-%s", name);
    state->created_s = clock_wall_us() / 1000000;
    writer->state = state;
}

static void write_head(struct json_writer *object, const struct answer_writer *writer, const char *name)
{
    struct json_value model = writer->answer.model;
    if (!model.at && writer->conversation)
        model = writer->conversation->said[SAID_MODEL];
    json_put_string(object, "id", state_of(writer)->id);
    json_put_string(object, "object", name);
    json_put_count(object, "created", state_of(writer)->created_s);
    if (model.at)
        write_value(object, "model", model);
    else
        json_put_string(object, "model", "");
}

/* ---- chunks ---- */

static struct json_writer begin_chunk(struct answer_writer *writer)
{
    struct json_writer chunk = frame_begin(&writer->out, NULL, &writer->event);
    write_head(&chunk, writer, "chat.completion.chunk");
    return chunk;
}

static void end_chunk(struct answer_writer *writer, struct json_writer *chunk)
{
    frame_end(&writer->out, writer->event, chunk);
}

/* A chunk with one choice, of which the delta is written between the two calls. */
struct delta {
    struct json_writer chunk, choice, delta;
};

static void begin_delta(struct answer_writer *writer, struct delta *delta)
{
    size_t first = 0;
    delta->chunk = begin_chunk(writer);
    json_put_name(&delta->chunk, "choices");
    write_text(&delta->chunk, "[");
    delta->choice = write_element(&delta->chunk, &first);
    json_put_count(&delta->choice, "index", 0);
    delta->delta = json_put_object(&delta->choice, "delta");
}

static void end_delta(struct answer_writer *writer, struct delta *delta, const char *finish)
{
    json_write_end(&delta->delta);
    json_put_string(&delta->choice, "finish_reason", finish);
    json_write_end(&delta->choice);
    write_text(&delta->chunk, "]");
    end_chunk(writer, &delta->chunk);
}

static void put_role(struct answer_writer *writer)
{
    struct delta delta;
    begin_delta(writer, &delta);
    json_put_string(&delta.delta, "role", "assistant");
    json_put_string(&delta.delta, "content", "");
    end_delta(writer, &delta, NULL);
}

/* ---- calls ---- */

/* The index counts calls alone. */
static int64_t call_index(const struct answer_writer *writer, const struct answer_item *item)
{
    int64_t index = 0;
    for (size_t i = 0; i < item->index; i++)
        index += writer->answer.items[i]->kind == ANSWER_CALL;
    return index;
}

/* Gemini's signature of a call has the place that Google's own compatible endpoint gives it. */
static void write_call(struct json_writer *call, const struct answer_writer *writer,
                       const struct answer_item *item, const struct buffer *arguments)
{
    write_inside(call, "id", &item->call_id);
    json_put_string(call, "type", "function");
    struct json_writer function = json_put_object(call, "function");
    write_call_name(&function, writer->conversation, item);
    write_inside(&function, "arguments", arguments);
    json_write_end(&function);
    if (!item->signature.length)
        return;
    struct json_writer extra = json_put_object(call, "extra_content");
    struct json_writer google = json_put_object(&extra, "google");
    write_inside(&google, "thought_signature", &item->signature);
    json_write_end(&google);
    json_write_end(&extra);
}

static void put_call(struct answer_writer *writer, const struct answer_item *item,
                     const struct buffer *arguments)
{
    static const struct buffer empty = {0};
    struct delta delta;
    size_t first = 0;
    begin_delta(writer, &delta);
    json_put_name(&delta.delta, "tool_calls");
    write_text(&delta.delta, "[");
    struct json_writer call = write_element(&delta.delta, &first);
    json_put_count(&call, "index", call_index(writer, item));
    if (arguments) {
        struct json_writer function = json_put_object(&call, "function");
        write_inside(&function, "arguments", arguments);
        json_write_end(&function);
    } else {
        write_call(&call, writer, item, &empty);
    }
    json_write_end(&call);
    write_text(&delta.delta, "]");
    end_delta(writer, &delta, NULL);
}

/* ---- items ---- */

static void on_added(void *listener, const struct answer_item *item)
{
    if (item->kind == ANSWER_CALL)
        put_call(listener, item, NULL);
}

static void on_grown(void *listener, const struct answer_item *item, struct json_value inside,
                     struct json_value logprobs)
{
    static const char *const names[] = {
        [ANSWER_TEXT] = "content", [ANSWER_REFUSAL] = "refusal", [ANSWER_REASONING] = "reasoning_content"};
    struct answer_writer *writer = listener;
    struct buffer piece = {.bytes = (char *)inside.at, .length = inside.length};
    struct delta delta;
    (void)logprobs;
    if (item->kind == ANSWER_OPAQUE)
        return;
    if (item->kind == ANSWER_CALL) {
        put_call(writer, item, &piece);
        return;
    }
    begin_delta(writer, &delta);
    write_inside(&delta.delta, names[item->kind], &piece);
    end_delta(writer, &delta, NULL);
}

static void on_done(void *listener, const struct answer_item *item)
{
    (void)listener;
    (void)item;
}

/* ---- the end ---- */

static bool has_kind(const struct answer *answer, enum answer_kind kind)
{
    size_t i = 0;
    while (i < answer->count && answer->items[i]->kind != kind)
        i++;
    return i < answer->count;
}

static const char *finish_reason(const struct answer *answer)
{
    switch (answer->stop) {
    case STOP_LENGTH:
        return "length";
    case STOP_FILTER:
        return "content_filter";
    default:
        return has_kind(answer, ANSWER_CALL) ? "tool_calls" : "stop";
    }
}

static void write_usage(struct json_writer *object, const struct token_usage *usage)
{
    if (usage->prompt < 0 || usage->completion < 0)
        return;
    struct json_writer counts = json_put_object(object, "usage");
    json_put_count(&counts, "prompt_tokens", usage->prompt);
    json_put_count(&counts, "completion_tokens", usage->completion);
    json_put_count(&counts, "total_tokens",
                   usage->total >= 0 ? usage->total : usage->prompt + usage->completion);
    if (usage->cached >= 0 || usage->cache_write >= 0) {
        struct json_writer details = json_put_object(&counts, "prompt_tokens_details");
        json_put_count(&details, "cached_tokens", usage->cached >= 0 ? usage->cached : 0);
        if (usage->cache_write >= 0)
            json_put_count(&details, "cache_write_tokens", usage->cache_write);
        json_write_end(&details);
    }
    if (usage->reasoning >= 0) {
        struct json_writer details = json_put_object(&counts, "completion_tokens_details");
        json_put_count(&details, "reasoning_tokens", usage->reasoning);
        json_write_end(&details);
    }
    json_write_end(&counts);
}

static void put_usage(struct answer_writer *writer, const struct token_usage *usage)
{
    struct json_writer chunk = begin_chunk(writer);
    json_put_raw(&chunk, "choices", "[]", 2);
    write_usage(&chunk, usage);
    end_chunk(writer, &chunk);
}

static void end_completion(struct answer_writer *writer, const struct token_usage *usage)
{
    struct delta delta;
    begin_delta(writer, &delta);
    end_delta(writer, &delta, finish_reason(&writer->answer));
    if (writer->conversation && writer->conversation->include_usage)
        put_usage(writer, usage);
    write_text(&writer->out, "data: [DONE]\n\n");
}

static void put_keepalive(struct answer_writer *writer, const struct settings *settings, bool seen)
{
    struct delta delta;
    (void)seen;
    if (settings->keepalive_form == KEEPALIVE_COMMENT) {
        write_text(&writer->out, ": keepalive\n");
        return;
    }
    begin_delta(writer, &delta);
    json_put_string(&delta.delta, "content", "");
    end_delta(writer, &delta, NULL);
}

static void put_failure(struct answer_writer *writer, const struct settings *settings,
                        const struct error_response *error_response)
{
    size_t first = 0;
    write_text(&writer->out, "data: ");
    struct json_writer frame = write_element(&writer->out, &first);
    error_response_put(&frame, error_response);
    json_write_end(&frame);
    write_text(&writer->out, "\n\n");
    if (settings->stream_error_done)
        write_text(&writer->out, "data: [DONE]\n\n");
}

/* ---- the whole completion ---- */

static bool join_kind(struct buffer *to, const struct answer *answer, enum answer_kind kind)
{
    bool fits = true;
    for (size_t i = 0; i < answer->count; i++)
        if (answer->items[i]->kind == kind && answer->items[i]->text.length)
            fits = fits && buffer_append(to, answer->items[i]->text.bytes, answer->items[i]->text.length);
    return fits;
}

/* Writes all texts of a kind as one member; null if there are none. */
static void write_joined(struct json_writer *message, const struct answer *answer, enum answer_kind kind,
                         const char *name, bool always)
{
    struct buffer joined;
    buffer_init(&joined, ANSWER_HELD_MAX);
    message->ok = message->ok && join_kind(&joined, answer, kind);
    if (joined.length || (always && !has_kind(answer, ANSWER_CALL)))
        write_inside(message, name, &joined);
    else if (always)
        json_put_null(message, name);
    buffer_free(&joined);
}

static void write_calls(struct json_writer *message, const struct answer_writer *writer)
{
    const struct answer *answer = &writer->answer;
    size_t count = 0;
    if (!has_kind(answer, ANSWER_CALL))
        return;
    json_put_name(message, "tool_calls");
    write_text(message, "[");
    for (size_t i = 0; i < answer->count; i++) {
        if (answer->items[i]->kind != ANSWER_CALL)
            continue;
        struct json_writer call = write_element(message, &count);
        write_call(&call, writer, answer->items[i], &answer->items[i]->text);
        json_write_end(&call);
    }
    write_text(message, "]");
}

static void write_message(struct json_writer *choice, const struct answer_writer *writer)
{
    const struct answer *answer = &writer->answer;
    struct json_writer message = json_put_object(choice, "message");
    json_put_string(&message, "role", "assistant");
    write_joined(&message, answer, ANSWER_TEXT, "content", true);
    write_joined(&message, answer, ANSWER_REASONING, "reasoning_content", false);
    if (has_kind(answer, ANSWER_REFUSAL))
        write_joined(&message, answer, ANSWER_REFUSAL, "refusal", false);
    else
        json_put_null(&message, "refusal");
    write_calls(&message, writer);
    json_write_end(&message);
}

static void put_body(struct answer_writer *writer, const struct token_usage *usage)
{
    size_t first = 0, count = 0;
    struct json_writer completion = write_element(&writer->out, &first);
    write_head(&completion, writer, "chat.completion");
    json_put_name(&completion, "choices");
    write_text(&completion, "[");
    struct json_writer choice = write_element(&completion, &count);
    json_put_count(&choice, "index", 0);
    write_message(&choice, writer);
    json_put_null(&choice, "logprobs");
    json_put_string(&choice, "finish_reason", finish_reason(&writer->answer));
    json_write_end(&choice);
    write_text(&completion, "]");
    write_usage(&completion, usage);
    json_write_end(&completion);
}

const struct answer_writer_ops chat_writer_ops = {
    .open = open_completion,
    .events = {on_added, on_grown, on_done},
    .begin = put_role,
    .end = end_completion,
    .keepalive = put_keepalive,
    .fail = put_failure,
    .body = put_body,
};
