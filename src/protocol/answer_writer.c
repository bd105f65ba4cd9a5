/* Writes an answer for the client, as a stream or as one body; the interface of a client's dialect. */
#include "protocol/answer_writer.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "protocol/conversation.h"

static void begin(struct answer_writer *writer)
{
    if (writer->begun)
        return;
    writer->begun = true;
    writer->ops->begin(writer);
}

static void on_added(void *listener, const struct answer_item *item)
{
    struct answer_writer *writer = listener;
    begin(writer);
    writer->ops->events.added(listener, item);
}

static void on_grown(void *listener, const struct answer_item *item, struct json_value inside,
                     struct json_value logprobs)
{
    struct answer_writer *writer = listener;
    writer->ops->events.grown(listener, item, inside, logprobs);
}

static void on_done(void *listener, const struct answer_item *item)
{
    struct answer_writer *writer = listener;
    writer->ops->events.done(listener, item);
}

static const struct answer_events events = {on_added, on_grown, on_done};

void answer_writer_open(struct answer_writer *writer, const struct answer_writer_ops *ops,
                        struct arena *arena, const struct conversation *conversation)
{
    *writer = (struct answer_writer){.ops = ops, .arena = arena, .conversation = conversation};
    answer_open(&writer->answer, arena, conversation ? conversation->tools : NULL, &events, writer);
    if (ops->open)
        ops->open(writer);
}

/* The client must not get an incomplete event, so a call that fails removes the bytes that it has written. */
struct mark {
    size_t length;
    int64_t sequence;
    bool begun;
};

static struct mark begin_call(struct answer_writer *writer, struct buffer *out)
{
    writer->out = (struct json_writer){.buffer = out, .ok = true};
    return (struct mark){out->length, writer->sequence, writer->begun};
}

static bool end_call(struct answer_writer *writer, struct mark mark, bool good, struct failure *why)
{
    if (good && writer->out.ok)
        return true;
    writer->out.buffer->length = mark.length;
    writer->sequence = mark.sequence;
    writer->begun = mark.begun;
    return good ? fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is larger than can be held") : false;
}

bool answer_writer_frame(struct answer_writer *writer, answer_read *read, struct json_value frame,
                         struct buffer *out, struct failure *why)
{
    struct mark mark = begin_call(writer, out);
    bool good = read(&writer->answer, frame, why);
    if (!writer->ops->begins_late)
        begin(writer);
    return end_call(writer, mark, good, why);
}

static void release(void *last)
{
    buffer_free(last);
}

/* Writes the last events once and keeps them, because a caller without room for them calls again. */
static bool write_end(struct answer_writer *writer, answer_read_end *read_end,
                      const struct token_usage *usage, struct failure *why)
{
    writer->last = arena_alloc(writer->arena, sizeof *writer->last);
    buffer_init(writer->last, ANSWER_END_MAX);
    arena_defer(writer->arena, release, writer->last);
    struct mark mark = begin_call(writer, writer->last);
    begin(writer);
    bool good = (!read_end || read_end(&writer->answer, why)) && answer_finish(&writer->answer, why);
    if (good)
        writer->ops->end(writer, usage);
    return end_call(writer, mark, good, why);
}

bool answer_writer_end(struct answer_writer *writer, answer_read_end *read_end,
                       const struct token_usage *usage, struct buffer *out, struct failure *why)
{
    bool tried = writer->last;
    if (tried ? writer->failure.reason != FAILURE_NONE
              : !write_end(writer, read_end, usage, &writer->failure)) {
        *why = writer->failure;
        return false;
    }
    bool written = writer->last->length && buffer_append(out, writer->last->bytes, writer->last->length);
    return written || fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is larger than can be held");
}

bool answer_writer_body(struct answer_writer *writer, answer_read *read, answer_read_end *read_end,
                        struct json_value body, const struct token_usage *usage, struct buffer *out,
                        struct failure *why)
{
    writer->answer.events = NULL;
    struct mark mark = begin_call(writer, out);
    bool good = read(&writer->answer, body, why) && (!read_end || read_end(&writer->answer, why)) &&
                answer_finish(&writer->answer, why);
    if (good)
        writer->ops->body(writer, usage);
    return end_call(writer, mark, good, why);
}

bool answer_writer_keepalive(struct answer_writer *writer, const struct settings *settings, bool seen,
                             struct buffer *out)
{
    struct mark mark = begin_call(writer, out);
    writer->ops->keepalive(writer, settings, seen);
    return end_call(writer, mark, true, NULL);
}

bool answer_writer_fail(struct answer_writer *writer, const struct settings *settings,
                        const struct error_response *error_response, struct buffer *out)
{
    struct mark mark = begin_call(writer, out);
    writer->ops->fail(writer, settings, error_response);
    return end_call(writer, mark, true, NULL);
}
