/* Passes a stream on frame by frame, and reports its real end.
 *
 * The status line waits for the first content, and longer if content is held: until then another target can
 * take over unseen, and a failure keeps its real status. Only whole events are sent, all events of one read
 * in one write. If nothing is sent for the keepalive interval, the gateway sends a keepalive, so that no
 * server on the way closes the connection. The client gets the provider's own end or an error frame. The
 * gateway never invents a clean end.
 *
 *   state     the client has           next state                             a failure
 *   WAITING   nothing, or keepalives   HOLDING with the first content         goes to the caller: another
 *   HOLDING   the same                 PASSING when the hold is over          attempt may follow
 *   PASSING   content                  OVER                                   becomes an error frame
 *   OVER      all that it will get
 *
 * In every state, a complete end from the provider sends all held events, and a client that leaves ends the
 * stream; both lead to OVER. While the provider is silent, a timer may expire: the keepalive in every state,
 * the limit for the first content in WAITING, the end of the hold in HOLDING. A stream whose choices have all
 * finished needs no more bytes, so silence completes it (contract, section 3). A client that leaves when only
 * the usage is missing is charged for that usage, so the stream is read on without the client. */
#include <string.h>
#include <strings.h>

#include "base/base.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error_log.h"
#include "config/settings.h"
#include "format/json.h"
#include "format/sse.h"
#include "front/response.h"
#include "protocol/protocol.h"
#include "protocol/stream.h"
#include "relay/client_stream.h"
#include "relay/relay_internal.h"
#include "upstream/upstream.h"
#include "usage/exchange_end.h"

#define END_MAX 1024 /* minimum room for the bytes that a protocol adds at the end */

/* The silence that ends a stream whose choices have all finished (contract, section 3). */
#define AFTER_FINISH_US (2 * 1000000)
#define AFTER_FINISH_USAGE_US (10 * 1000000)   /* the requested usage has not come */
#define AFTER_FINISH_CONTENT_US (30 * 1000000) /* the finish stood on a frame with content */

enum flow_state { WAITING, HOLDING, PASSING, OVER };

/* The kind of answer, detected from its first bytes because Content-Type is often wrong. */
enum body_kind { BODY_UNKNOWN, BODY_EVENTS, BODY_BUFFERED };

struct flow {
    struct relay *relay;
    struct protocol_context context;
    struct sse_parser parser;
    struct stream stream;
    struct buffer out; /* events that have not been sent yet */
    enum flow_state state;
    enum body_kind kind;
    int64_t headers_us;    /* clock_monotonic_us() when the headers of a 2xx came; 0: not yet */
    int64_t held_since_us; /* clock_monotonic_us() when the first content came */
    int64_t data_us;       /* clock_monotonic_us() when the last event with data came; 0: none has come */
    int64_t left_us; /* clock_monotonic_us() when the client left a stream that is read on; 0: it is there */
    size_t unreadable;      /* events that were left out because they were not JSON */
    bool broken;            /* one of them was the beginning of JSON */
    struct buffer document; /* JSON that came without "data:" before all events with data */
};

/* ---- to the client ---- */

static void end(struct flow *flow, enum exchange_end how)
{
    flow->relay->result->end = how;
    flow->state = OVER;
}

static bool waits_for_usage(const struct flow *flow)
{
    const struct stream *stream = &flow->stream;
    return flow->relay->job->usage_requested && !stream->usage_came && !stream->done &&
           stream_is_complete(stream) && !flow->relay->answer->ended;
}

/* A client that has left is watched no longer. */
static void lose_client(struct flow *flow)
{
    flow->relay->wait.client_lost = true;
    if (waits_for_usage(flow))
        flow->left_us = clock_monotonic_us();
    else
        end(flow, END_CLIENT_GONE);
}

