/* The stream of a response: of a provider that has the Responses API, or made from the chunks of one that has
 * not.
 *
 * A sign of life is a comment here: an event would need a number, and clients know what each means. */
#include "base/buffer.h"
#include "base/failure.h"
#include "format/json.h"
#include "format/json_write.h"
#include "format/sse.h"
#include "protocol/error_response.h"
#include "protocol/protocol.h"
#include "protocol/responses/responses_answer.h"
#include "protocol/responses/responses_session.h"
#include "protocol/stream.h"

#define BODY_MAX 65536

static struct responses_stream *stream_of(const struct protocol_context *talk)
{
    return &((struct responses_session *)talk->state)->stream;
}

static bool pass_frame(struct protocol_context *talk, const struct sse_event *event, struct buffer *out)
{
    if (event->data)
        responses_stream_follow(stream_of(talk), event->data, event->data_length);
    return buffer_append(out, event->raw, event->raw_length);
}

static bool put_whole(struct protocol_context *talk, struct json_value answer, const struct usage *usage,
                      struct buffer *out, struct failure *why)
{
    const struct responses_session *state = talk->state;
    return responses_from_chat(state->arena, &state->ask, answer, usage, out, why);
}

static bool put_frame(struct protocol_context *talk, const struct sse_event *event, struct buffer *out)
{
    struct failure why;
    return !event->data ||
           responses_stream_frame(stream_of(talk), event->data, event->data_length, out, &why);
}

static bool put_keepalive(struct protocol_context *talk, struct buffer *out)
{
    static const char comment[] = ": keepalive\n";
    (void)talk;
    return buffer_append(out, comment, sizeof comment - 1);
}

static bool put_end(struct protocol_context *talk, struct buffer *out)
{
    struct failure why;
    return responses_stream_end(stream_of(talk), &talk->stream->usage, out, &why);
}

/* The event has the very object of the error body. */
static bool put_failure(struct protocol_context *talk, struct buffer *out)
{
    struct buffer body;
    struct json_value root;
    struct json_fault fault;
    buffer_init(&body, BODY_MAX);
    struct json_writer writer = json_write_begin(&body);
    error_response_put(&writer, talk->error_response);
    json_write_end(&writer);
    bool whole = writer.whole && json_check((struct json_value){body.bytes, body.length}, JSON_DEPTH_MAX,
                                            JSON_UTF8_ANY, &root, &fault);
    whole = whole && responses_stream_fail(stream_of(talk), json_get(root, "error"), out);
    buffer_free(&body);
    return whole;
}

static bool put_nothing(struct protocol_context *talk, struct buffer *out)
{
    (void)talk;
    (void)out;
    return true;
}

const struct protocol protocol_responses = {
    .frame = pass_frame,
    .keepalive = put_keepalive,
    .end = put_nothing,
    .failure = put_failure,
};

const struct protocol protocol_responses_made = {
    .frame = put_frame,
    .whole = put_whole,
    .keepalive = put_keepalive,
    .end = put_end,
    .failure = put_failure,
};
