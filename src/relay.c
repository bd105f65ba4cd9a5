/* A provider's answer to the client: whole or streamed, or with its failure said. */
#include "relay.h"

#include "relay_job.h"
#include "relay_stream.h"
#include "relay_whole.h"
#include "reply.h"
#include "upstream.h"
#include "watch.h"

bool relay_run(struct relay_job *job, const struct upstream_request *request, struct failure *why)
{
    job->usage = usage_unknown();
    job->failure.reason = FAILURE_NONE;
    job->heading.answer = upstream_answer(job->upstream);
    upstream_start(job->upstream, request);
    struct watch watch = watch_open(job->upstream, job->reply->front, job->stop);
    return job->stream ? relay_stream(job, &watch, why) : relay_whole(job, &watch, why);
}
