/* Writes answers for clients that speak the Messages API.
 *
 * API reference, "Streaming messages": message_start; for each block content_block_start, deltas and
 * content_block_stop; message_delta with the reason and the usage; message_stop. Clients take one block after
 * the other, so the block of an item is open until the next item has begun and the item is whole; what comes
 * for later items meanwhile waits in them. A block is opened only for content that says something. */
#include "protocol/messages/messages_writer.h"
#include "protocol/dialect_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/buffer.h"
#include "base/digest.h"
#include "protocol/conversation_build.h"
#include "protocol/error_response.h"
#include "protocol/json_pieces.h"
#include "protocol/messages/messages_error.h"
#include "protocol/messages/messages_native.h"
#include "protocol/signature.h"
#include "protocol/tool_arguments.h"
#include "usage/token_estimate.h"
#include "usage/token_usage.h"

struct state {
    char id[64];
    size_t current; /* index of the item whose block is open, or comes next */
    size_t sent;    /* bytes of its text that were written */
    bool open;
    int64_t prompt; /* estimate of the prompt's tokens; -1: not made yet */
};

static struct state *state_of(const struct answer_writer *writer)
{
    return writer->state;
}

static void open_message(struct answer_writer *writer)
{
    struct state *state = arena_alloc(writer->arena, sizeof *state);
    char name[2 * RANDOM_NAME_BYTES + 1];
    digest_random_name(name);
    snprintf(state->id, sizeof state->id, "msg_%s", name);
    state->prompt = -1;
    writer->state = state;
}

/* ---- events ---- */

static struct json_writer begin_event(struct answer_writer *writer, const char *type)
{
    return frame_begin(&writer->out, type, &writer->event);
}

static void end_event(struct answer_writer *writer, struct json_writer *event)
{
    frame_end(&writer->out, writer->event, event);
}

static struct json_writer begin_block_event(struct answer_writer *writer, const char *type)
{
    struct json_writer event = begin_event(writer, type);
    json_put_count(&event, "index", writer->sequence);
    return event;
}

/* ---- usage ---- */

static int64_t prompt_estimate(struct answer_writer *writer)
{
    struct state *state = state_of(writer);
    if (state->prompt < 0)
        state->prompt = writer->conversation ? token_estimate_prompt(writer->conversation->body) : 0;
    return state->prompt;
}

static int64_t known_or_0(int64_t count)
{
    return max_int64(count, 0);
}

/* The prompt's count leaves out what was read from or written to a cache. Clients cannot do without counts,
 * so unknown ones are estimated. */
static void write_usage(struct json_writer *object, struct answer_writer *writer,
                        const struct token_usage *usage)
{
    struct json_writer counts = json_put_object(object, "usage");
    int64_t cached = usage->cached, written = usage->cache_write;
    int64_t prompt = usage->prompt >= 0 ? usage->prompt - known_or_0(cached) - known_or_0(written)
                                        : prompt_estimate(writer);
    json_put_count(&counts, "input_tokens", known_or_0(prompt));
    if (cached >= 0 || written >= 0) {
        json_put_count(&counts, "cache_creation_input_tokens", known_or_0(written));
        json_put_count(&counts, "cache_read_input_tokens", known_or_0(cached));
    }
    json_put_count(&counts, "output_tokens",
                   usage->completion >= 0 ? usage->completion
                                          : token_estimate_tokens((int64_t)writer->answer.held));
    json_write_end(&counts);
}

/* ---- the message ---- */

static void write_model(struct json_writer *object, const struct answer_writer *writer)
{
    struct json_value model = writer->answer.model;
    if (!model.at && writer->conversation)
        model = writer->conversation->said[SAID_MODEL];
    if (model.at)
        write_value(object, "model", model);
    else
        json_put_string(object, "model", "");
}

static void write_head(struct json_writer *message, const struct answer_writer *writer)
{
    json_put_string(message, "id", state_of(writer)->id);
    json_put_string(message, "type", "message");
    json_put_string(message, "role", "assistant");
    write_model(message, writer);
}

static void put_start(struct answer_writer *writer)
{
    struct json_writer event = begin_event(writer, "message_start");
    struct json_writer message = json_put_object(&event, "message");
    write_head(&message, writer);
    json_put_raw(&message, "content", "[]", 2);
    json_put_null(&message, "stop_reason");
    json_put_null(&message, "stop_sequence");
    struct json_writer usage = json_put_object(&message, "usage");
    json_put_count(&usage, "input_tokens", prompt_estimate(writer));
    json_put_count(&usage, "output_tokens", 0);
    json_write_end(&usage);
    json_write_end(&message);
    end_event(writer, &event);
}

static struct messages_client *client_of(const struct answer_writer *writer)
{
    return writer->conversation ? writer->conversation->private : NULL;
}

static void begin_message(struct answer_writer *writer)
{
    const struct messages_client *client = client_of(writer);
    if (!client || !client->announced)
        put_start(writer);
}

