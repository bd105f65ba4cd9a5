/* A stream of chat chunks as the events of a response.
 *
 * API reference, "Streaming events". Their order for one item: output_item.added, the part's added (message
 * and reasoning only), deltas, the text's done, the part's done, output_item.done with the whole item. Before
 * them stand created and in_progress; after them one of completed, incomplete and failed, with the whole
 * response. Each event repeats what the one before it said in pieces, so a client may listen to any. */
#include "protocol/responses/responses_stream.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/json_pieces.h"
#include "protocol/responses/responses_context.h"

/* Names of events, by kind of item; NULL: there is none. */
static const struct speech {
    const char *part_added, *delta, *text_done, *part_done;
    const char *text;  /* the member of `text_done` */
    const char *place; /* the member that says which part; NULL: there is but one */
} speeches[] = {
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
    struct json_writer event = write_element(&stream->out, &first);
    json_put_string(&event, "type", type);
    json_put_count(&event, "sequence_number", stream->sequence++);
    return event;
}

static void end_event(struct responses_stream *stream, struct json_writer *event)
{
    write_close(&stream->out, event);
    write_text(&stream->out, "\n\n");
}

/* An event about an item's part. */
static struct json_writer begin_part(struct responses_stream *stream, const char *type,
                                     const struct output_item *item)
{
    struct json_writer event = begin_event(stream, type);
    json_put_string(&event, "item_id", item->id);
    json_put_count(&event, "output_index", (int64_t)item->index);
    if (speeches[item->kind].place)
        json_put_count(&event, speeches[item->kind].place, 0);
    return event;
}

static void put_item(struct responses_stream *stream, const char *type, const struct output_item *item)
{
    struct json_writer event = begin_event(stream, type);
    json_put_count(&event, "output_index", (int64_t)item->index);
    struct json_writer object = write_member(&event, "item");
    item_write(&object, item);
    write_close(&event, &object);
    end_event(stream, &event);
}

static void put_part(struct responses_stream *stream, const char *type, const struct output_item *item,
                     const struct output_item *shown)
{
    if (!type)
        return;
    struct json_writer event = begin_part(stream, type, item);
    struct json_writer part = write_member(&event, "part");
    part_write(&part, shown);
    write_close(&event, &part);
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

/* ---- what the output tells ---- */

static void hear_added(void *listener, const struct output_item *item)
{
    struct responses_stream *stream = listener;
    struct output_item empty = {.kind = item->kind};
    put_item(stream, "response.output_item.added", item);
    put_part(stream, speeches[item->kind].part_added, item, &empty);
}

static void hear_grown(void *listener, const struct output_item *item, struct json_value inside,
                       struct json_value logprobs)
{
    struct responses_stream *stream = listener;
    struct json_writer event = begin_part(stream, speeches[item->kind].delta, item);
    struct buffer piece = {.bytes = (char *)inside.at, .length = inside.length};
    write_inside(&event, "delta", &piece);
    put_logprobs(&event, item, logprobs);
    end_event(stream, &event);
}

static void hear_done(void *listener, const struct output_item *item)
{
    struct responses_stream *stream = listener;
    const struct speech *speech = &speeches[item->kind];
    struct json_writer event = begin_part(stream, speech->text_done, item);
    struct json_value logprobs = {item->logprobs.bytes, item->logprobs.length};
    if (item->kind == OUTPUT_CALL)
        write_inside(&event, "name", &item->name);
    write_inside(&event, speech->text, &item->text);
    put_logprobs(&event, item, logprobs);
    end_event(stream, &event);
    put_part(stream, speech->part_done, item, item);
    put_item(stream, "response.output_item.done", item);
}

static const struct output_events events = {hear_added, hear_grown, hear_done};

/* ---- the response as a whole ---- */

static void put_response(struct responses_stream *stream, const char *type)
{
    struct json_writer event = begin_event(stream, type);
    struct json_writer object = write_member(&event, "response");
    response_object_write(&object, &stream->response);
    write_close(&event, &object);
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
                           const struct responses_context *ask)
{
    *stream = (struct responses_stream){.arena = arena};
    response_object_open(&stream->response, ask);
    output_open(&stream->output, arena, ask->reasoning, &events, stream);
}

/* Part of an event must not leave: what a call has written is taken back unless it is whole. */
struct mark {
    size_t length;
    int64_t sequence;
    bool begun;
};

static struct mark begin_call(struct responses_stream *stream, struct buffer *out)
{
    stream->out = (struct json_writer){.buffer = out, .whole = true};
    return (struct mark){out->length, stream->sequence, stream->begun};
}

static bool end_call(struct responses_stream *stream, struct mark mark, bool good, struct failure *why)
{
    if (good && stream->out.whole)
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

static void follow_response(struct responses_stream *stream, struct json_value said)
{
    size_t length = 0;
    const char *id = json_string(stream->arena, json_get(said, "id"), &length);
    if (id && length < sizeof stream->response.id)
        snprintf(stream->response.id, sizeof stream->response.id, "%s", id);
    response_object_learn(&stream->response, stream->arena, said);
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

/* Written once and kept: whoever has no room for it may ask again. */
static bool write_end(struct responses_stream *stream, const struct usage *usage, struct failure *why)
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

bool responses_stream_end(struct responses_stream *stream, const struct usage *usage, struct buffer *out,
                          struct failure *why)
{
    if (!stream->last && !write_end(stream, usage, why))
        return false;
    bool told = stream->last->length && buffer_append(out, stream->last->bytes, stream->last->length);
    return told || fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is larger than can be held");
}

/* Clients read the event either flat or by its object. */
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

/* Where it does not fit, what the client said itself need not be repeated. */
bool responses_stream_fail(struct responses_stream *stream, struct json_value error, struct buffer *out)
{
    static const struct responses_context unsaid = {0};
    stream->response.output = NULL;
    stream->response.error = error;
    bool told = put_failed(stream, error, out);
    if (!told) {
        stream->response.ask = &unsaid;
        told = put_failed(stream, error, out);
    }
    return told;
}
