/* Converts a stream of chat chunks to the events of a response.
 *
 * API reference, "Streaming events". The order: response.created and in_progress; for each item
 * output_item.added, the part's added (message and reasoning only), deltas, the text's done, the part's done,
 * output_item.done with the complete item; last one of response.completed, incomplete and failed with the
 * complete response. Each "done" event repeats the text of its deltas, so clients can use either. */
#include "protocol/responses/responses_stream.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/json_pieces.h"
#include "protocol/responses/responses_context.h"

/* Names of events by kind of item; NULL: none. */
static const struct item_events {
    const char *part_added, *delta, *text_done, *part_done;
    const char *text;       /* the member of `text_done` */
    const char *index_name; /* the member with the part's index; NULL: none */
} event_names[] = {
    [OUTPUT_TEXT] = {"response.content_part.added", "response.output_text.delta", "response.output_text.done",
                     "response.content_part.done", "text", "content_index"},
    [OUTPUT_REFUSAL] = {"response.content_part.added", "response.refusal.delta", "response.refusal.done",
                        "response.content_part.done", "refusal", "content_index"},
    [OUTPUT_REASONING] = {"response.reasoning_summary_part.added", "response.reasoning_summary_text.delta",
                          "response.reasoning_summary_text.done", "response.reasoning_summary_part.done",
                          "text", "summary_index"},
    [OUTPUT_CALL] = {NULL, "response.function_call_arguments.delta", "response.function_call_arguments.done",
                     NULL, "arguments", NULL},
};

static struct json_writer begin_event(struct responses_stream *stream, const char *type)
{
    write_text(&stream->out, "event: ");
    write_text(&stream->out, type);
    write_text(&stream->out, "\ndata: ");
    size_t first = 0;
    stream->event = stream->out.buffer->length;
    struct json_writer event = write_element(&stream->out, &first);
    json_put_string(&event, "type", type);
    json_put_count(&event, "sequence_number", stream->sequence++);
    return event;
}

static void end_event(struct responses_stream *stream, struct json_writer *event)
{
    json_write_end(event);
    join_lines(stream->out.buffer, stream->event); /* members of the request are repeated as they came */
    write_text(&stream->out, "\n\n");
}

/* Begins an event about an item's part. */
static struct json_writer begin_part(struct responses_stream *stream, const char *type,
                                     const struct output_item *item)
{
    struct json_writer event = begin_event(stream, type);
    json_put_string(&event, "item_id", item->id);
    json_put_count(&event, "output_index", (int64_t)item->index);
    if (event_names[item->kind].index_name)
        json_put_count(&event, event_names[item->kind].index_name, 0);
    return event;
}

static void put_item(struct responses_stream *stream, const char *type, const struct output_item *item)
{
    struct json_writer event = begin_event(stream, type);
    json_put_count(&event, "output_index", (int64_t)item->index);
    struct json_writer object = json_put_object(&event, "item");
    item_write(&object, item);
    json_write_end(&object);
    end_event(stream, &event);
}

static void put_part(struct responses_stream *stream, const char *type, const struct output_item *item,
                     const struct output_item *shown)
{
    if (!type)
        return;
    struct json_writer event = begin_part(stream, type, item);
    struct json_writer part = json_put_object(&event, "part");
    part_write(&part, shown);
    json_write_end(&part);
    end_event(stream, &event);
}

static void put_logprobs(struct json_writer *event, const struct output_item *item,
                         struct json_value logprobs)
{
    if (item->kind != OUTPUT_TEXT)
        return;
    json_put_name(event, "logprobs");
    write_text(event, "[");
    write_bytes(event, logprobs.at, logprobs.length);
    write_text(event, "]");
}

/* ---- events of the output ---- */

static void on_added(void *listener, const struct output_item *item)
{
    struct responses_stream *stream = listener;
    struct output_item empty = {.kind = item->kind};
    put_item(stream, "response.output_item.added", item);
    put_part(stream, event_names[item->kind].part_added, item, &empty);
}

static void on_grown(void *listener, const struct output_item *item, struct json_value inside,
                     struct json_value logprobs)
{
    struct responses_stream *stream = listener;
    struct json_writer event = begin_part(stream, event_names[item->kind].delta, item);
    struct buffer piece = {.bytes = (char *)inside.at, .length = inside.length};
    write_inside(&event, "delta", &piece);
    put_logprobs(&event, item, logprobs);
    end_event(stream, &event);
}

static void on_done(void *listener, const struct output_item *item)
{
    struct responses_stream *stream = listener;
    const struct item_events *names = &event_names[item->kind];
    struct json_writer event = begin_part(stream, names->text_done, item);
    struct json_value logprobs = {item->logprobs.bytes, item->logprobs.length};
    if (item->kind == OUTPUT_CALL)
        write_inside(&event, "name", &item->name);
    write_inside(&event, names->text, &item->text);
    put_logprobs(&event, item, logprobs);
    end_event(stream, &event);
    put_part(stream, names->part_done, item, item);
    put_item(stream, "response.output_item.done", item);
}

static const struct output_events events = {on_added, on_grown, on_done};

/* ---- events of the response ---- */

static void put_response(struct responses_stream *stream, const char *type)
{
    struct json_writer event = begin_event(stream, type);
    struct json_writer object = json_put_object(&event, "response");
    response_object_write(&object, &stream->response);
    json_write_end(&object);
    end_event(stream, &event);
}

