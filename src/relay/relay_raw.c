/* An answer of any kind passed on in pieces, as they come: sound, subtitles, events that are not a chat's.
 *
 * Nothing can be said within such an answer. One that breaks off once it has begun just ends: where its
 * length was announced the client sees that it is short, and the record tells in any case. */
#include "relay/relay_raw.h"

#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "front/response.h"
#include "relay/relay_buffered.h"
#include "relay/relay_job.h"
#include "relay/relay_wait.h"
#include "upstream/upstream.h"

#define TYPE_MAX 256
#define ANY_TYPE "application/octet-stream"

static bool is_type(const char *type, const char *name)
{
    size_t length = strlen(name);
    return strncasecmp(type, name, length) == 0 && strchr("; \t", type[length]);
}

/* JSON may be a failure under a 2xx, HTML is one; 202 may be a promise. */
static bool is_judged(const struct upstream_answer *answer)
{
    const char *type = response_head_find(&answer->head, "Content-Type");
    if (answer->head.status < 200 || answer->head.status > 299 || answer->head.status == 202)
        return true;
    return type && (is_type(type, "application/json") || is_type(type, "text/html"));
}

/* Beside a transfer coding a length means nothing (RFC 9112, 6.3). */
static const char *length_of(const struct upstream_answer *answer)
{
    const char *length = response_head_find(&answer->head, "Content-Length");
    bool counts = length && *length && strspn(length, "0123456789") == strlen(length) && strlen(length) < 19;
    return counts && !response_head_find(&answer->head, "Transfer-Encoding") ? length : NULL;
}

static void begin(struct relay_job *job, const struct upstream_answer *answer)
{
    const char *type = response_head_find(&answer->head, "Content-Type"), *length = length_of(answer);
    response_begin(job->response, 200);
    response_header(job->response, "Content-Type",
                    type && *type && strlen(type) < TYPE_MAX ? type : ANY_TYPE);
    if (length)
        response_header(job->response, "Content-Length", length);
    response_header(job->response, "X-Accel-Buffering", "no");
    response_headers_put(job->response, &job->headers);
}

/* What has come so far; an answer without a byte is one too, once it has ended. */
static void pass(struct relay_job *job, struct upstream_answer *answer)
{
    if (!answer->body.length && (!answer->ended || job->response->begun))
        return;
    if (!job->response->begun)
        begin(job, answer);
    response_send(job->response, answer->body.bytes, answer->body.length,
                  answer->ended ? FRONT_LAST : FRONT_FLUSH);
    buffer_consume(&answer->body, answer->body.length);
}

static bool leave(struct relay_job *job)
{
    job->end = END_CLIENT_GONE;
    return true;
}

/* False while the failure can keep its status, because nothing has left. */
static bool break_off(struct relay_job *job, struct upstream_answer *answer, const struct failure *why)
{
    if (!job->response->begun)
        return false;
    pass(job, answer);
    enum exchange_end end = exchange_end_of(why);
    job->failure = *why;
    job->end = end == END_REFUSED ? END_ERROR : end; /* what has begun is not refused */
    return true;
}

static bool pass_all(struct relay_job *job, struct relay_wait *wait, struct failure *why)
{
    struct upstream_answer *answer = upstream_answer(job->upstream);
    for (;;) {
        pass(job, answer);
        if (job->response->broken)
            return leave(job);
        if (answer->ended)
            break;
        switch (relay_wait(wait, -1, why)) {
        case RELAY_CLIENT_GONE:
            return leave(job);
        case RELAY_FAILED:
            return break_off(job, answer, why);
        case RELAY_PROGRESS:
        case RELAY_TIMEOUT:
            break;
        }
    }
    job->end = END_COMPLETE;
    return true;
}

bool relay_raw(struct relay_job *job, struct relay_wait *wait, struct failure *why)
{
    const struct upstream_answer *answer = upstream_answer(job->upstream);
    while (!answer->headers_done) {
        enum relay_event event = relay_wait(wait, -1, why);
        if (event == RELAY_FAILED)
            return false;
        if (event == RELAY_CLIENT_GONE)
            return leave(job);
    }
    return is_judged(answer) ? relay_buffered(job, wait, why) : pass_all(job, wait, why);
}
