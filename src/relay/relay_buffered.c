/* An answer held to its end, looked at, and passed on in one piece. */
#include "relay/relay_buffered.h"

#include "config/settings.h"
#include "format/decimal.h"
#include "format/json.h"
#include "front/response.h"
#include "protocol/protocol.h"
#include "relay/relay_job.h"
#include "relay/relay_wait.h"
#include "upstream/upstream.h"
#include "usage/provider_json.h"
#include "usage/usage_read.h"

/* A provider's refusal counts even if its words are cut off or do not come. */
#define ERROR_PATIENCE_US (5 * 1000000)

void relay_answer(struct response *response, const struct response_headers *headers, const char *body,
                  size_t length)
{
    relay_answer_as(response, headers, 200, "application/json", body, length);
}

void relay_answer_as(struct response *response, const struct response_headers *headers, int status,
                     const char *type, const char *body, size_t length)
{
    char digits[DECIMAL_SIZE];
    decimal_write((int64_t)length, digits);
    response_begin(response, status);
    response_header(response, "Content-Type", type);
    response_header(response, "Content-Length", digits);
    response_headers_put(response, headers);
    response_send(response, body, length, FRONT_LAST);
}

struct provider_answer relay_given(const struct relay_job *job, const char *body, size_t length)
{
    const struct upstream_answer *answer = upstream_answer(job->upstream);
    return (struct provider_answer){
        .status = answer->head.status,
        .head = &answer->head,
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
    if (answer->head.status < 200 || answer->head.status > 299)
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
    struct protocol_context talk = {job->settings, &job->error_response, NULL, job->protocol_state};
    struct buffer words;
    buffer_init(&words, (size_t)job->settings->answer_max);
    bool whole = job->protocol->whole(&talk, answer, &job->usage, &words, why);
    if (whole)
        relay_answer(job->response, &job->headers, words.bytes, words.length);
    buffer_free(&words);
    return whole;
}

bool relay_pass(struct relay_job *job, struct failure *why)
{
    const struct upstream_answer *answer = upstream_answer(job->upstream);
    struct json_value root = {0};
    if (!judge(job, answer, &root, why)) {
        why->provider_status = answer->head.status;
        return false;
    }
    if (!job->protocol->whole)
        relay_answer(job->response, &job->headers, answer->body.bytes, answer->body.length);
    else if (!put_into_words(job, root, why))
        return false;
    job->end = job->response->broken ? END_CLIENT_GONE : END_COMPLETE;
    return true;
}

bool relay_buffered(struct relay_job *job, struct relay_wait *wait, struct failure *why)
{
    const struct upstream_answer *answer = upstream_answer(job->upstream);
    while (!answer->ended) {
        bool refused = answer->headers_done && answer->head.status >= 400;
        enum relay_event event = relay_wait(wait, refused ? ERROR_PATIENCE_US : -1, why);
        if (refused && (event == RELAY_FAILED || event == RELAY_TIMEOUT))
            return relay_pass(job, why);
        if (event == RELAY_FAILED)
            return false;
        if (event == RELAY_CLIENT_GONE) {
            job->end = END_CLIENT_GONE;
            return true;
        }
    }
    return relay_pass(job, why);
}
