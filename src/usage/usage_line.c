/* One line of the usage log: what is known of a request, in the contract's order and names. */
#include "usage/usage_line.h"

#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "format/decimal.h"
#include "format/json_write.h"
#include "usage/exchange_end.h"
#include "usage/price.h"

static void put_duration(struct json_writer *writer, const char *name, int64_t microseconds)
{
    char text[DECIMAL_SIZE];
    if (microseconds < 0)
        json_put_null(writer, name);
    else
        json_put_raw(writer, name, text, decimal_write_thousandths(microseconds, text));
}

static const char *reason_or_null(enum failure_reason reason)
{
    return reason == FAILURE_NONE ? NULL : failure_reason_name(reason);
}

static void put_attempts(struct json_writer *writer, const struct record *record)
{
    json_put_raw(writer, "attempts", "[", 1);
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = &record->attempts[i];
        writer->ok = writer->ok && (i == 0 || buffer_append(writer->buffer, ",", 1));
        struct json_writer inner = json_write_object(writer);
        json_put_string(&inner, "provider", attempt->provider);
        json_put_string(&inner, "model", attempt->model);
        json_put_count(&inner, "status", attempt->status ? attempt->status : -1);
        json_put_string(&inner, "reason", reason_or_null(attempt->reason));
        put_duration(&inner, "duration_ms", attempt->duration_us);
        json_write_end(&inner);
    }
    writer->ok = writer->ok && buffer_append(writer->buffer, "]", 1);
}

static void put_failure(struct json_writer *writer, const struct failure *failure)
{
    json_put_string(writer, "category", failure ? failure_category_name(failure->category) : NULL);
    json_put_string(writer, "reason", failure ? failure_reason_name(failure->reason) : NULL);
    if (failure)
        json_put_bool(writer, "retryable", failure->retryable);
    else
        json_put_null(writer, "retryable");
    json_put_string(writer, "source", failure ? failure_source_name(failure->source) : NULL);
}

static void put_usage(struct json_writer *writer, const struct token_usage *usage)
{
    json_put_count(writer, "prompt_tokens", usage->prompt);
    json_put_count(writer, "completion_tokens", usage->completion);
    json_put_count(writer, "total_tokens", usage->total);
    json_put_count(writer, "cached_tokens", usage->cached);
    json_put_count(writer, "reasoning_tokens", usage->reasoning);
    json_put_string(writer, "usage_source", usage_source_name(usage->source));
}

static void put_cost(struct json_writer *writer, int64_t cost)
{
    char text[COST_TEXT_SIZE];
    if (cost == COST_UNKNOWN) {
        json_put_null(writer, "cost_usd");
        return;
    }
    cost_format(cost, text);
    json_put_raw(writer, "cost_usd", text, strlen(text));
}

bool usage_line_begin(struct buffer *line, const char *id)
{
    struct json_writer writer = json_write_begin(line);
    json_put_string(&writer, "id", id);
    return writer.ok;
}

static void put_who(struct json_writer *writer, const struct exchange_facts *facts)
{
    char now[CLOCK_TEXT_SIZE];
    clock_format(facts->wall_us, now);
    json_put_string(writer, "id", facts->id);
    json_put_string(writer, "ts", now);
    json_put_string(writer, "request_id", facts->request_id);
    json_put_string(writer, "client", facts->client);
    json_put_string(writer, "run_id", facts->run_id);
    json_put_string(writer, "remote_addr", facts->remote_addr);
    json_put_string(writer, "endpoint", facts->endpoint);
    json_put_string(writer, "requested_model", facts->requested_model);
    json_put_string(writer, "provider", facts->provider);
    json_put_string(writer, "model", facts->model);
    json_put_bool(writer, "stream", facts->stream);
}

bool usage_line_put(struct buffer *line, const struct record *record)
{
    struct json_writer writer = json_write_begin(line);
    put_who(&writer, &record->facts);
    json_put_count(&writer, "status", record->status ? record->status : -1);
    json_put_count(&writer, "provider_status", record->provider_status ? record->provider_status : -1);
    put_failure(&writer, record->failure);
    json_put_string(&writer, "end", exchange_end_name(record->end));
    put_attempts(&writer, record);
    put_usage(&writer, &record->facts.usage);
    put_cost(&writer, record->facts.cost);
    json_put_count(&writer, "bytes_in", record->bytes_in);
    json_put_count(&writer, "bytes_out", record->bytes_out);
    put_duration(&writer, "connect_ms", record->connect_us);
    put_duration(&writer, "ttfb_ms", record->ttfb_us);
    put_duration(&writer, "duration_ms", record->facts.duration_us);
    json_put_string(&writer, "trace_id", record->facts.trace_id);
    json_put_string(&writer, "span_id", record->facts.span_id);
    json_put_count(&writer, "pid", record->pid);
    json_write_end(&writer);
    return writer.ok && buffer_append(line, "\n", 1);
}
