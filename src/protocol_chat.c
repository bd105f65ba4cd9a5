/* The stream of a chat completion, as its client knows it: the provider's frames as they came, and ours like
 * them.
 *
 * The provider speaks the same protocol, so nothing is translated. What we add ourselves are keepalives and
 * the error frame (API reference, "The chat completion chunk object"), and the "[DONE]" that some providers
 * forget. */
#include <stdio.h>
#include <string.h>

#include "buffer.h"
#include "clock.h"
#include "json_write.h"
#include "protocol.h"
#include "refusal.h"
#include "settings.h"
#include "sse.h"
#include "stream.h"

#define DONE "data: [DONE]\n\n"
#define KEEPALIVE_COMMENT_LINE ": keepalive\n"

static bool put_text(struct buffer *out, const char *text)
{
    return buffer_append(out, text, strlen(text));
}

static bool pass_frame(struct protocol_talk *talk, const struct sse_event *event, struct buffer *out)
{
    (void)talk;
    return buffer_append(out, event->raw, event->raw_length);
}

/* The members that every chunk has. One id for a stream: the provider's, or ours until it is known. */
static struct json_writer begin_chunk(const struct protocol_talk *talk, struct buffer *out,
                                      const char *choice)
{
    char own[STREAM_ID_SIZE];
    snprintf(own, sizeof own, "\"chatcmpl-%.80s\"", talk->refusal->request_id);
    const char *id = *talk->stream->id ? talk->stream->id : own;
    struct json_writer writer = json_write_begin(out);
    json_put_raw(&writer, "id", id, strlen(id));
    json_put_string(&writer, "object", "chat.completion.chunk");
    json_put_count(&writer, "created", clock_wall_us() / 1000000);
    json_put_string(&writer, "model", talk->refusal->model);
    json_put_raw(&writer, "choices", choice, strlen(choice));
    return writer;
}

/* A comment has one line feed: with two, some clients take it for an event without data. */
static bool put_keepalive(struct protocol_talk *talk, struct buffer *out)
{
    static const char choice[] = "[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":null}]";
    if (talk->settings->keepalive_form == KEEPALIVE_COMMENT)
        return put_text(out, KEEPALIVE_COMMENT_LINE);
    bool whole = put_text(out, "data: ");
    struct json_writer writer = begin_chunk(talk, out, choice);
    json_write_end(&writer);
    return whole && writer.whole && put_text(out, "\n\n");
}

static bool put_end(struct protocol_talk *talk, struct buffer *out)
{
    return talk->stream->done || put_text(out, DONE);
}

static bool put_failure(struct protocol_talk *talk, struct buffer *out)
{
    static const char choice[] = "[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\"}]";
    bool whole = put_text(out, "data: ");
    struct json_writer writer = begin_chunk(talk, out, choice);
    refusal_put(&writer, talk->refusal);
    json_write_end(&writer);
    whole = whole && writer.whole && put_text(out, "\n\n");
    return whole && (!talk->settings->stream_error_done || put_text(out, DONE));
}

const struct protocol protocol_chat = {
    .frame = pass_frame,
    .keepalive = put_keepalive,
    .end = put_end,
    .failure = put_failure,
};