/* ---- blocks ---- */

/* Writes a block as it begins, without its text. */
static void write_block_head(struct json_writer *block, const struct answer_writer *writer,
                             const struct answer_item *item)
{
    switch (item->kind) {
    case ANSWER_TEXT:
    case ANSWER_REFUSAL:
        json_put_string(block, "type", "text");
        break;
    case ANSWER_REASONING:
        json_put_string(block, "type", "thinking");
        break;
    case ANSWER_OPAQUE:
        json_put_string(block, "type", "redacted_thinking");
        write_inside(block, "data", &item->text);
        break;
    case ANSWER_CALL:
        json_put_string(block, "type", "tool_use");
        write_inside(block, "id", &item->call_id);
        write_call_name(block, writer->conversation, item);
        break;
    }
}

static void put_block_start(struct answer_writer *writer, const struct answer_item *item)
{
    struct json_writer event = begin_block_event(writer, "content_block_start");
    struct json_writer block = json_put_object(&event, "content_block");
    write_block_head(&block, writer, item);
    if (item->kind == ANSWER_TEXT || item->kind == ANSWER_REFUSAL)
        json_put_string(&block, "text", "");
    if (item->kind == ANSWER_REASONING) {
        json_put_string(&block, "thinking", "");
        json_put_string(&block, "signature", "");
    }
    if (item->kind == ANSWER_CALL)
        json_put_raw(&block, "input", "{}", 2);
    json_write_end(&block);
    end_event(writer, &event);
}

static void put_delta(struct answer_writer *writer, const struct answer_item *item, const char *bytes,
                      size_t length)
{
    static const char *const types[][2] = {
        [ANSWER_TEXT] = {"text_delta", "text"},
        [ANSWER_REFUSAL] = {"text_delta", "text"},
        [ANSWER_REASONING] = {"thinking_delta", "thinking"},
        [ANSWER_CALL] = {"input_json_delta", "partial_json"},
    };
    struct buffer piece = {.bytes = (char *)bytes, .length = length};
    if (item->kind == ANSWER_OPAQUE)
        return;
    struct json_writer event = begin_block_event(writer, "content_block_delta");
    struct json_writer delta = json_put_object(&event, "delta");
    json_put_string(&delta, "type", types[item->kind][0]);
    write_inside(&delta, types[item->kind][1], &piece);
    json_write_end(&delta);
    end_event(writer, &event);
}

static void put_block_stop(struct answer_writer *writer, const struct answer_item *item)
{
    struct json_writer event;
    if (item->kind == ANSWER_REASONING && item->signature.length) {
        event = begin_block_event(writer, "content_block_delta");
        struct json_writer delta = json_put_object(&event, "delta");
        json_put_string(&delta, "type", "signature_delta");
        signature_write(&delta, "signature", writer->conversation, SIGNATURE_REASONING, &item->signature);
        json_write_end(&delta);
        end_event(writer, &event);
    }
    event = begin_block_event(writer, "content_block_stop");
    end_event(writer, &event);
    writer->sequence++;
}

/* A call is whole once its arguments are; all other items are closed when the next one begins. */
static bool is_whole(const struct answer_writer *writer, const struct answer_item *item)
{
    bool is_last = item->index + 1 == writer->answer.count;
    return item->status != ANSWER_IN_PROGRESS || (!is_last && item->kind == ANSWER_CALL && item->scan.ended);
}

static bool says_something(const struct answer_item *item)
{
    return item->kind == ANSWER_CALL || item->text.length || item->signature.length;
}

/* Writes what has come for the current item, and goes on to the next one once the item is whole. */
static void pump(struct answer_writer *writer)
{
    struct state *state = state_of(writer);
    while (state->current < writer->answer.count) {
        const struct answer_item *item = writer->answer.items[state->current];
        if (!state->open && says_something(item)) {
            put_block_start(writer, item);
            state->open = true;
        }
        if (state->open && item->text.length > state->sent) {
            put_delta(writer, item, item->text.bytes + state->sent, item->text.length - state->sent);
            state->sent = item->text.length;
        }
        if (!is_whole(writer, item))
            return;
        if (state->open)
            put_block_stop(writer, item);
        state->open = false;
        state->sent = 0;
        state->current++;
    }
}

static void on_added(void *listener, const struct answer_item *item)
{
    (void)item;
    pump(listener);
}

static void on_grown(void *listener, const struct answer_item *item, struct json_value inside,
                     struct json_value logprobs)
{
    (void)item;
    (void)inside;
    (void)logprobs;
    pump(listener);
}

/* ---- the end ---- */

/* True for a call whose arguments were cut off. */
static bool is_cut(const struct answer_item *item)
{
    return item->kind == ANSWER_CALL && item->text.length && !item->scan.ended &&
           (item->scan.depth || item->scan.quoted);
}

/* The reason comes from what was really said: providers say "stop" beside calls and "tool_calls" without any,
 * and some do not say that the limit cut a call. */
