/* A provider's answer to the client: whole or streamed, or with its failure said.
 *
 * NVIDIA's front may answer 202 with the id under which the real answer can be asked for (NVCF, "Polling").
 * That is part of waiting for the first byte: it is asked for until it is there, the client leaves or that
 * time is over. */
#include "relay/relay.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "front/response.h"
#include "relay/relay_buffered.h"
#include "relay/relay_job.h"
#include "relay/relay_raw.h"
#include "relay/relay_stream.h"
#include "relay/relay_wait.h"
#include "upstream/upstream.h"

#define POLL_PAUSE_US 500000

/* The id of an answer that is not ready, NULL for any other answer, or an id that does not belong into a URL.
 */
static const char *pending_id(const struct upstream_answer *answer)
{
    const char *id = answer->head.status == 202 ? response_head_find(&answer->head, "nvcf-reqid") : NULL;
    bool sane = id && *id && strlen(id) < 128 && strspn(id, "0123456789abcdefABCDEF-") == strlen(id);
    return sane ? id : NULL;
}

static bool relay_once(struct relay_job *job, struct relay_wait *wait, struct failure *why)
{
    if (job->raw)
        return relay_raw(job, wait, why);
    return job->stream ? relay_stream(job, wait, why) : relay_buffered(job, wait, why);
}

/* Asks for the pending answer once; false with the time's end, the client's leaving or the provider's failure
 * in `why`. */
static bool poll_once(struct relay_job *job, struct relay_wait *wait, struct upstream_request *poll,
                      int64_t until_us, struct failure *why)
{
    const char *id = pending_id(upstream_answer(job->upstream));
    poll->url = arena_format(job->arena, "%s/status/%s", job->base_url, id);
    enum relay_event event = relay_wait(wait, POLL_PAUSE_US, why);
    if (event == RELAY_FAILED)
        return false;
    if (event == RELAY_CLIENT_GONE) {
        job->end = END_CLIENT_GONE;
        return true;
    }
    int64_t left_us = until_us - clock_monotonic_us();
    if (left_us <= 0)
        return fail(why, FAILURE_TIMEOUT, "the provider's answer was not ready in time");
    if (poll->limits.first_byte_ms)
        poll->limits.first_byte_ms = left_us / 1000 + 1;
    upstream_start(job->upstream, poll);
    return relay_once(job, wait, why);
}

bool relay_run(struct relay_job *job, const struct upstream_request *request, struct failure *why)
{
    const struct upstream_answer *answer = upstream_answer(job->upstream);
    int64_t limit_ms = request->limits.first_byte_ms;
    job->started_us = clock_monotonic_us();
    int64_t until_us = limit_ms ? job->started_us + limit_ms * 1000 : INT64_MAX;
    job->usage = usage_unknown();
    job->characters = 0;
    job->failure.reason = FAILURE_NONE;
    job->headers.head = &answer->head;
    upstream_start(job->upstream, request);
    struct relay_wait wait = relay_wait_open(job->upstream, job->response->front, job->stop);
    bool answered = relay_once(job, &wait, why);
    struct upstream_request poll = *request;
    poll.body_pieces = 0;
    poll.rest = NULL;
    while (!answered && why->source == SOURCE_PROVIDER && pending_id(answer))
        answered = poll_once(job, &wait, &poll, until_us, why);
    return answered;
}
