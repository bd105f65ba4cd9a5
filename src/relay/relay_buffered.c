/* An answer held to its end, looked at, and passed on in one piece. */
#include "relay/relay_buffered.h"

#include "base/decimal.h"
#include "config/settings.h"
#include "format/json.h"
#include "front/response.h"
#include "protocol/protocol.h"
#include "relay/relay_job.h"
#include "relay/wait.h"
#include "upstream/upstream.h"
#include "usage/answer.h"
#include "usage/usage_read.h"

/* A provider's refusal counts even if its words are cut off or do not come. */
#define ERROR_PATIENCE_US (5 * 1000000)

void relay_answer(struct reply *reply, const struct heading *heading, const char *body, size_t length)
{
    relay_answer_as(reply, heading, 200, "application/json", body, length);
}

void relay_answer_as(struct reply *reply, const struct heading *heading, int status, const char *type,
                     const char *body, size_t length)
{
    char digits[DECIMAL_SIZE];
    decimal_write((int64_t)length, digits);
    reply_begin(reply, status);
    reply_header(reply, "Content-Type", type);
    reply_header(reply, "Content-Length", digits);
    heading_put(reply, heading);
    reply_send(reply, body, length, FRONT_LAST);
}

struct provider_answer relay_given(const struct relay_job *job, const char *body, size_t length)
{
    const struct upstream_answer *answer = upstream_answer(job->upstream);
    return (struct provider_answer){
        .status = answer->status,
        .headers = answer,
        .body = {body, length},
        .provider = job->provider,
        .secrets = job->secrets,
    };
}

static bool explain(const struct relay_job *job, struct failure *why)
{
    const struct buffer *body = &upstream_answer(job->upstream)->body;
    struct provider_answer given = relay_given(job, body->bytes, body->length);
    return failure_map(why, &given);
}

/* A 2xx is an answer only if it is JSON with no error in it. */
static bool judge(struct relay_job *job, const struct upstream_answer *answer, struct json_value *root,
                  struct failure *why)
{
    struct json_value body = {answer->body.bytes, answer->body.length};
    struct json_fault fault;
    if (answer->status < 200 || answer->status > 299)
        return explain(job, why);
    if (body.length == 0)
        return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is empty");
    if (!json_check(body, JSON_DEPTH_MAX, JSON_UTF8_ANY, root, &fault))
        return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is not JSON: %s at byte %zu",
                    fault.what, fault.offset);
    struct answer said = answer_read(*root);
    if (answer_is_error(&said))
        return explain(job, why);
    if (job->completion && !answer_has_choices(&said))
        return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer has no choices");
    usage_read(&said, &job->usage);
    return true;
}

/* The answer as the client's protocol has it. */
static bool put_into_words(struct relay_job *job, struct json_value answer, struct failure *why)
{
    struct protocol_talk talk = {job->settings, &job->refusal, NULL, job->protocol_state};
    struct buffer words;
    buffer_init(&words, (size_t)job->settings->answer_max);
    bool whole = job->protocol->whole(&talk, answer, &job->usage, &words, why);
    if (whole)
        relay_answer(job->reply, &job->heading, words.bytes, words.length);
    buffer_free(&words);
    return whole;
}

bool relay_pass(struct relay_job *job, struct failure *why)
{
    const struct upstream_answer *answer = upstream_answer(job->upstream);
    struct json_value root = {0};
    if (!judge(job, answer, &root, why)) {
        why->provider_status = answer->status;
        return false;
    }
    if (!job->protocol->whole)
        relay_answer(job->reply, &job->heading, answer->body.bytes, answer->body.length);
    else if (!put_into_words(job, root, why))
        return false;
    job->end = job->reply->broken ? END_CLIENT_GONE : END_COMPLETE;
    return true;
}

bool relay_whole(struct relay_job *job, struct watch *watch, struct failure *why)
{
    const struct upstream_answer *answer = upstream_answer(job->upstream);
    while (!answer->ended) {
        bool refused = answer->headers_done && answer->status >= 400;
        enum watch_event event = watch_wait(watch, refused ? ERROR_PATIENCE_US : -1, why);
        if (refused && (event == WATCH_FAILED || event == WATCH_QUIET))
            return relay_pass(job, why);
        if (event == WATCH_FAILED)
            return false;
        if (event == WATCH_GONE) {
            job->end = END_CLIENT_GONE;
            return true;
        }
    }
    return relay_pass(job, why);
}