static void begin_response(struct responses_stream *stream)
{
    if (stream->begun)
        return;
    stream->begun = true;
    put_response(stream, "response.created");
    put_response(stream, "response.in_progress");
}

void responses_stream_open(struct responses_stream *stream, struct arena *arena,
                           const struct responses_context *context)
{
    *stream = (struct responses_stream){.arena = arena};
    response_object_open(&stream->response, context);
    output_open(&stream->output, arena, context, &events, stream);
}

/* The client must not get an incomplete event, so a call that fails removes the bytes that it has written. */
struct mark {
    size_t length;
    int64_t sequence;
    bool begun;
};

static struct mark begin_call(struct responses_stream *stream, struct buffer *out)
{
    stream->out = (struct json_writer){.buffer = out, .ok = true};
    return (struct mark){out->length, stream->sequence, stream->begun};
}

static bool end_call(struct responses_stream *stream, struct mark mark, bool good, struct failure *why)
{
    if (good && stream->out.ok)
        return true;
    stream->out.buffer->length = mark.length;
    stream->sequence = mark.sequence;
    stream->begun = mark.begun;
    return good ? fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is larger than can be held") : false;
}

bool responses_stream_frame(struct responses_stream *stream, const char *data, size_t length,
                            struct buffer *out, struct failure *why)
{
    struct json_value frame;
    struct json_fault fault;
    if (!json_check((struct json_value){data, length}, JSON_DEPTH_MAX, JSON_UTF8_ANY, &frame, &fault) ||
        json_kind(frame) != JSON_OBJECT)
        return true;
    struct mark mark = begin_call(stream, out);
    if (!stream->begun)
        response_object_learn(&stream->response, stream->arena, frame);
    begin_response(stream);
    bool good = output_take(&stream->output, json_get(frame, "choices"), why);
    return end_call(stream, mark, good, why);
}

static void follow_response(struct responses_stream *stream, struct json_value response)
{
    size_t length = 0;
    const char *id = json_string(stream->arena, json_get(response, "id"), &length);
    if (id && length < sizeof stream->response.id)
        snprintf(stream->response.id, sizeof stream->response.id, "%s", id);
    response_object_learn(&stream->response, stream->arena, response);
}

void responses_stream_follow(struct responses_stream *stream, const char *data, size_t length)
{
    struct json_value event;
    struct json_fault fault;
    int64_t number = 0;
    if (!json_check((struct json_value){data, length}, JSON_DEPTH_MAX, JSON_UTF8_ANY, &event, &fault))
        return;
    if (json_integer(json_get(event, "sequence_number"), &number) && number >= stream->sequence)
        stream->sequence = number < INT64_MAX ? number + 1 : number;
    if (!stream->begun && json_kind(json_get(event, "response")) == JSON_OBJECT) {
        stream->begun = true;
        follow_response(stream, json_get(event, "response"));
    }
}

static void release(void *last)
{
    buffer_free(last);
}

/* Writes the last events once and keeps them, because a caller without room for them calls again. */
static bool write_end(struct responses_stream *stream, const struct token_usage *usage, struct failure *why)
{
    stream->last = arena_alloc(stream->arena, sizeof *stream->last);
    buffer_init(stream->last, RESPONSES_END_MAX);
    arena_defer(stream->arena, release, stream->last);
    struct mark mark = begin_call(stream, stream->last);
    begin_response(stream);
    bool good = output_finish(&stream->output, why);
    const char *incomplete = stream->output.incomplete;
    stream->response.status = incomplete ? "incomplete" : "completed";
    stream->response.output = &stream->output;
    stream->response.usage = usage;
    put_response(stream, incomplete ? "response.incomplete" : "response.completed");
    return end_call(stream, mark, good, why);
}

bool responses_stream_end(struct responses_stream *stream, const struct token_usage *usage,
                          struct buffer *out, struct failure *why)
{
    bool tried = stream->last;
    if (tried ? stream->failure.reason != FAILURE_NONE : !write_end(stream, usage, &stream->failure)) {
        *why = stream->failure;
        return false;
    }
    bool written = stream->last->length && buffer_append(out, stream->last->bytes, stream->last->length);
    return written || fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is larger than can be held");
}

/* Clients read the event's members either directly or from its object "error". */
static void put_error(struct responses_stream *stream, struct json_value error)
{
    static const char *const names[] = {"code", "message", "param"};
    struct json_writer event = begin_event(stream, "error");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        write_value(&event, names[i], json_get(error, names[i]));
    write_value(&event, "error", error);
    end_event(stream, &event);
}

static bool put_failed(struct responses_stream *stream, struct json_value error, struct buffer *out)
{
    struct mark mark = begin_call(stream, out);
    stream->response.status = "in_progress";
    begin_response(stream);
    stream->response.status = "failed";
    put_error(stream, error);
    put_response(stream, "response.failed");
    return end_call(stream, mark, true, NULL);
}

/* If the failure does not fit, it is written without the members that repeat the request. */
bool responses_stream_fail(struct responses_stream *stream, struct json_value error, struct buffer *out)
{
    static const struct responses_context empty = {0};
    stream->response.output = NULL;
    stream->response.error = error;
    bool written = put_failed(stream, error, out);
    if (!written) {
        stream->response.context = &empty;
        written = put_failed(stream, error, out);
    }
    return written;
}
