/* A stream passed on frame by frame, its end told truthfully.
 *
 * The status line waits for the first frame with content, and longer where more is to be held: until then
 * another provider can take over unseen, and a failure that remains keeps its real status. Only whole events
 * leave, those of one read of the provider's bytes in one write. While nothing leaves for the keepalive
 * interval, a frame of ours does, so that no server in between takes the connection for dead. However the
 * stream ends, the client is told: by the provider's own end, or by an error frame. A clean end is never
 * invented. */
#include "relay/relay_stream.h"

#include <string.h>
#include <strings.h>

#include "base/base.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "config/settings.h"
#include "format/json.h"
#include "format/sse.h"
#include "front/response.h"
#include "protocol/protocol.h"
#include "protocol/stream.h"
#include "relay/relay_buffered.h"
#include "relay/relay_job.h"
#include "relay/relay_own_frames.h"
#include "relay/relay_wait.h"
#include "upstream/upstream.h"

#define AFTER_FINISH_US (2 * 1000000) /* contract, section 8: silence that ends a finished stream */
#define END_MAX 1024                  /* what a protocol adds at the end, at least */

enum flow_shape { SHAPE_UNKNOWN, SHAPE_EVENTS, SHAPE_ENCODED, SHAPE_WHOLE };

struct flow {
    struct relay_job *job;
    const struct upstream_answer *answer;
    struct sse_parser parser;
    struct stream stream;
    struct buffer out; /* the events that leave together */
    enum flow_shape shape;
    int64_t started_us, headers_us; /* 0: no 2xx headers yet */
    struct hold hold;
    bool sent; /* something of it has reached the client */
    bool over;
};

static void finish(struct flow *flow, enum exchange_end end)
{
    flow->job->end = end;
    flow->over = true;
}

/* The client has something of the answer: from now on there is no other provider for it. */
static void send_bytes(struct flow *flow, const char *bytes, size_t length, enum front_more more)
{
    struct relay_job *job = flow->job;
    if (!flow->sent && job->heard)
        job->heard(job->heard_context);
    flow->sent = true;
    if (!relay_own_frames_send(job, bytes, length, more))
        finish(flow, END_CLIENT_GONE);
}

/* What the client has seen or is about to see. */
static bool is_out(const struct flow *flow)
{
    return flow->sent || hold_is_over(&flow->hold, flow->out.length, clock_monotonic_us());
}

static void flush(struct flow *flow)
{
    if (!flow->out.length || !is_out(flow))
        return;
    send_bytes(flow, flow->out.bytes, flow->out.length, FRONT_FLUSH);
    buffer_consume(&flow->out, flow->out.length);
}

static struct protocol_context talk_about(const struct flow *flow)
{
    return relay_own_frames(flow->job, &flow->job->error_response, &flow->stream);
}

/* A failure in a stream that has begun; what went before it leaves first. */
static void say_failure(struct flow *flow, const struct failure *failure)
{
    flush(flow);
    if (!flow->over)
        relay_own_frames_failure(flow->job, &flow->stream, failure);
    else
        flow->job->failure = *failure;
    flow->over = true;
}

/* True when the failure was said in the stream; false when the client has seen nothing of it yet. */
static bool end_with(struct flow *flow, const struct failure *failure)
{
    if (!is_out(flow))
        return false;
    say_failure(flow, failure);
    return true;
}

/* What is missing may have no room beside what has to leave before. */
static bool put_end(struct flow *flow)
{
    struct protocol_context talk = talk_about(flow);
    if (flow->job->protocol->end(&talk, &flow->out))
        return true;
    send_bytes(flow, flow->out.bytes, flow->out.length, FRONT_FLUSH);
    buffer_consume(&flow->out, flow->out.length);
    return flow->over || flow->job->protocol->end(&talk, &flow->out);
}

static void complete(struct flow *flow)
{
    struct failure why;
    if (!put_end(flow)) {
        fail(&why, FAILURE_BAD_RESPONSE, "the end of the answer is more than can be held");
        say_failure(flow, &why);
        return;
    }
    if (!flow->over && flow->out.length)
        send_bytes(flow, flow->out.bytes, flow->out.length, FRONT_LAST);
    if (!flow->over)
        finish(flow, END_COMPLETE);
}

/* Nobody asked for it: what reads like events then is chance (RFC 9110, 8.4). */
static bool is_encoded(const struct upstream_answer *answer)
{
    const char *coding = response_head_find(&answer->head, "Content-Encoding");
    return coding && *coding && strcasecmp(coding, "identity") != 0;
}

/* Bytes of an event stream begin with a field's name, a comment or a mark; those of an answer in JSON or of a
 * page in HTML do not. The Content-Type is not asked: it is often wrong. */
