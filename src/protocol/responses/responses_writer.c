/* Writes answers for clients that speak the Responses API.
 *
 * API reference, "Streaming events". The order of the events is the one that OpenAI's own servers send:
 * response.created and response.in_progress; for each item output_item.added, its part's added (message and
 * reasoning only), deltas, the text's done, the part's done, output_item.done with the complete item; last
 * one of response.completed, incomplete and failed with the complete response. Each "done" event repeats the
 * text of its deltas, so clients can use either. The input of a custom tool comes in one delta, because it is
 * only known once the provider's call is whole. */
#include "protocol/responses/responses_writer.h"
#include "protocol/dialect_parts.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/conversation.h"
#include "protocol/error_response.h"
#include "protocol/json_pieces.h"
#include "protocol/responses/responses_context.h"
#include "protocol/responses/responses_object.h"

#define ERROR_MAX 65536

/* Names of events by kind of item; NULL: none. */
static const struct item_events {
    const char *part_added, *delta, *text_done, *part_done;
    const char *text;       /* the member of `text_done` */
    const char *index_name; /* the member with the part's index; NULL: none */
} event_names[] = {
    [ANSWER_TEXT] = {"response.content_part.added", "response.output_text.delta", "response.output_text.done",
                     "response.content_part.done", "text", "content_index"},
    [ANSWER_REFUSAL] = {"response.content_part.added", "response.refusal.delta", "response.refusal.done",
                        "response.content_part.done", "refusal", "content_index"},
    [ANSWER_REASONING] = {"response.reasoning_summary_part.added", "response.reasoning_summary_text.delta",
                          "response.reasoning_summary_text.done", "response.reasoning_summary_part.done",
                          "text", "summary_index"},
    [ANSWER_OPAQUE] = {NULL, NULL, NULL, NULL, NULL, NULL},
    [ANSWER_CALL] = {NULL, "response.function_call_arguments.delta", "response.function_call_arguments.done",
                     NULL, "arguments", NULL},
};

static struct response_object *response_of(const struct answer_writer *writer)
{
    return writer->state;
}

static struct json_writer begin_event(struct answer_writer *writer, const char *type)
{
    struct json_writer event = frame_begin(&writer->out, type, &writer->event);
    json_put_count(&event, "sequence_number", writer->sequence++);
    return event;
}

static void end_event(struct answer_writer *writer, struct json_writer *event)
{
    frame_end(&writer->out, writer->event, event);
}

/* Begins an event about an item's part. */
static struct json_writer begin_part(struct answer_writer *writer, const char *type,
                                     const struct answer_item *item)
{
    struct json_writer event = begin_event(writer, type);
    json_put_string(&event, "item_id", item->id);
    json_put_count(&event, "output_index", (int64_t)item->index);
    if (event_names[item->kind].index_name)
        json_put_count(&event, event_names[item->kind].index_name, 0);
    return event;
}

static void put_item(struct answer_writer *writer, const char *type, const struct answer_item *item)
{
    struct json_writer event = begin_event(writer, type);
    json_put_count(&event, "output_index", (int64_t)item->index);
    struct json_writer object = json_put_object(&event, "item");
    item_write(&object, response_of(writer), item);
    json_write_end(&object);
    end_event(writer, &event);
}

static void put_part(struct answer_writer *writer, const char *type, const struct answer_item *item,
                     const struct answer_item *shown)
{
    if (!type)
        return;
    struct json_writer event = begin_part(writer, type, item);
    struct json_writer part = json_put_object(&event, "part");
    part_write(&part, shown);
    json_write_end(&part);
    end_event(writer, &event);
}

static void put_logprobs(struct json_writer *event, const struct answer_item *item,
                         struct json_value logprobs)
{
    if (item->kind != ANSWER_TEXT)
        return;
    json_put_name(event, "logprobs");
    write_text(event, "[");
    write_bytes(event, logprobs.at, logprobs.length);
    write_text(event, "]");
}

