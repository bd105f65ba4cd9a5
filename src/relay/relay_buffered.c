/* Waits for a complete answer, checks it, and sends it in one piece. */
#include <string.h>
#include <strings.h>

#include "config/settings.h"
#include "format/decimal.h"
#include "format/json.h"
#include "front/response.h"
#include "protocol/protocol.h"
#include "relay/raw_meter.h"
#include "relay/relay_internal.h"
#include "upstream/upstream.h"
#include "usage/answer_estimate.h"
#include "usage/exchange_end.h"
#include "usage/provider_json.h"
#include "usage/token_usage.h"

/* An error status is valid even if its body is cut off or never comes. */
#define ERROR_BODY_WAIT_US (5 * 1000000)

void relay_send_body(struct response *response, const struct response_headers *headers, int status,
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

static void send_json(const struct relay_job *job, const struct buffer *body)
{
    struct response_headers headers = job->headers;
    if (job->cost)
        headers.cost = job->cost(job->context);
    relay_send_body(job->response, &headers, 200, "application/json", body->bytes, body->length);
}

struct provider_answer relay_provider_answer(const struct relay *relay, const char *body, size_t length)
{
    return (struct provider_answer){
        .status = relay->answer->head.status,
        .head = &relay->answer->head,
        .body = {body, length},
        .provider = relay->job->provider,
        .secrets = relay->job->secrets,
    };
}

static bool map_failure(const struct relay *relay, struct failure *why)
{
    const struct buffer *body = &relay->answer->body;
    struct provider_answer answer = relay_provider_answer(relay, body->bytes, body->length);
    return failure_map(why, &answer);
}

/* libcurl does not notice that the coded bytes end too soon. */
bool relay_fail_by_coding(const struct relay *relay, struct failure *why)
{
    const char *coding = response_head_find(&relay->answer->head, "Content-Encoding");
    if (!coding || !*coding || strcasecmp(coding, "identity") == 0)
        return false;
    fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is cut off or damaged (content encoding: %.64s)",
         coding);
    return true;
}

/* A provider that answers a buffered request by a stream, by plain text or by half an answer bills it. A page
 * has nothing that a model generated. */
static void measure_other(struct relay *relay)
{
    const struct buffer *body = &relay->answer->body;
    static const char *const beginnings[] = {"data:", "event:", "id:", ":"};
    struct raw_meter meter;
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (body->length > 6 && memcmp(body->bytes, beginnings[i], strlen(beginnings[i])) == 0) {
            raw_meter_open(&meter, EVENT_STREAM_TYPE, (size_t)relay->job->settings->event_max);
            raw_meter_take(&meter, body->bytes, body->length);
            relay->result->usage = meter.usage;
            relay->result->characters = meter.characters;
            raw_meter_close(&meter);
            return;
        }
    if (*body->bytes != '<')
        relay_note_part(relay);
}

/* A 2xx of no known form may still report an error in words, or be a page with a title. Otherwise the failure
 * is `other`. Always returns false. */
static bool fail_by_words(const struct relay *relay, const struct failure *other, struct failure *why)
{
    map_failure(relay, why);
    if (why->reason == FAILURE_BAD_RESPONSE && *relay->answer->body.bytes != '<')
        *why = *other;
    return false;
}

void relay_skip_mark(struct buffer *body)
{
    if (body->length >= 3 && memcmp(body->bytes, "\xef\xbb\xbf", 3) == 0)
        buffer_consume(body, 3);
}

bool relay_check(struct relay *relay, struct json_value *root, struct failure *why)
{
    struct upstream_answer *answer = relay->answer;
    relay_skip_mark(&answer->body);
    struct json_value body = {answer->body.bytes, answer->body.length};
    struct json_fault fault;
    struct failure other;
    if (answer->head.status < 200 || answer->head.status > 299)
        return map_failure(relay, why);
    if (body.length == 0)
        return !relay_fail_by_coding(relay, why) &&
               fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is empty");
    if (!json_check(body, JSON_DEPTH_MAX, JSON_UTF8_ANY, root, &fault)) {
        measure_other(relay);
        if (!relay_fail_by_coding(relay, &other))
            fail(&other, FAILURE_BAD_RESPONSE, "the provider's answer is not JSON: %s at byte %zu",
                 fault.what, fault.offset);
        return fail_by_words(relay, &other, why);
    }
    struct provider_json parsed = provider_json_read(*root);
    token_usage_read(&parsed, &relay->result->usage); /* an error under a 2xx may have been billed */
    if (provider_json_is_error(&parsed) || provider_json_has_failed_choice(&parsed))
        return map_failure(relay, why);
    bool (*is_answer)(struct json_value) = relay->job->protocol->is_answer;
    if ((relay->job->needs_choices && !provider_json_has_choices(&parsed)) ||
        (is_answer && !is_answer(*root))) {
        fail(&other, FAILURE_BAD_RESPONSE, "the provider's answer has no %s",
             is_answer ? "content" : "choices");
        return fail_by_words(relay, &other, why);
    }
    if (!token_usage_is_whole(&relay->result->usage))
        relay->result->characters = answer_characters(*root);
    return true;
}

/* Sends the answer to a client whose protocol differs from the provider's. */
static bool send_translated(const struct relay *relay, struct json_value answer, struct failure *why)
{
    const struct relay_job *job = relay->job;
    struct protocol_context context = {job->settings, &job->error_response, NULL, job->protocol_state};
    struct buffer body;
    buffer_init(&body, (size_t)job->settings->answer_max);
    bool translated = job->protocol->buffered(&context, answer, &relay->result->usage, &body, why);
    if (translated)
        send_json(job, &body);
    buffer_free(&body);
    return translated;
}

bool relay_finish_buffered(struct relay *relay, struct failure *why)
{
    const struct relay_job *job = relay->job;
    struct json_value root = {0};
    if (!relay_check(relay, &root, why)) {
        why->provider_status = relay->answer->head.status;
        return false;
    }
    if (!job->protocol->buffered)
        send_json(job, &relay->answer->body);
    else if (!send_translated(relay, root, why))
        return false;
    relay->result->end = job->response->broken ? END_CLIENT_GONE : END_COMPLETE;
    return true;
}

void relay_note_part(struct relay *relay)
{
    const struct upstream_answer *answer = relay->answer;
    if (answer->head.status >= 200 && answer->head.status <= 299)
        relay->result->characters = (int64_t)answer->body.length;
}

bool relay_buffered(struct relay *relay, struct failure *why)
{
    const struct upstream_answer *answer = relay->answer;
    while (!answer->ended) {
        bool is_error = answer->headers_done && answer->head.status >= 400;
        switch (relay_wait(&relay->wait, is_error ? ERROR_BODY_WAIT_US : -1, why)) {
        case RELAY_PROGRESS:
            break;
        case RELAY_TIMEOUT:
            if (is_error)
                return relay_finish_buffered(relay, why);
            break;
        case RELAY_FAILED:
            relay_note_part(relay);
            return is_error && relay_finish_buffered(relay, why);
        case RELAY_CLIENT_GONE:
            relay_note_part(relay);
            return relay_client_left(relay);
        }
    }
    return relay_finish_buffered(relay, why);
}