static enum flow_shape shape_of(const struct upstream_answer *answer)
{
    if (answer->head.status < 200 || answer->head.status > 299)
        return SHAPE_WHOLE;
    const char *at = answer->body.bytes, *end = at + answer->body.length;
    while (at < end && strchr(" \t\r\n", *at))
        at++;
    if (at == end)
        return answer->ended ? SHAPE_WHOLE : SHAPE_UNKNOWN;
    if (strchr("{[<", *at))
        return SHAPE_WHOLE;
    return is_encoded(answer) ? SHAPE_ENCODED : SHAPE_EVENTS;
}

/* An error may stand between the frames as raw JSON. */
static struct json_value said_by(const struct sse_event *event)
{
    if (event->data)
        return (struct json_value){event->data, event->data_length};
    return (struct json_value){event->raw, event->raw_length};
}

/* What is too large would be so again. */
static bool refuse_size(const char *what, int64_t most, struct failure *why)
{
    fail(why, FAILURE_BAD_RESPONSE, "%s is larger than %lld bytes", what, (long long)most);
    why->retryable = false;
    return false;
}

static bool refuse_answer(const struct flow *flow, struct failure *why)
{
    return refuse_size("the provider's answer", flow->job->settings->answer_max, why);
}

/* False with the cause when the event is a failure that the client has to hear. */
static bool take_event(struct flow *flow, const struct sse_event *event, struct failure *why)
{
    struct json_value said = said_by(event);
    struct provider_answer answer = relay_given(flow->job, said.at, said.length);
    switch (stream_look(&flow->stream, event)) {
    case STREAM_ERROR:
        return failure_map(why, &answer);
    case STREAM_BROKEN:
        return fail(why, FAILURE_BAD_RESPONSE, "an event of the provider is not JSON");
    case STREAM_STRIP:
        return true;
    case STREAM_PASS:
        break;
    }
    struct protocol_context talk = talk_about(flow);
    if (flow->stream.content && !flow->sent)
        hold_begin(&flow->hold, clock_monotonic_us());
    return flow->job->protocol->frame(&talk, event, &flow->out) || refuse_answer(flow, why);
}