static void send_out(struct flow *flow, enum front_more more)
{
    const struct relay_job *job = flow->relay->job;
    if (flow->state != PASSING)
        job->content_begins(job->context);
    flow->state = PASSING;
    if (!flow->left_us && !client_stream_send(flow->relay, flow->out.bytes, flow->out.length, more))
        lose_client(flow);
    buffer_consume(&flow->out, flow->out.length);
}

static bool may_pass(const struct flow *flow)
{
    if (flow->state == HOLDING)
        return hold_is_over(&flow->relay->job->hold, flow->held_since_us, flow->out.length,
                            clock_monotonic_us());
    return flow->state == PASSING;
}

static void flush(struct flow *flow)
{
    if (flow->out.length && may_pass(flow))
        send_out(flow, FRONT_FLUSH);
}

/* Ends a stream with a failure after content. Content that is still held is sent first. */
static void end_with_failure(struct flow *flow, const struct failure *failure)
{
    flush(flow);
    if (flow->left_us)
        end(flow, END_CLIENT_GONE);
    else if (flow->state == OVER) /* the client has just left */
        flow->relay->result->failure = *failure;
    else
        client_stream_fail(flow->relay, &flow->stream, failure);
    flow->state = OVER;
}

/* Sends the end of a complete stream. The events that the protocol adds may not fit beside the held events.
 */
static void complete(struct flow *flow)
{
    const struct protocol *protocol = flow->relay->job->protocol;
    struct failure why;
    bool added = protocol->end(&flow->context, &flow->out, &why);
    if (!added) {
        send_out(flow, FRONT_FLUSH);
        added = flow->state == OVER || protocol->end(&flow->context, &flow->out, &why);
    }
    if (!added) {
        end_with_failure(flow, &why);
        return;
    }
    if (flow->state != OVER && flow->out.length)
        send_out(flow, FRONT_LAST);
    if (flow->state != OVER)
        end(flow, flow->left_us ? END_CLIENT_GONE : END_COMPLETE);
}

/* ---- from the provider ---- */

