/* The one error body (contract, section 4): what a failed request looks like to its client. */
#include "refusal.h"

#include <stdio.h>

#include "buffer.h"
#include "failure.h"
#include "json_write.h"
#include "reply.h"

#define BODY_MAX 65536

static const char *word_or_null(const char *word)
{
    return *word ? word : NULL;
}

static void put_context(struct json_writer *writer, const struct refusal *refusal)
{
    if (!refusal->base_url) {
        json_put_null(writer, "provider_context");
        return;
    }
    json_put_name(writer, "provider_context");
    struct json_writer inner = json_write_begin(writer->buffer);
    json_put_string(&inner, "base_url", refusal->base_url);
    json_write_end(&inner);
}

void refusal_put(struct json_writer *writer, const struct refusal *refusal)
{
    const struct failure *failure = refusal->failure;
    json_put_name(writer, "error");
    struct json_writer inner = json_write_begin(writer->buffer);
    json_put_string(&inner, "message", failure->message);
    json_put_string(&inner, "type", word_or_null(failure->type));
    json_put_string(&inner, "param", word_or_null(failure->param));
    json_put_string(&inner, "code", word_or_null(failure->code));
    json_put_string(&inner, "category", failure_category_name(failure->category));
    json_put_string(&inner, "reason", failure_reason_name(failure->reason));
    json_put_bool(&inner, "retryable", failure->retryable);
    json_put_string(&inner, "source", failure_source_name(failure->source));
    json_put_string(&inner, "provider", refusal->provider);
    json_put_count(&inner, "provider_status", failure->provider_status ? failure->provider_status : -1);
    put_context(&inner, refusal);
    json_put_string(&inner, "model", refusal->model);
    json_put_count(&inner, "attempts", (int64_t)refusal->attempts);
    json_put_string(&inner, "request_id", refusal->request_id);
    json_write_end(&inner);
    writer->whole = writer->whole && inner.whole;
}

void refusal_headers(struct reply *reply, const struct failure *failure)
{
    reply_header(reply, "X-Penstock-Error-Source", failure_source_name(failure->source));
    reply_header(reply, "x-should-retry", failure->retryable ? "true" : "false");
    if (failure->retryable && failure->retry_after_ms >= 0) {
        char seconds[24];
        snprintf(seconds, sizeof seconds, "%lld", (long long)(failure->retry_after_ms + 999) / 1000);
        reply_header(reply, "Retry-After", seconds);
    }
}

void refusal_send(struct reply *reply, const struct refusal *refusal)
{
    struct buffer body;
    buffer_init(&body, BODY_MAX);
    struct json_writer writer = json_write_begin(&body);
    refusal_put(&writer, refusal);
    json_write_end(&writer);
    char length[24];
    snprintf(length, sizeof length, "%zu", body.length);
    reply_begin(reply, refusal->failure->status);
    reply_header(reply, "Content-Type", "application/json");
    reply_header(reply, "Content-Length", length);
    refusal_headers(reply, refusal->failure);
    reply_send(reply, body.bytes, body.length, FRONT_LAST);
    buffer_free(&body);
}
