/* The stream of a completion, of a chat or the older kind, as its client knows it: the provider's frames as
 * they came, and ours like them.
 *
 * The provider speaks the same protocol, so nothing is translated. What we add ourselves are keepalives and
 * the error frame (API reference, "The chat completion chunk object" and "The completion object"), and the
 * "[DONE]" that some providers forget. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "config/settings.h"
#include "format/json_write.h"
#include "format/sse.h"
#include "protocol/error_response.h"
#include "protocol/protocol.h"
#include "protocol/stream.h"

#define DONE "data: [DONE]\n\n"
#define KEEPALIVE_COMMENT_LINE ": keepalive\n"

/* How the chunks of the two differ. */
struct shape {
    const char *object, *id; /* the id's beginning, where it is ours */
    const char *silent;      /* the choices of a chunk that says nothing */
    const char *failed;      /* and of the one that bears an error */
};

static const struct shape chat = {
    .object = "chat.completion.chunk",
    .id = "chatcmpl",
    .silent = "[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":null}]",
    .failed = "[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\"}]",
};

static const struct shape older = {
    .object = "text_completion",
    .id = "cmpl",
    .silent = "[{\"index\":0,\"text\":\"\",\"logprobs\":null,\"finish_reason\":null}]",
    .failed = "[{\"index\":0,\"text\":\"\",\"logprobs\":null,\"finish_reason\":\"error\"}]",
};

static bool put_text(struct buffer *out, const char *text)
{
    return buffer_append(out, text, strlen(text));
}

static bool pass_frame(struct protocol_context *talk, const struct sse_event *event, struct buffer *out)
{
    (void)talk;
    return buffer_append(out, event->raw, event->raw_length);
}

/* The members that every chunk has. One id for a stream: the provider's, or ours until it is known. */
static struct json_writer begin_chunk(const struct protocol_context *talk, const struct shape *shape,
                                      const char *choices, struct buffer *out)
{
    char own[STREAM_ID_SIZE];
    snprintf(own, sizeof own, "\"%s-%.80s\"", shape->id, talk->error_response->request_id);
    const char *id = *talk->stream->id ? talk->stream->id : own;
    struct json_writer writer = json_write_begin(out);
    json_put_raw(&writer, "id", id, strlen(id));
    json_put_string(&writer, "object", shape->object);
    json_put_count(&writer, "created", clock_wall_us() / 1000000);
    json_put_string(&writer, "model", talk->error_response->model);
    json_put_raw(&writer, "choices", choices, strlen(choices));
    return writer;
}

/* A comment has one line feed: with two, some clients take it for an event without data. */
static bool keep_alive(const struct protocol_context *talk, const struct shape *shape, struct buffer *out)
{
    if (talk->settings->keepalive_form == KEEPALIVE_COMMENT)
        return put_text(out, KEEPALIVE_COMMENT_LINE);
    bool whole = put_text(out, "data: ");
    struct json_writer writer = begin_chunk(talk, shape, shape->silent, out);
    json_write_end(&writer);
    return whole && writer.whole && put_text(out, "\n\n");
}

static bool put_end(struct protocol_context *talk, struct buffer *out)
{
    return talk->stream->done || put_text(out, DONE);
}

static bool say_failure(const struct protocol_context *talk, const struct shape *shape, struct buffer *out)
{
    bool whole = put_text(out, "data: ");
    struct json_writer writer = begin_chunk(talk, shape, shape->failed, out);
    error_response_put(&writer, talk->error_response);
    json_write_end(&writer);
    whole = whole && writer.whole && put_text(out, "\n\n");
    return whole && (!talk->settings->stream_error_done || put_text(out, DONE));
}

static bool keep_chat_alive(struct protocol_context *talk, struct buffer *out)
{
    return keep_alive(talk, &chat, out);
}

static bool say_chat_failure(struct protocol_context *talk, struct buffer *out)
{
    return say_failure(talk, &chat, out);
}

static bool keep_older_alive(struct protocol_context *talk, struct buffer *out)
{
    return keep_alive(talk, &older, out);
}

static bool say_older_failure(struct protocol_context *talk, struct buffer *out)
{
    return say_failure(talk, &older, out);
}

const struct protocol protocol_chat = {
    .frame = pass_frame,
    .keepalive = keep_chat_alive,
    .end = put_end,
    .failure = say_chat_failure,
};

const struct protocol protocol_completions = {
    .frame = pass_frame,
    .keepalive = keep_older_alive,
    .end = put_end,
    .failure = say_older_failure,
};
