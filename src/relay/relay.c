/* Passes a provider's answer on to the client: buffered, as a stream, or raw.
 *
 * NVIDIA's front may answer 202 with an id under which the real answer can be fetched later (NVCF,
 * "Polling"). Fetching is part of the wait for the first byte: the relay polls until the answer is ready, the
 * client leaves, or the time limit for the first byte is over. */
#include "relay/relay.h"

#include <string.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/clock.h"
#include "front/response.h"
#include "relay/client_stream.h"
#include "relay/relay_internal.h"
#include "upstream/upstream.h"
#include "usage/exchange_end.h"

#define POLL_PAUSE_US 500000

static struct relay relay_open(const struct relay_job *job, struct relay_result *result)
{
    return (struct relay){
        .job = job,
        .result = result,
        .answer = upstream_answer(job->upstream),
        .wait = relay_wait_open(job->upstream, job->response->front, job->stop),
        .started_us = clock_monotonic_us(),
    };
}

static bool relay_answer(struct relay *relay, struct failure *why)
{
    switch (relay->job->mode) {
    case RELAY_STREAM:
        return relay_stream(relay, why);
    case RELAY_RAW:
        return relay_raw(relay, why);
    case RELAY_BUFFERED:
        break;
    }
    return relay_buffered(relay, why);
}

/* Returns the id of an answer that is not ready, or NULL for any other answer and for an id that is not safe
 * in a URL. */
static const char *pending_id(const struct upstream_answer *answer)
{
    const char *id = answer->head.status == 202 ? response_head_find(&answer->head, "nvcf-reqid") : NULL;
    bool is_valid = id && *id && strlen(id) < 128 && strspn(id, "0123456789abcdefABCDEF-") == strlen(id);
    return is_valid ? id : NULL;
}

static bool is_pending(const struct relay *relay, const struct failure *why)
{
    return why->source == SOURCE_PROVIDER && pending_id(relay->answer);
}

static bool poll_answer(struct relay *relay, struct failure *why)
{
    const struct relay_job *job = relay->job;
    struct upstream_request poll = *job->request;
    int64_t limit_ms = poll.limits.first_byte_ms;
    int64_t until_us = limit_ms ? relay->started_us + limit_ms * 1000 : INT64_MAX;
    poll.body_pieces = 0;
    poll.rest = NULL;
    do {
        poll.url = arena_format(job->arena, "%s/status/%s", job->base_url, pending_id(relay->answer));
        enum relay_event event = relay_wait(&relay->wait, POLL_PAUSE_US, why);
        if (event == RELAY_FAILED)
            return false;
        if (event == RELAY_CLIENT_GONE)
            return relay_client_left(relay);
        int64_t left_us = until_us - clock_monotonic_us();
        if (left_us <= 0)
            return fail(why, FAILURE_TIMEOUT, "the provider's answer was not ready in time");
        if (limit_ms)
            poll.limits.first_byte_ms = left_us / 1000 + 1;
        upstream_start(job->upstream, &poll);
        if (relay_answer(relay, why))
            return true;
    } while (is_pending(relay, why));
    return false;
}

bool relay_run(const struct relay_job *job, struct relay_result *result, struct failure *why)
{
    *result = (struct relay_result){.usage = token_usage_unknown()};
    upstream_start(job->upstream, job->request);
    struct relay relay = relay_open(job, result);
    return relay_answer(&relay, why) || (is_pending(&relay, why) && poll_answer(&relay, why));
}

enum relay_event relay_pause(const struct relay_job *job, struct relay_result *result, int64_t pause_ms,
                             struct failure *why)
{
    struct relay relay = relay_open(job, result);
    int64_t until_us = clock_monotonic_us() + pause_ms * 1000;
    upstream_stop(job->upstream);
    for (;;) {
        int64_t keepalive_us = job->mode == RELAY_STREAM ? client_stream_keepalive_due_us(&relay, 0)
                                                         : INT64_MAX;
        int64_t left_us = min_int64(keepalive_us, until_us) - clock_monotonic_us();
        enum relay_event event = relay_wait(&relay.wait, max_int64(left_us, 0), why);
        int64_t now_us = clock_monotonic_us();
        if (event == RELAY_TIMEOUT && now_us >= keepalive_us && now_us < until_us &&
            !client_stream_keepalive(&relay, NULL))
            event = RELAY_CLIENT_GONE;
        if (event == RELAY_CLIENT_GONE)
            result->end = END_CLIENT_GONE;
        if (event != RELAY_TIMEOUT || now_us >= until_us)
            return event;
    }
}

void relay_fail(const struct relay_job *job, struct relay_result *result, const struct failure *failure)
{
    struct relay relay = {.job = job, .result = result};
    client_stream_fail(&relay, NULL, failure);
}
