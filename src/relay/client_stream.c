/* Writes the client's side of a stream: its head, and the frames that the gateway adds. */
#include "relay/client_stream.h"

#include "base/buffer.h"
#include "config/settings.h"
#include "front/response.h"
#include "protocol/stream.h"
#include "relay/relay_internal.h"

#define FRAME_MAX 65536

/* While the client has seen no frame of the provider, the stream has only our own id. */
static const struct stream unseen;

struct protocol_context client_stream_context(const struct relay *relay, const struct stream *stream)
{
    const struct relay_job *job = relay->job;
    return (struct protocol_context){job->settings, &job->error_response, stream ? stream : &unseen,
                                     job->protocol_state};
}

static void put_head(const struct relay_job *job)
{
    struct response *response = job->response;
    response_begin(response, 200);
    response_header(response, "Content-Type", EVENT_STREAM_TYPE);
    response_header(response, "Cache-Control", "no-cache, no-transform");
    response_header(response, "X-Accel-Buffering", "no");
    response_headers_put(response, &job->headers);
}

bool client_stream_send(struct relay *relay, const char *bytes, size_t length, enum front_more more)
{
    if (!relay->job->response->begun)
        put_head(relay->job);
    return response_send(relay->job->response, bytes, length, more);
}

bool client_stream_keepalive(struct relay *relay, const struct stream *stream)
{
    struct protocol_context context = client_stream_context(relay, stream);
    struct buffer frame;
    buffer_init(&frame, FRAME_MAX);
    bool sent = !relay->job->protocol->keepalive(&context, &frame) ||
                client_stream_send(relay, frame.bytes, frame.length, FRONT_FLUSH);
    buffer_free(&frame);
    return sent;
}

int64_t client_stream_keepalive_due_us(const struct relay *relay, int64_t headers_us)
{
    const struct relay_job *job = relay->job;
    const struct settings *settings = job->settings;
    if (job->response->begun)
        return job->response->last_us + settings->keepalive_interval_ms * 1000;
    if (headers_us)
        return headers_us + settings->keepalive_interval_ms * 1000;
    if (settings->keepalive_before_status_ms > 0)
        return job->first_attempt_us + settings->keepalive_before_status_ms * 1000;
    return INT64_MAX;
}

void client_stream_fail(struct relay *relay, const struct stream *stream, const struct failure *failure)
{
    struct error_response error_response = relay->job->error_response;
    struct protocol_context context = client_stream_context(relay, stream);
    struct buffer frame;
    error_response.failure = failure;
    context.error_response = &error_response;
    relay_note_failure(relay, failure);
    buffer_init(&frame, FRAME_MAX);
    if (relay->job->protocol->failure(&context, &frame) &&
        !client_stream_send(relay, frame.bytes, frame.length, FRONT_LAST))
        relay->result->end = END_CLIENT_GONE;
    buffer_free(&frame);
}
