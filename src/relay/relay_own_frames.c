/* What we say ourselves in a stream: its head, signs of life, a failure. */
#include "relay/relay_own_frames.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "config/settings.h"
#include "front/response.h"
#include "protocol/stream.h"
#include "relay/relay_job.h"

#define FRAME_MAX 65536

/* Until the client has seen a frame the stream has no id but ours. */
static const struct stream unseen;

struct protocol_talk relay_talk(const struct relay_job *job, const struct refusal *refusal,
                                const struct stream *stream)
{
    return (struct protocol_talk){job->settings, refusal, stream ? stream : &unseen, job->protocol_state};
}

static void begin(struct relay_job *job)
{
    struct reply *reply = job->reply;
    if (reply->begun)
        return;
    reply_begin(reply, 200);
    reply_header(reply, "Content-Type", "text/event-stream");
    reply_header(reply, "Cache-Control", "no-cache, no-transform");
    reply_header(reply, "X-Accel-Buffering", "no");
    heading_put(reply, &job->heading);
}

bool relay_talk_send(struct relay_job *job, const char *bytes, size_t length, enum front_more more)
{
    begin(job);
    return reply_send(job->reply, bytes, length, more);
}

int64_t relay_talk_due_us(const struct relay_job *job, int64_t headers_us)
{
    const struct settings *settings = job->settings;
    if (job->reply->begun)
        return job->reply->last_us + settings->keepalive_interval_ms * 1000;
    if (headers_us)
        return headers_us + settings->keepalive_interval_ms * 1000;
    if (settings->keepalive_before_status_ms > 0)
        return job->asked_us + settings->keepalive_before_status_ms * 1000;
    return INT64_MAX;
}

bool relay_talk_keepalive(struct relay_job *job, const struct stream *stream)
{
    struct buffer frame;
    struct protocol_talk talk = relay_talk(job, &job->refusal, stream);
    buffer_init(&frame, FRAME_MAX);
    bool heard = !job->protocol->keepalive(&talk, &frame) ||
                 relay_talk_send(job, frame.bytes, frame.length, FRONT_FLUSH);
    buffer_free(&frame);
    return heard;
}

void relay_talk_failure(struct relay_job *job, const struct stream *stream, const struct failure *failure)
{
    struct refusal refusal = job->refusal;
    struct protocol_talk talk = relay_talk(job, &refusal, stream);
    struct buffer frame;
    enum exchange_end end = exchange_end_of(failure);
    refusal.failure = failure;
    job->failure = *failure;
    job->end = end == END_REFUSED ? END_ERROR : end; /* what has begun is not refused */
    buffer_init(&frame, FRAME_MAX);
    if (job->protocol->failure(&talk, &frame) && !relay_talk_send(job, frame.bytes, frame.length, FRONT_LAST))
        job->end = END_CLIENT_GONE;
    buffer_free(&frame);
}
