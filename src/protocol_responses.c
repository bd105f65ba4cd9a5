/* The stream of a response, made from the chunks of a provider that speaks chat completions only.
 *
 * A sign of life is a comment here: an event would need a number, and clients know what each means. */
#include "buffer.h"
#include "failure.h"
#include "json.h"
#include "json_write.h"
#include "protocol.h"
#include "refusal.h"
#include "responses_stream.h"
#include "sse.h"
#include "stream.h"

#define BODY_MAX 65536

static bool put_frame(struct protocol_talk *talk, const struct sse_event *event, struct buffer *out)
{
    struct failure why;
    return !event->data || responses_stream_frame(talk->state, event->data, event->data_length, out, &why);
}

static bool put_keepalive(struct protocol_talk *talk, struct buffer *out)
{
    static const char comment[] = ": keepalive\n";
    (void)talk;
    return buffer_append(out, comment, sizeof comment - 1);
}

static bool put_end(struct protocol_talk *talk, struct buffer *out)
{
    struct failure why;
    return responses_stream_end(talk->state, &talk->stream->usage, out, &why);
}

/* The event has the very object of the error body. */
static bool put_failure(struct protocol_talk *talk, struct buffer *out)
{
    struct buffer body;
    struct json_value root;
    struct json_fault fault;
    buffer_init(&body, BODY_MAX);
    struct json_writer writer = json_write_begin(&body);
    refusal_put(&writer, talk->refusal);
    json_write_end(&writer);
    bool whole = writer.whole && json_check((struct json_value){body.bytes, body.length}, JSON_DEPTH_MAX,
                                            JSON_UTF8_ANY, &root, &fault);
    whole = whole && responses_stream_fail(talk->state, json_get(root, "error"), out);
    buffer_free(&body);
    return whole;
}

const struct protocol protocol_responses = {
    .frame = put_frame,
    .keepalive = put_keepalive,
    .end = put_end,
    .failure = put_failure,
};
