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

struct protocol_context relay_own_frames(const struct relay_job *job,
                                         const struct error_response *error_response,
                                         const struct stream *stream)
{
    return (struct protocol_context){job->settings, error_response, stream ? stream : &unseen,
                                     job->protocol_state};
}

static void begin(struct relay_job *job)
{
    struct response *response = job->response;
    if (response->begun)
        return;
    response_begin(response, 200);
    response_header(response, "Content-Type", "text/event-stream");
    response_header(response, "Cache-Control", "no-cache, no-transform");
    response_header(response, "X-Accel-Buffering", "no");
    response_headers_put(response, &job->headers);
}

bool relay_own_frames_send(struct relay_job *job, const char *bytes, size_t length, enum front_more more)
{
    begin(job);
    return response_send(job->response, bytes, length, more);
}

int64_t relay_own_frames_due_us(const struct relay_job *job, int64_t headers_us)
{
    const struct settings *settings = job->settings;
    if (job->response->begun)
        return job->response->last_us + settings->keepalive_interval_ms * 1000;
    if (headers_us)
        return headers_us + settings->keepalive_interval_ms * 1000;
    if (settings->keepalive_before_status_ms > 0)
        return job->asked_us + settings->keepalive_before_status_ms * 1000;
    return INT64_MAX;
}

bool relay_own_frames_keepalive(struct relay_job *job, const struct stream *stream)
{
    struct buffer frame;
    struct protocol_context talk = relay_own_frames(job, &job->error_response, stream);
    buffer_init(&frame, FRAME_MAX);
    bool heard = !job->protocol->keepalive(&talk, &frame) ||
                 relay_own_frames_send(job, frame.bytes, frame.length, FRONT_FLUSH);
    buffer_free(&frame);
    return heard;
}

void relay_own_frames_failure(struct relay_job *job, const struct stream *stream,
                              const struct failure *failure)
{
    struct error_response error_response = job->error_response;
    struct protocol_context talk = relay_own_frames(job, &error_response, stream);
    struct buffer frame;
    enum exchange_end end = exchange_end_of(failure);
    error_response.failure = failure;
    job->failure = *failure;
    job->end = end == END_REFUSED ? END_ERROR : end; /* what has begun is not refused */
    buffer_init(&frame, FRAME_MAX);
    if (job->protocol->failure(&talk, &frame) &&
        !relay_own_frames_send(job, frame.bytes, frame.length, FRONT_LAST))
        job->end = END_CLIENT_GONE;
    buffer_free(&frame);
}
