/* Streams of chat completions and legacy completions.
 *
 * The provider speaks the same protocol, so its frames pass unchanged. Penstock adds keepalives (API
 * reference, "The chat completion chunk object" and "The completion object"), the error frame (contract,
 * section 4), and the "[DONE]" that some providers omit. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/failure.h"
#include "config/settings.h"
#include "format/json_write.h"
#include "format/sse.h"
#include "protocol/chat/chat_as_stream.h"
#include "protocol/error_response.h"
#include "protocol/protocol.h"
#include "protocol/stream.h"

#define DONE "data: [DONE]\n\n"
#define KEEPALIVE_COMMENT_LINE ": keepalive\n"

/* The differences between the chunks of the two protocols. */
struct shape {
    const char *object, *id;       /* `id` is the prefix of our own ids */
    const char *keepalive_choices; /* the choices of a keepalive */
};

static const struct shape chat = {
    .object = "chat.completion.chunk",
    .id = "chatcmpl",
    .keepalive_choices = "[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":null}]",
};

static const struct shape legacy = {
    .object = "text_completion",
    .id = "cmpl",
    .keepalive_choices = "[{\"index\":0,\"text\":\"\",\"logprobs\":null,\"finish_reason\":null}]",
};

static bool put_text(struct buffer *out, const char *text)
{
    return buffer_append(out, text, strlen(text));
}

static bool pass_frame(struct protocol_context *context, const struct sse_event *event, struct buffer *out)
{
    (void)context;
    return buffer_append(out, event->raw, event->raw_length);
}

/* Writes the members of every chunk. The id is our own until the provider's id is known. */
static struct json_writer begin_chunk(const struct protocol_context *context, const struct shape *shape,
                                      struct buffer *out)
{
    char own[STREAM_ID_SIZE];
    snprintf(own, sizeof own, "\"%s-%.80s\"", shape->id, context->error_response->request_id);
    const char *id = *context->stream->id ? context->stream->id : own;
    struct json_writer writer = json_write_begin(out);
    json_put_raw(&writer, "id", id, strlen(id));
    json_put_string(&writer, "object", shape->object);
    json_put_count(&writer, "created", clock_wall_us() / 1000000);
    json_put_string(&writer, "model", context->error_response->model);
    return writer;
}

/* A comment ends with one line feed: after two, some clients see an event without data. */
static bool keep_alive(const struct protocol_context *context, const struct shape *shape, struct buffer *out)
{
    if (context->settings->keepalive_form == KEEPALIVE_COMMENT)
        return put_text(out, KEEPALIVE_COMMENT_LINE);
    bool whole = put_text(out, "data: ");
    struct json_writer writer = begin_chunk(context, shape, out);
    json_put_raw(&writer, "choices", shape->keepalive_choices, strlen(shape->keepalive_choices));
    json_write_end(&writer);
    return whole && writer.ok && put_text(out, "\n\n");
}

static bool put_end(struct protocol_context *context, struct buffer *out, struct failure *why)
{
    return context->stream->done_passed || put_text(out, DONE) ||
           fail(why, FAILURE_BAD_RESPONSE, "the end of the answer is more than can be held");
}

/* The frame has no choices: a client that finds some takes the frame for a chunk and overlooks the error. */
static bool write_failure(struct protocol_context *context, struct buffer *out)
{
    bool whole = put_text(out, "data: ");
    struct json_writer writer = json_write_begin(out);
    error_response_put(&writer, context->error_response);
    json_write_end(&writer);
    whole = whole && writer.ok && put_text(out, "\n\n");
    return whole && (!context->settings->stream_error_done || put_text(out, DONE));
}

static bool keep_chat_alive(struct protocol_context *context, struct buffer *out)
{
    return keep_alive(context, &chat, out);
}

static bool keep_legacy_alive(struct protocol_context *context, struct buffer *out)
{
    return keep_alive(context, &legacy, out);
}

const struct protocol protocol_chat = {
    .frame = pass_frame,
    .as_stream = chat_put_as_stream,
    .keepalive = keep_chat_alive,
    .end = put_end,
    .failure = write_failure,
};

const struct protocol protocol_completions = {
    .frame = pass_frame,
    .as_stream = completion_put_as_stream,
    .keepalive = keep_legacy_alive,
    .end = put_end,
    .failure = write_failure,
};