/* ---- events of the answer ---- */

static void on_added(void *listener, const struct answer_item *item)
{
    struct answer_writer *writer = listener;
    struct answer_item empty = {.kind = item->kind};
    put_item(writer, "response.output_item.added", item);
    put_part(writer, event_names[item->kind].part_added, item, &empty);
}

static void on_grown(void *listener, const struct answer_item *item, struct json_value inside,
                     struct json_value logprobs)
{
    struct answer_writer *writer = listener;
    if (item->kind == ANSWER_OPAQUE || item_custom_tool(response_of(writer), item))
        return;
    struct json_writer event = begin_part(writer, event_names[item->kind].delta, item);
    struct buffer piece = {.bytes = (char *)inside.at, .length = inside.length};
    write_inside(&event, "delta", &piece);
    put_logprobs(&event, item, logprobs);
    end_event(writer, &event);
}

static void put_input(struct answer_writer *writer, const char *type, const char *name,
                      const struct answer_item *item)
{
    struct json_writer event = begin_part(writer, type, item);
    item_write_input(&event, name, item);
    end_event(writer, &event);
}

static void put_text_done(struct answer_writer *writer, const struct answer_item *item)
{
    const struct item_events *names = &event_names[item->kind];
    struct json_writer event = begin_part(writer, names->text_done, item);
    struct json_value logprobs = {item->logprobs.bytes, item->logprobs.length};
    if (item->kind == ANSWER_CALL)
        item_write_name(&event, response_of(writer), item);
    write_inside(&event, names->text, &item->text);
    put_logprobs(&event, item, logprobs);
    end_event(writer, &event);
    put_part(writer, names->part_done, item, item);
}

static void on_done(void *listener, const struct answer_item *item)
{
    struct answer_writer *writer = listener;
    if (item_custom_tool(response_of(writer), item)) {
        put_input(writer, "response.custom_tool_call_input.delta", "delta", item);
        put_input(writer, "response.custom_tool_call_input.done", "input", item);
    } else if (item->kind != ANSWER_OPAQUE) {
        put_text_done(writer, item);
    }
    put_item(writer, "response.output_item.done", item);
}

/* ---- events of the response ---- */

static void put_response(struct answer_writer *writer, const char *type)
{
    struct json_writer event = begin_event(writer, type);
    struct json_writer object = json_put_object(&event, "response");
    response_object_write(&object, response_of(writer));
    json_write_end(&object);
    end_event(writer, &event);
}

static void learn(struct answer_writer *writer)
{
    struct response_object *response = response_of(writer);
    if (writer->answer.model.at)
        response->model = writer->answer.model;
    if (writer->answer.service_tier.at)
        response->service_tier = writer->answer.service_tier;
}

static void begin_response(struct answer_writer *writer)
{
    learn(writer);
    put_response(writer, "response.created");
    put_response(writer, "response.in_progress");
}

static void open_response(struct answer_writer *writer)
{
    static const struct responses_context empty = {0};
    struct response_object *response = arena_alloc(writer->arena, sizeof *response);
    const struct conversation *conversation = writer->conversation;
    response_object_open(response, conversation && conversation->private ? conversation->private : &empty);
    response->conversation = conversation;
    writer->state = response;
}

static void complete(struct answer_writer *writer, const struct token_usage *usage)
{
    struct response_object *response = response_of(writer);
    response->status = answer_incomplete(&writer->answer) ? "incomplete" : "completed";
    response->answer = &writer->answer;
    response->usage = usage;
}

static void end_response(struct answer_writer *writer, const struct token_usage *usage)
{
    complete(writer, usage);
    put_response(writer, answer_incomplete(&writer->answer) ? "response.incomplete" : "response.completed");
}

static void put_body(struct answer_writer *writer, const struct token_usage *usage)
{
    size_t first = 0;
    learn(writer);
    complete(writer, usage);
    struct json_writer object = write_element(&writer->out, &first);
    response_object_write(&object, response_of(writer));
    json_write_end(&object);
}

