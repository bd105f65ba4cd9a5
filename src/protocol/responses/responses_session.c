/* A client that speaks the Responses API, with a provider that speaks it too or gets chat completions
 * requests.
 *
 * The keepalive is a comment, because an event would need a sequence number and a meaning. */
#include "protocol/responses/responses_session.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "format/json.h"
#include "format/json_write.h"
#include "format/sse.h"
#include "protocol/error_response.h"
#include "protocol/model_request.h"
#include "protocol/protocol.h"
#include "protocol/responses/responses_replay.h"
#include "protocol/responses/responses_request.h"
#include "protocol/stream.h"

#define BODY_MAX 65536

/* ---- the session ---- */

static void free_text(void *text)
{
    buffer_free(text);
}

/* The converted request is read like any chat request, so that later rules apply to it. */
bool responses_session_open(struct responses_session *session, struct arena *arena,
                            struct model_request *request, enum responses_reasoning reasoning,
                            struct failure *why)
{
    struct json_value body = request->body.object;
    struct buffer *text = arena_alloc(arena, sizeof *text);
    buffer_init(text, 3 * body.length + RESPONSES_MARGIN);
    arena_defer(arena, free_text, text);
    session->arena = arena;
    if (!responses_to_chat(arena, body, reasoning, text, &session->context, why) ||
        !model_request_read(request, arena, text, JSON_DEPTH_MAX + RESPONSES_DEPTH, why))
        return false;
    responses_stream_open(&session->stream, arena, &session->context);
    return true;
}

void responses_session_observe(struct responses_session *session, struct arena *arena)
{
    session->arena = arena;
    responses_stream_open(&session->stream, arena, &session->context);
}

/* ---- the answer ---- */

static struct responses_stream *stream_of(const struct protocol_context *context)
{
    return &((struct responses_session *)context->state)->stream;
}

static bool pass_frame(struct protocol_context *context, const struct sse_event *event, struct buffer *out)
{
    if (event->data)
        responses_stream_follow(stream_of(context), event->data, event->data_length);
    return buffer_append(out, event->raw, event->raw_length);
}

static bool put_whole(struct protocol_context *context, struct json_value answer,
                      const struct token_usage *usage, struct buffer *out, struct failure *why)
{
    const struct responses_session *state = context->state;
    return responses_from_chat(state->arena, &state->context, answer, usage, out, why);
}

/* An answer of the provider's own API. */
static bool replay(struct protocol_context *context, struct json_value answer,
                   const struct token_usage *usage, struct buffer *out, struct failure *why)
{
    (void)context;
    (void)usage;
    return responses_replay(answer, out, why);
}

static bool put_as_stream(struct protocol_context *context, struct json_value answer,
                          const struct token_usage *usage, struct buffer *out, struct failure *why)
{
    struct responses_stream *stream = stream_of(context);
    return responses_stream_frame(stream, answer.at, answer.length, out, why) &&
           responses_stream_end(stream, usage, out, why);
}

static bool put_frame(struct protocol_context *context, const struct sse_event *event, struct buffer *out)
{
    struct failure why;
    return !event->data ||
           responses_stream_frame(stream_of(context), event->data, event->data_length, out, &why);
}

static bool put_keepalive(struct protocol_context *context, struct buffer *out)
{
    static const char comment[] = ": keepalive\n";
    (void)context;
    return buffer_append(out, comment, sizeof comment - 1);
}

static bool put_end(struct protocol_context *context, struct buffer *out, struct failure *why)
{
    struct token_usage usage = stream_usage(context->stream);
    return responses_stream_end(stream_of(context), &usage, out, why);
}

/* The event contains the same object as the error body. */
static bool put_failure(struct protocol_context *context, struct buffer *out)
{
    struct buffer body;
    struct json_value root;
    struct json_fault fault;
    buffer_init(&body, BODY_MAX);
    struct json_writer writer = json_write_begin(&body);
    error_response_put(&writer, context->error_response);
    json_write_end(&writer);
    bool whole = writer.ok && json_check((struct json_value){body.bytes, body.length}, JSON_DEPTH_MAX,
                                         JSON_UTF8_ANY, &root, &fault);
    whole = whole && responses_stream_fail(stream_of(context), json_get(root, "error"), out);
    buffer_free(&body);
    return whole;
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

const struct protocol protocol_responses_from_chat = {
    .frame = put_frame,
    .buffered = put_whole,
    .as_stream = put_as_stream,
    .keepalive = put_keepalive,
    .end = put_end,
    .failure = put_failure,
};
