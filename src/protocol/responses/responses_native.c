/* A client and a provider that both speak the Responses API.
 *
 * The provider's events pass unchanged. Penstock adds a failure, which continues the provider's sequence, and
 * keepalives, which are comments, because an event would need a sequence number and a meaning. */
#include "protocol/responses/responses_native.h"

#include "base/buffer.h"
#include "format/sse.h"
#include "protocol/protocol.h"
#include "protocol/responses/responses_replay.h"
#include "protocol/responses/responses_writer.h"

void responses_native_open(struct answer_writer *writer, struct arena *arena)
{
    answer_writer_open(writer, &responses_writer_ops, arena, NULL);
}

static bool pass_frame(struct protocol_context *context, const struct sse_event *event, struct buffer *out)
{
    if (event->data)
        responses_writer_follow(context->state, event->data, event->data_length);
    return buffer_append(out, event->raw, event->raw_length);
}

static bool replay(struct protocol_context *context, struct json_value answer,
                   const struct token_usage *usage, struct buffer *out, struct failure *why)
{
    (void)context;
    (void)usage;
    return responses_replay(answer, out, why);
}

static bool put_keepalive(struct protocol_context *context, struct buffer *out)
{
    return answer_writer_keepalive(context->state, context->settings, true, out);
}

static bool put_failure(struct protocol_context *context, struct buffer *out)
{
    return answer_writer_fail(context->state, context->settings, context->error_response, out);
}

static bool put_nothing(struct protocol_context *context, struct buffer *out, struct failure *why)
{
    (void)context;
    (void)out;
    (void)why;
    return true;
}

const struct protocol protocol_responses = {
    .frame = pass_frame,
    .as_stream = replay,
    .keepalive = put_keepalive,
    .end = put_nothing,
    .failure = put_failure,
};