/* What is left at the end without its blank line counts if it can be read, and gets the line it lacks. */
static bool take_rest(struct flow *flow, struct failure *why)
{
    struct sse_event event;
    struct json_value root;
    struct json_fault fault;
    if (!sse_last(&flow->parser, &event))
        return true;
    bool done = event.data && event.data_length == 6 && memcmp(event.data, "[DONE]", 6) == 0;
    struct json_value data = said_by(&event);
    if (!done && !json_check(data, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return true;
    size_t before = flow->out.length;
    if (!take_event(flow, &event, why))
        return false;
    return flow->out.length == before || buffer_append(&flow->out, "\n\n", 2) || refuse_answer(flow, why);
}

/* As much as the parser has room for; the rest waits for the events in it to leave. */
static bool feed(struct flow *flow, struct buffer *body, struct failure *why)
{
    size_t room = sse_room(&flow->parser), length = body->length < room ? body->length : room;
    if (length == 0 || !sse_feed(&flow->parser, body->bytes, length))
        return refuse_size("an event of the provider", flow->job->settings->event_max, why);
    buffer_consume(body, length);
    return true;
}

static bool take_events(struct flow *flow, struct failure *why)
{
    struct buffer *body = &upstream_answer(flow->job->upstream)->body;
    struct sse_event event;
    while (body->length && !flow->stream.done) {
        if (!feed(flow, body, why))
            return false;
        while (!flow->stream.done && sse_next(&flow->parser, &event))
            if (!take_event(flow, &event, why))
                return false;
    }
    return true;
}

static bool end_events(struct flow *flow, struct failure *why)
{
    if (!flow->stream.done && !take_rest(flow, why))
        return false;
    if (!stream_is_complete(&flow->stream))
        return fail(why, FAILURE_UPSTREAM_CUT,
                    "the provider ended the stream before the answer was complete");
    complete(flow);
    return true;
}

/* An answer that is no stream. Once a keepalive has made the client's answer one, there is no way back. */
static bool take_whole(struct flow *flow, struct failure *why)
{
    if (!flow->answer->ended)
        return true;
    if (!flow->job->response->begun) {
        flow->over = relay_pass(flow->job, why);
        return flow->over;
    }
    struct provider_answer answer = relay_given(flow->job, flow->answer->body.bytes,
                                                flow->answer->body.length);
    if (flow->answer->head.status < 200 || flow->answer->head.status > 299)
        return failure_map(why, &answer);
    return fail(why, FAILURE_BAD_RESPONSE, "the provider answered without streaming");
}

/* New bytes, or the end of them; false with the cause of a failure. */
static bool take(struct flow *flow, struct failure *why)
{
    if (!flow->answer->headers_done)
        return true;
    if (!flow->headers_us && flow->answer->head.status < 300)
        flow->headers_us = clock_monotonic_us();
    if (flow->shape == SHAPE_UNKNOWN)
        flow->shape = shape_of(flow->answer);
    if (flow->shape == SHAPE_WHOLE)
        return take_whole(flow, why);
    if (flow->shape == SHAPE_UNKNOWN)
        return true;
    if (flow->shape == SHAPE_ENCODED)
        return fail(why, FAILURE_BAD_RESPONSE, "the provider encodes its answer, and nobody asked for it");
    if (!take_events(flow, why))
        return false;
    if (flow->stream.done || flow->answer->ended)
        return end_events(flow, why);
    flush(flow);
    return true;
}

/* An answer that is no stream, or not the one that is waited for, is on its way: a frame of ours would make
 * it one. */
static bool is_arriving_whole(const struct flow *flow)
{
    const struct upstream_answer *answer = flow->answer;
    if (flow->job->response->begun || !answer->headers_done)
        return false;
    return flow->shape == SHAPE_WHOLE || answer->head.status == 202 || answer->head.status >= 300;
}

/* When a sign of life is due. */
static int64_t keepalive_due(const struct flow *flow)
{
    return is_arriving_whole(flow) ? INT64_MAX : relay_own_frames_due_us(flow->job, flow->headers_us);
}

/* When the patience with a provider that sends no content ends. */
static int64_t content_due(const struct flow *flow)
{
    bool waits = flow->job->first_token_ms && !flow->stream.content && flow->shape != SHAPE_WHOLE;
    return waits ? flow->started_us + flow->job->first_token_ms * 1000 : INT64_MAX;
}

/* When something is to be done though nothing comes: in microseconds from now; -1: never. */
static int64_t patience(const struct flow *flow)
{
    if (stream_is_complete(&flow->stream))
        return AFTER_FINISH_US;
    int64_t now = clock_monotonic_us(), due = min_int64(keepalive_due(flow), content_due(flow));
    if (!flow->sent)
        due = min_int64(due, hold_due_us(&flow->hold));
    if (due == INT64_MAX)
        return -1;
    return due > now ? due - now : 0;
}

static bool grow_quiet(struct flow *flow, struct failure *why)
{
    int64_t now = clock_monotonic_us();
    if (stream_is_complete(&flow->stream)) {
        complete(flow);
        return true;
    }
    if (now >= content_due(flow))
        return fail(why, FAILURE_TIMEOUT, "the provider sent no content within %g s",
                    (double)flow->job->first_token_ms / 1000);
    flush(flow);
    if (!flow->over && now >= keepalive_due(flow) &&
        !relay_own_frames_keepalive(flow->job, flow->sent ? &flow->stream : NULL))
        finish(flow, END_CLIENT_GONE);
    return true;
}

/* What came before the connection broke still counts: a finished stream is whole even if its last bytes are
 * lost. */
static bool survive(struct flow *flow, struct failure *why)
{
    struct failure broken = *why;
    if (!take(flow, why))
        return false;
    if (flow->over)
        return true;
    if (stream_is_complete(&flow->stream)) {
        complete(flow);
        return true;
    }
    *why = broken;
    return false;
}

static bool step(struct flow *flow, struct relay_wait *wait, struct failure *why)
{
    switch (relay_wait(wait, patience(flow), why)) {
    case RELAY_PROGRESS:
        return take(flow, why);
    case RELAY_TIMEOUT:
        return grow_quiet(flow, why);
    case RELAY_CLIENT_GONE:
        finish(flow, END_CLIENT_GONE);
        return true;
    case RELAY_FAILED:
        return survive(flow, why);
    }
    return true;
}

bool relay_stream(struct relay_job *job, struct relay_wait *wait, struct failure *why)
{
    struct flow flow = {.job = job,
                        .answer = upstream_answer(job->upstream),
                        .started_us = job->started_us,
                        .hold = job->hold};
    size_t event_max = (size_t)job->settings->event_max;
    sse_open(&flow.parser, event_max);
    stream_open(&flow.stream, job->strip_usage);
    buffer_init(&flow.out, (size_t)job->settings->answer_max + 2 * event_max + END_MAX);
    bool told = true;
    while (told && !flow.over)
        told = step(&flow, wait, why) || end_with(&flow, why);
    if (!told)
        why->provider_status = flow.answer->head.status;
    job->characters = flow.stream.characters;
    job->usage = flow.stream.usage.source != USAGE_NONE ? flow.stream.usage : job->usage;
    buffer_free(&flow.out);
    sse_close(&flow.parser);
    return told;
}