static const char *stop_reason(const struct answer_writer *writer)
{
    const struct answer *answer = &writer->answer;
    bool has_call = false, has_cut = false;
    for (size_t i = 0; i < answer->count; i++) {
        has_call = has_call || answer->items[i]->kind == ANSWER_CALL;
        has_cut = has_cut || is_cut(answer->items[i]);
    }
    switch (answer->stop) {
    case STOP_LENGTH:
        return "max_tokens";
    case STOP_FILTER:
        return "refusal";
    case STOP_SEQUENCE:
        return "stop_sequence";
    case STOP_PAUSE:
        return "pause_turn";
    default:
        return has_cut ? "max_tokens" : has_call ? "tool_use" : "end_turn";
    }
}

static void write_stop(struct json_writer *object, const struct answer_writer *writer)
{
    json_put_string(object, "stop_reason", stop_reason(writer));
    if (writer->answer.stop_sequence.at)
        write_value(object, "stop_sequence", writer->answer.stop_sequence);
    else
        json_put_null(object, "stop_sequence");
}

static void end_message(struct answer_writer *writer, const struct token_usage *usage)
{
    struct json_writer event = begin_event(writer, "message_delta");
    struct json_writer delta = json_put_object(&event, "delta");
    write_stop(&delta, writer);
    json_write_end(&delta);
    write_usage(&event, writer, usage);
    end_event(writer, &event);
    write_text(&writer->out, MESSAGES_STOP);
}

/* While a provider is silent before its first content, the message begins without it, because clients give up
 * after some time without an event. */
static void put_keepalive(struct answer_writer *writer, const struct settings *settings, bool seen)
{
    struct messages_client *client = client_of(writer);
    (void)settings;
    if (!seen && writer->begun) {
        write_text(&writer->out, client && client->announced ? MESSAGES_PING : ": keepalive\n");
        return;
    }
    if (!seen && client && !client->announced) {
        put_start(writer);
        client->announced = true;
    }
    write_text(&writer->out, seen || client ? MESSAGES_PING : ": keepalive\n");
}

static void put_failure(struct answer_writer *writer, const struct settings *settings,
                        const struct error_response *error_response)
{
    (void)settings;
    size_t first = 0;
    write_text(&writer->out, "event: error\ndata: ");
    struct json_writer event = write_element(&writer->out, &first);
    messages_error_put(&event, error_response);
    json_write_end(&event);
    write_text(&writer->out, "\n\n");
}

/* ---- the whole message ---- */

/* Returns the input of a call; absent if it is no object, because it was cut off. */
static struct json_value input_of(struct arena *arena, const struct answer_item *item)
{
    struct json_value object, none = {0};
    struct json_value quoted = quote_inside(arena, item->text.bytes, item->text.length);
    bool is_null = item->text.length == 4 && memcmp(item->text.bytes, "null", 4) == 0;
    if (is_null)
        return (struct json_value){"{}", 2};
    return arguments_read_object(arena, quoted, &object) ? object : none;
}

static void write_block(struct json_writer *list, size_t *count, const struct answer_writer *writer,
                        const struct answer_item *item)
{
    struct json_value input = item->kind == ANSWER_CALL ? input_of(writer->arena, item)
                                                        : (struct json_value){0};
    if (!says_something(item) || (item->kind == ANSWER_CALL && !input.at))
        return;
    struct json_writer block = write_element(list, count);
    write_block_head(&block, writer, item);
    if (item->kind == ANSWER_TEXT || item->kind == ANSWER_REFUSAL)
        write_inside(&block, "text", &item->text);
    if (item->kind == ANSWER_REASONING) {
        write_inside(&block, "thinking", &item->text);
        if (item->signature.length)
            signature_write(&block, "signature", writer->conversation, SIGNATURE_REASONING, &item->signature);
        else
            json_put_string(&block, "signature", "");
    }
    if (item->kind == ANSWER_CALL)
        write_value(&block, "input", input);
    json_write_end(&block);
}

static void put_body(struct answer_writer *writer, const struct token_usage *usage)
{
    size_t first = 0, count = 0;
    struct json_writer message = write_element(&writer->out, &first);
    write_head(&message, writer);
    json_put_name(&message, "content");
    write_text(&message, "[");
    for (size_t i = 0; i < writer->answer.count; i++)
        write_block(&message, &count, writer, writer->answer.items[i]);
    write_text(&message, "]");
    write_stop(&message, writer);
    write_usage(&message, writer, usage);
    json_write_end(&message);
}

static void on_done(void *listener, const struct answer_item *item)
{
    (void)item;
    pump(listener);
}

const struct answer_writer_ops messages_writer_ops = {
    .open = open_message,
    .events = {on_added, on_grown, on_done},
    .begin = begin_message,
    .begins_late = true,
    .end = end_message,
    .keepalive = put_keepalive,
    .fail = put_failure,
    .body = put_body,
};