/* True for the beginning of an event: a comment, or as much of a field's name as has arrived. */
static bool begins_event(const char *at, size_t length)
{
    static const char *const names[] = {":", "data", "event", "id", "retry", "error"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (memcmp(at, names[i], min_size(length, strlen(names[i]))) == 0)
            return true;
    return false;
}

static bool is_event_stream(const struct upstream_answer *answer)
{
    const char *type = response_head_find(&answer->head, "Content-Type");
    return type && strncasecmp(type, "text/event-stream", 17) == 0;
}

/* An event stream begins with a field's name, a comment or a byte order mark; JSON, HTML and words of another
 * type do not. */
static enum body_kind kind_of(const struct upstream_answer *answer)
{
    if (answer->head.status < 200 || answer->head.status > 299)
        return BODY_BUFFERED;
    const char *at = answer->body.bytes, *end = at + answer->body.length;
    while (at < end && strchr(" \t\r\n\xef\xbb\xbf", *at)) /* a byte order mark may come in pieces */
        at++;
    if (at == end)
        return answer->ended ? BODY_BUFFERED : BODY_UNKNOWN;
    bool is_stream = begins_event(at, (size_t)(end - at)) || is_event_stream(answer);
    return strchr("{[<", *at) || !is_stream ? BODY_BUFFERED : BODY_EVENTS;
}

/* The failure is not retryable, because the next answer would be too large as well. */
static bool fail_by_size(const char *what, int64_t most, struct failure *why)
{
    fail(why, FAILURE_BAD_RESPONSE, "%s is larger than %lld bytes", what, (long long)most);
    why->retryable = false;
    return false;
}

static bool fail_by_answer_size(const struct flow *flow, struct failure *why)
{
    return fail_by_size("the provider's answer", flow->relay->job->settings->answer_max, why);
}

static bool fail_by_broken_event(struct failure *why)
{
    return fail(why, FAILURE_BAD_RESPONSE, "an event of the provider is not JSON");
}

static bool map_failure(const struct flow *flow, const struct sse_event *event, struct failure *why)
{
    struct json_value body = stream_error_body(event);
    struct provider_answer answer = relay_provider_answer(flow->relay, body.at, body.length);
    return failure_map(why, &answer);
}

/* Returns false with the cause in `why` if the event is a failure. */
static bool take_event(struct flow *flow, const struct sse_event *event, struct failure *why)
{
    if (event->data)
        flow->data_us = clock_monotonic_us();
    else if (!flow->data_us && event->stray && !flow->document.length &&
             !buffer_append(&flow->document, event->stray, event->stray_length))
        return fail_by_answer_size(flow, why);
    switch (stream_look(&flow->stream, event)) {
    case STREAM_ERROR:
        return map_failure(flow, event, why);
    case STREAM_BROKEN:
        if (flow->stream.content)
            return fail_by_broken_event(why);
        flow->broken = true;
        flow->unreadable++;
        return true;
    case STREAM_NOISE:
        flow->unreadable++;
        return true;
    case STREAM_STRIP:
        return true;
    case STREAM_PASS:
        break;
    }
    if (flow->stream.done && !stream_is_complete(&flow->stream))
        return true; /* an error follows, and no client reads on after "[DONE]" */
    bool ends = flow->stream.answered && stream_is_complete(&flow->stream) && !flow->broken;
    bool begins = flow->stream.content || ends;
    if (begins && flow->state == WAITING) {
        flow->held_since_us = clock_monotonic_us();
        flow->state = HOLDING;
    }
    return flow->relay->job->protocol->frame(&flow->context, event, &flow->out) ||
           fail_by_answer_size(flow, why);
}

/* Accepts a last event without its blank line if the event can be read, and adds the line. */
static bool take_last_event(struct flow *flow, struct failure *why)
{
    struct sse_event event;
    struct json_value root;
    struct json_fault fault;
    if (!sse_last(&flow->parser, &event))
        return true;
    if (!stream_is_done(&event) &&
        !json_check(stream_event_text(&event), JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return true;
    size_t before = flow->out.length;
    if (!take_event(flow, &event, why))
        return false;
    return flow->out.length == before || buffer_append(&flow->out, "\n\n", 2) ||
           fail_by_answer_size(flow, why);
}

/* Takes the end that the provider has said, or its silence. */
static bool take_end(struct flow *flow, struct failure *why)
{
    if (!flow->stream.answered && flow->data_us)
        return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer has no choices");
    if (!stream_is_complete(&flow->stream))
        return !relay_fail_by_coding(flow->relay, why) &&
               fail(why, FAILURE_UPSTREAM_CUT,
                    "the provider ended the stream before the answer was complete");
    if (flow->broken && !flow->stream.content) /* what was left out may be all of the content */
        return fail_by_broken_event(why);
    complete(flow);
    return true;
}

/* Takes a complete answer that is not a stream, although a keepalive has begun a stream for the client. It
 * becomes the events of a stream, because it is paid for and another attempt would not be better. */
static bool take_as_stream(struct flow *flow, struct failure *why)
{
    struct relay *relay = flow->relay;
    struct json_value root;
    if (!relay_check(relay, &root, why) ||
        !relay->job->protocol->as_stream(&flow->context, root, &relay->result->usage, &flow->out, why))
        return false;
    send_out(flow, FRONT_LAST);
    if (flow->state != OVER)
        end(flow, END_COMPLETE);
    return true;
}

/* Takes an answer that is not a stream. */
static bool take_buffered(struct flow *flow, struct failure *why)
{
    if (!flow->relay->answer->ended)
        return true;
    if (flow->relay->job->response->begun)
        return take_as_stream(flow, why);
    if (!relay_finish_buffered(flow->relay, why))
        return false;
    flow->state = OVER;
    return true;
}

/* Takes a document that comments came before: it is the whole answer. */
static bool take_document(struct flow *flow, struct failure *why)
{
    struct buffer *body = &flow->relay->answer->body;
    buffer_consume(body, body->length);
    buffer_consume(&flow->out, flow->out.length);
    flow->kind = BODY_BUFFERED;
    if (!buffer_append(body, flow->document.bytes, flow->document.length))
        return fail_by_answer_size(flow, why);
    return take_buffered(flow, why);
}

static bool take_events(struct flow *flow, struct failure *why)
{
    struct buffer *body = &flow->relay->answer->body;
    struct sse_event event;
    while (body->length && !flow->stream.done) {
        /* The parser has no room for the rest until its events are taken. */
        size_t length = min_size(body->length, sse_room(&flow->parser));
        if (length == 0 || !sse_feed(&flow->parser, body->bytes, length))
            return fail_by_size("an event of the provider", flow->relay->job->settings->event_max, why);
        buffer_consume(body, length);
        while (!flow->stream.done && sse_next(&flow->parser, &event))
            if (!take_event(flow, &event, why))
                return false;
    }
    if (!flow->stream.done && !flow->relay->answer->ended) {
        flush(flow);
        return true;
    }
    if (!flow->stream.done && !take_last_event(flow, why))
        return false;
    return flow->document.length && !flow->data_us ? take_document(flow, why) : take_end(flow, why);
}

/* Takes the bytes that have arrived, and possibly the end. Returns false with the cause in `why` after a
 * failure. */
static bool take(struct flow *flow, struct failure *why)
{
    const struct upstream_answer *answer = flow->relay->answer;
    if (!answer->headers_done)
        return true;
    if (!flow->headers_us && answer->head.status < 300)
        flow->headers_us = clock_monotonic_us();
    if (flow->kind == BODY_UNKNOWN) {
        flow->kind = kind_of(answer);
        if (flow->kind == BODY_EVENTS)
            relay_skip_mark(&flow->relay->answer->body);
    }
    switch (flow->kind) {
    case BODY_EVENTS:
        return take_events(flow, why);
    case BODY_BUFFERED:
        return take_buffered(flow, why);
    case BODY_UNKNOWN:
        break;
    }
    return true;
}

/* Takes the bytes that arrived before the connection broke, because a finished stream is complete without its
 * last bytes. */
static bool take_before_break(struct flow *flow, struct failure *why)
{
    struct failure broken = *why;
    if (!take(flow, why))
        return false;
    if (flow->state == OVER)
        return true;
    if (stream_is_complete(&flow->stream)) {
        complete(flow);
        return true;
    }
    *why = broken;
    return false;
}

/* ---- in the silence ---- */

/* No keepalive is due while an answer that is not a stream, or that must be polled, is arriving, because the
 * keepalive would begin a stream. */
static int64_t keepalive_due_us(const struct flow *flow)
{
    const struct upstream_answer *answer = flow->relay->answer;
    bool expects_stream = flow->kind != BODY_BUFFERED && answer->head.status != 202 &&
                          answer->head.status < 300;
    if (flow->left_us || (!flow->relay->job->response->begun && answer->headers_done && !expects_stream))
        return INT64_MAX;
    return client_stream_keepalive_due_us(flow->relay, flow->headers_us);
}

/* Returns the time at which the first content is overdue. */
static int64_t content_due_us(const struct flow *flow)
{
    int64_t limit_ms = flow->relay->job->first_content_ms;
    bool waits = limit_ms && flow->state == WAITING && flow->kind != BODY_BUFFERED;
    return waits ? flow->relay->started_us + limit_ms * 1000 : INT64_MAX;
}

/* Returns the time at which silence ends a stream whose choices have all finished; INT64_MAX: they have not.
 * Comments are silence, because a provider may send them for ever. A process of a web server that told it to
 * end may have only a short time left. */
static int64_t end_due_us(const struct flow *flow)
{
    const struct relay_job *job = flow->relay->job;
    int64_t patience_us = AFTER_FINISH_US, grace_us = job->response->front->ops->grace_us;
    if (!stream_is_complete(&flow->stream))
        return INT64_MAX;
    if (job->usage_requested && !flow->stream.usage_came)
        patience_us = AFTER_FINISH_USAGE_US;
    if (stream_finish_is_doubtful(&flow->stream))
        patience_us = AFTER_FINISH_CONTENT_US;
    int64_t due_us = flow->data_us + patience_us;
    return flow->left_us && grace_us ? min_int64(due_us, flow->left_us + grace_us) : due_us;
}

/* Returns the time until the next timer expires while the provider is silent; -1: no timer. */
static int64_t patience_us(const struct flow *flow)
{
    int64_t now_us = clock_monotonic_us(), due_us = min_int64(keepalive_due_us(flow), content_due_us(flow));
    due_us = min_int64(due_us, end_due_us(flow));
    if (flow->state == HOLDING)
        due_us = min_int64(due_us, hold_due_us(&flow->relay->job->hold, flow->held_since_us));
    if (due_us == INT64_MAX)
        return -1;
    return max_int64(due_us - now_us, 0);
}

/* Handles a timer that has expired. */
static bool act_on_silence(struct flow *flow, struct failure *why)
{
    int64_t now_us = clock_monotonic_us();
    if (now_us >= end_due_us(flow))
        return take_end(flow, why);
    if (now_us >= content_due_us(flow))
        return fail(why, FAILURE_TIMEOUT, "the provider sent no content within %g s",
                    (double)flow->relay->job->first_content_ms / 1000);
    flush(flow);
    if (flow->state != OVER && now_us >= keepalive_due_us(flow) &&
        !client_stream_keepalive(flow->relay, flow->state == PASSING ? &flow->stream : NULL))
        lose_client(flow);
    return true;
}

/* ---- the whole stream ---- */

static bool step(struct flow *flow, struct failure *why)
{
    switch (relay_wait(&flow->relay->wait, patience_us(flow), why)) {
    case RELAY_PROGRESS:
        return take(flow, why);
    case RELAY_TIMEOUT:
        return act_on_silence(flow, why);
    case RELAY_FAILED:
        return take_before_break(flow, why);
    case RELAY_CLIENT_GONE:
        lose_client(flow);
        break;
    }
    return true;
}

/* Returns false if the failure goes to the caller. */
static bool run(struct flow *flow, struct failure *why)
{
    while (flow->state != OVER) {
        bool good = step(flow, why);
        if (!good && !why->provider_status)
            why->provider_status = flow->relay->answer->head.status;
        if (!good && !may_pass(flow) && !flow->left_us)
            return false;
        if (!good)
            end_with_failure(flow, why);
        else if (flow->left_us && !waits_for_usage(flow))
            end(flow, END_CLIENT_GONE);
    }
    return true;
}

/* Records what the provider has made of its answer, even if another attempt follows. */
static void note_content(const struct flow *flow)
{
    const struct relay *relay = flow->relay;
    if (flow->unreadable)
        log_warning("%zu events of a stream of %s were not JSON and were left out", flow->unreadable,
                    relay->job->provider);
    if (flow->kind != BODY_EVENTS)
        return;
    relay->result->characters = flow->stream.characters;
    relay->result->usage = stream_usage(&flow->stream);
}

bool relay_stream(struct relay *relay, struct failure *why)
{
    const struct relay_job *job = relay->job;
    size_t event_max = (size_t)job->settings->event_max;
    struct flow flow = {.relay = relay};
    flow.context = client_stream_context(relay, &flow.stream);
    sse_open(&flow.parser, event_max);
    stream_open(&flow.stream, job->strip_usage, job->choices);
    buffer_init(&flow.out, (size_t)job->settings->answer_max + 2 * event_max + END_MAX);
    buffer_init(&flow.document, event_max);
    bool answered = run(&flow, why);
    if (!answered)
        why->provider_status = relay->answer->head.status;
    relay->result->held = !answered && flow.stream.content;
    note_content(&flow);
    buffer_free(&flow.document);
    buffer_free(&flow.out);
    sse_close(&flow.parser);
    return answered;
}