/* The keepalive is a comment, because an event would need a sequence number and a meaning. */
static void put_keepalive(struct answer_writer *writer, const struct settings *settings, bool seen)
{
    (void)settings;
    (void)seen;
    write_text(&writer->out, ": keepalive\n");
}

static void follow_response(struct answer_writer *writer, struct json_value body)
{
    struct response_object *response = response_of(writer);
    size_t length = 0;
    const char *id = json_string(writer->arena, json_get(body, "id"), &length);
    if (id && length < sizeof response->id)
        snprintf(response->id, sizeof response->id, "%s", id);
    answer_learn(&writer->answer, &writer->answer.model, json_get(body, "model"));
    answer_learn(&writer->answer, &writer->answer.service_tier, json_get(body, "service_tier"));
    learn(writer);
}

void responses_writer_follow(struct answer_writer *writer, const char *data, size_t length)
{
    struct json_value event;
    struct json_fault fault;
    int64_t number = 0;
    if (!json_check((struct json_value){data, length}, JSON_DEPTH_MAX, JSON_UTF8_ANY, &event, &fault))
        return;
    if (json_integer(json_get(event, "sequence_number"), &number) && number >= writer->sequence)
        writer->sequence = number < INT64_MAX ? number + 1 : number;
    if (!writer->begun && json_kind(json_get(event, "response")) == JSON_OBJECT) {
        writer->begun = true;
        follow_response(writer, json_get(event, "response"));
    }
}

/* Clients read the event's members either directly or from its object "error". */
static void put_error(struct answer_writer *writer, struct json_value error)
{
    static const char *const names[] = {"code", "message", "param"};
    struct json_writer event = begin_event(writer, "error");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        write_value(&event, names[i], json_get(error, names[i]));
    write_value(&event, "error", error);
    end_event(writer, &event);
}

static bool put_failed(struct answer_writer *writer, struct json_value error, struct buffer *out)
{
    struct response_object *response = response_of(writer);
    size_t length = out->length;
    int64_t sequence = writer->sequence;
    bool begun = writer->begun;
    writer->out = (struct json_writer){.buffer = out, .ok = true};
    response->status = "in_progress";
    if (!begun)
        begin_response(writer);
    response->status = "failed";
    put_error(writer, error);
    put_response(writer, "response.failed");
    if (writer->out.ok)
        return true;
    out->length = length;
    writer->sequence = sequence;
    return false;
}

/* If the failure does not fit, it is written without the members that repeat the request. */
bool responses_writer_fail(struct answer_writer *writer, struct json_value error, struct buffer *out)
{
    static const struct responses_context empty = {0};
    struct response_object *response = response_of(writer);
    response->answer = NULL;
    response->error = error;
    bool written = put_failed(writer, error, out);
    if (!written) {
        response->context = &empty;
        written = put_failed(writer, error, out);
    }
    return written;
}

/* The event contains the same object as the error body. */
static void put_failure(struct answer_writer *writer, const struct settings *settings,
                        const struct error_response *error_response)
{
    (void)settings;
    struct buffer body, *out = writer->out.buffer;
    struct json_value root;
    struct json_fault fault;
    buffer_init(&body, ERROR_MAX);
    struct json_writer object = json_write_begin(&body);
    error_response_put(&object, error_response);
    json_write_end(&object);
    bool good = object.ok && json_check((struct json_value){body.bytes, body.length}, JSON_DEPTH_MAX,
                                        JSON_UTF8_ANY, &root, &fault);
    writer->out.ok = good && responses_writer_fail(writer, json_get(root, "error"), out);
    buffer_free(&body);
}

const struct answer_writer_ops responses_writer_ops = {
    .open = open_response,
    .events = {on_added, on_grown, on_done},
    .begin = begin_response,
    .end = end_response,
    .keepalive = put_keepalive,
    .fail = put_failure,
    .body = put_body,
};
