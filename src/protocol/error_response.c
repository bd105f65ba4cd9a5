/* Writes the error body and sends the response of a failed request (contract, section 4). */
#include "protocol/error_response.h"

#include <stdio.h>

#include "base/buffer.h"
#include "base/failure.h"
#include "errors/redact.h"
#include "format/json_write.h"
#include "front/response.h"
#include "protocol/response_headers.h"

#define BODY_MAX 65536
#define RETRY_DELAY_MAX_MS 60000 /* contract, section 4 */
#define NO_ANSWER_STATUS 500

static const char *word_or_null(const char *word)
{
    return *word ? word : NULL;
}

/* Redacts the message a last time, so that no secret reaches the client. */
static void put_message(struct json_writer *writer, const char *name, const char *text,
                        const struct error_response *error_response)
{
    char message[FAILURE_MESSAGE_SIZE];
    snprintf(message, sizeof message, "%s", text);
    redact(message, sizeof message, &error_response->secrets);
    json_put_string(writer, name, message);
}

static void put_provider_status(struct json_writer *writer, const struct failure *failure)
{
    json_put_count(writer, "provider_status", failure->provider_status ? failure->provider_status : -1);
}

static void put_context(struct json_writer *writer, const struct error_response *error_response)
{
    if (!error_response->base_url) {
        json_put_null(writer, "provider_context");
        return;
    }
    struct json_writer inner = json_put_object(writer, "provider_context");
    json_put_string(&inner, "base_url", error_response->base_url);
    json_write_end(&inner);
}

/* Clients of the older system are promised a number: there a failure without an answer was a 500, and every
 * other failure had the status of its response. */
static void put_promised_status(struct json_writer *writer, const struct failure *failure)
{
    int status = failure->provider_status            ? failure->provider_status
                 : failure->source == SOURCE_GATEWAY ? failure->status
                                                     : NO_ANSWER_STATUS;
    json_put_count(writer, "provider_status", status);
}

/* Writes the six fields that clients of NeMo Gym's inference provider read (the provider's error contract).
 */
static void put_detail(struct json_writer *writer, const struct error_response *error_response)
{
    struct json_writer inner = json_put_object(writer, "detail");
    put_promised_status(&inner, error_response->failure);
    json_put_bool(&inner, "retryable", error_response->failure->retryable);
    put_context(&inner, error_response);
    json_put_string(&inner, "model", error_response->model);
    json_put_string(&inner, "category", failure_category_name(error_response->failure->category));
    put_message(&inner, "message", error_response->failure->message, error_response);
    json_write_end(&inner);
}

void error_response_put_error(struct json_writer *writer, const struct error_response *error_response,
                              const char *type, const char *message)
{
    const struct failure *failure = error_response->failure;
    struct json_writer inner = json_put_object(writer, "error");
    put_message(&inner, "message", message, error_response);
    json_put_string(&inner, "type", word_or_null(type));
    json_put_string(&inner, "param", word_or_null(failure->param));
    json_put_string(&inner, "code", word_or_null(failure->code));
    json_put_string(&inner, "category", failure_category_name(failure->category));
    json_put_string(&inner, "reason", failure_reason_name(failure->reason));
    json_put_bool(&inner, "retryable", failure->retryable);
    json_put_string(&inner, "source", failure_source_name(failure->source));
    json_put_string(&inner, "provider", error_response->provider);
    put_provider_status(&inner, failure);
    put_context(&inner, error_response);
    json_put_string(&inner, "model", error_response->model);
    json_put_count(&inner, "attempts", (int64_t)error_response->attempts);
    json_put_string(&inner, "request_id", error_response->request_id);
    json_write_end(&inner);
}

void error_response_put(struct json_writer *writer, const struct error_response *error_response)
{
    error_response_put_error(writer, error_response, error_response->failure->type,
                             error_response->failure->message);
    if (error_response->detail == DETAIL_SENTENCE && error_response->sentence)
        json_put_string(writer, "detail", error_response->sentence);
    else if (error_response->detail == DETAIL_SENTENCE)
        put_message(writer, "detail", error_response->failure->message, error_response);
    if (error_response->detail == DETAIL_FIELDS)
        put_detail(writer, error_response);
}

static int status_of(const struct error_response *error_response)
{
    const struct failure *failure = error_response->failure;
    bool key_refused = failure->source == SOURCE_PROVIDER &&
                       (failure->status == 401 || failure->status == 403);
    return key_refused && error_response->auth_status ? error_response->auth_status : failure->status;
}

/* Adds the headers that report the failure and whether to retry. OpenAI's SDKs obey x-should-retry, and sleep
 * for the delay, so a long delay must not be waited for. */
static void put_retry_headers(struct response *response, const struct failure *failure)
{
    response_header(response, "X-Penstock-Error-Source", failure_source_name(failure->source));
    bool soon = failure->retryable && failure->retry_after_ms <= RETRY_DELAY_MAX_MS;
    response_header(response, "x-should-retry", soon ? "true" : "false");
    /* The gateway's own delay is sent even for a permanent failure. */
    bool is_own = failure->source == SOURCE_GATEWAY;
    if (failure->retry_after_ms < 0 || (!failure->retryable && !is_own))
        return;
    char delay[24];
    snprintf(delay, sizeof delay, "%lld", (long long)(failure->retry_after_ms + 999) / 1000);
    response_header(response, "Retry-After", delay);
    snprintf(delay, sizeof delay, "%lld", (long long)failure->retry_after_ms);
    if (failure->retry_after_ms % 1000)
        response_header(response, "retry-after-ms", delay); /* OpenAI's SDKs prefer it */
}

void error_response_send(struct response *response, const struct error_response *error_response,
                         const struct response_headers *headers)
{
    struct buffer body;
    buffer_init(&body, BODY_MAX);
    struct json_writer writer = json_write_begin(&body);
    (error_response->put ? error_response->put : error_response_put)(&writer, error_response);
    json_write_end(&writer);
    char length[24];
    snprintf(length, sizeof length, "%zu", body.length);
    response_begin(response, status_of(error_response));
    response_header(response, "Content-Type", "application/json");
    response_header(response, "Content-Length", length);
    put_retry_headers(response, error_response->failure);
    if (headers)
        response_headers_put(response, headers);
    response_send(response, body.bytes, body.length, FRONT_LAST);
    buffer_free(&body);
}
