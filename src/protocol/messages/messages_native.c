/* A client and a provider that both speak the Messages API.
 *
 * The provider's events pass unchanged. Penstock adds pings in the provider's silence, the error event, and
 * the message_stop that a provider has left out after its stop_reason. A ping has no place before
 * message_start; until then the keepalive is a comment. */
#include "protocol/messages/messages_native.h"

#include <string.h>

#include "base/buffer.h"
#include "base/failure.h"
#include "format/json.h"
#include "format/json_write.h"
#include "format/sse.h"
#include "protocol/error_response.h"
#include "protocol/messages/messages_error.h"
#include "protocol/messages/messages_replay.h"
#include "protocol/protocol.h"
#include "protocol/stream.h"

static bool put_text(struct buffer *out, const char *text)
{
    return buffer_append(out, text, strlen(text));
}

/* Another attempt, which was converted, has begun the message. */
static bool is_announced(const struct messages_native *state)
{
    return state->client && state->client->announced;
}

/* Some servers end a stream as chats end, which no client of this API expects. */
static bool pass_frame(struct protocol_context *context, const struct sse_event *event, struct buffer *out)
{
    struct messages_native *state = context->state;
    if (event->data && stream_is_done(event))
        return true;
    if (is_announced(state) && strcmp(event->name, "message_start") == 0)
        return true;
    state->stopped = state->stopped || strcmp(event->name, "message_stop") == 0;
    return buffer_append(out, event->raw, event->raw_length);
}

static bool put_as_stream(struct protocol_context *context, struct json_value answer,
                          const struct token_usage *usage, struct buffer *out, struct failure *why)
{
    (void)context;
    (void)usage; /* stands in the answer */
    return messages_replay(answer, out, why);
}

static bool put_keepalive(struct protocol_context *context, struct buffer *out)
{
    bool begun = is_announced(context->state) || context->stream->answered;
    return put_text(out, begun ? MESSAGES_PING : ": keepalive\n");
}

static bool put_end(struct protocol_context *context, struct buffer *out, struct failure *why)
{
    const struct messages_native *state = context->state;
    return state->stopped || put_text(out, MESSAGES_STOP) ||
           fail(why, FAILURE_BAD_RESPONSE, "the end of the answer is more than can be held");
}

/* Writes the event "error", after which nothing follows. */
static bool put_failure(struct protocol_context *context, struct buffer *out)
{
    bool whole = put_text(out, "event: error\ndata: ");
    struct json_writer writer = json_write_begin(out);
    messages_error_put(&writer, context->error_response);
    json_write_end(&writer);
    return whole && writer.ok && put_text(out, "\n\n");
}

static bool is_message(struct json_value answer)
{
    return json_kind(json_get(answer, "content")) == JSON_ARRAY;
}

static bool is_count(struct json_value answer)
{
    return json_kind(json_get(answer, "input_tokens")) == JSON_NUMBER;
}

const struct protocol protocol_token_count = {
    .failure = put_failure,
    .is_answer = is_count,
};

const struct protocol protocol_messages = {
    .frame = pass_frame,
    .as_stream = put_as_stream,
    .keepalive = put_keepalive,
    .end = put_end,
    .failure = put_failure,
    .is_answer = is_message,
};
