/* GET /status?json: the status page for programs. */
#include "pages/status_json.h"

#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/money.h"
#include "config/settings_types.h"
#include "format/json_write.h"
#include "pages/status_facts.h"

#define HOUR_US INT64_C(3600000000)

static void put_money(struct json_writer *writer, const char *name, int64_t billionths)
{
    char text[MONEY_TEXT_SIZE];
    money_print(billionths, text);
    json_put_raw(writer, name, text, strlen(text));
}

static void put_limit(struct json_writer *writer, const char *name, int64_t billionths)
{
    if (billionths)
        put_money(writer, name, billionths);
    else
        json_put_null(writer, name);
}

static void put_time(struct json_writer *writer, const char *name, int64_t wall_us)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format(wall_us, text);
    json_put_string(writer, name, text);
}

/* Begins the next object of a list. */
static struct json_writer begin_item(struct json_writer *list, size_t index)
{
    list->ok = list->ok && (index == 0 || buffer_append(list->buffer, ",\n", 2));
    return json_write_object(list);
}

static void open_list(struct json_writer *writer, const char *name)
{
    json_put_raw(writer, name, "[", 1);
}

static void close_list(struct json_writer *writer)
{
    writer->ok = writer->ok && buffer_append(writer->buffer, "]", 1);
}

static void put_pool(struct json_writer *writer, const struct pool_facts *pool)
{
    struct json_writer inner = json_put_object(writer, "pool");
    json_put_count(&inner, "workers", pool->workers);
    json_put_count(&inner, "idle", pool->idle);
    json_put_count(&inner, "busy", pool->busy);
    json_put_count(&inner, "max_workers", pool->max_workers);
    json_put_count(&inner, "generation", pool->generation);
    json_put_count(&inner, "requests", pool->requests);
    json_put_count(&inner, "max_requests", (int64_t)pool->max_requests);
    json_put_count(&inner, "loop_lag_us", pool->loop_lag_us);
    json_write_end(&inner);
}

static void put_workers(struct json_writer *writer, const struct status_facts *facts)
{
    open_list(writer, "workers");
    for (size_t i = 0; i < facts->worker_count; i++) {
        struct json_writer item = begin_item(writer, i);
        json_put_count(&item, "number", (int64_t)facts->workers[i].number);
        json_put_count(&item, "requests", facts->workers[i].requests);
        json_put_count(&item, "served", (int64_t)facts->workers[i].served);
        json_put_count(&item, "loop_lag_us", facts->workers[i].loop_lag_us);
        json_write_end(&item);
    }
    close_list(writer);
}

static void put_reasons(struct json_writer *writer, const struct series *series)
{
    struct json_writer inner = json_put_object(writer, "reasons");
    for (enum failure_reason reason = FAILURE_NONE + 1; reason < FAILURE_REASONS; reason++) {
        int64_t count = series_errors(series, reason);
        if (count)
            json_put_count(&inner, failure_reason_name(reason), count);
    }
    json_write_end(&inner);
}

static void put_series(struct json_writer *writer, const struct series *series)
{
    json_put_count(writer, "requests", series->requests);
    json_put_count(writer, "errors", series->errors);
    put_reasons(writer, series);
    json_put_count(writer, "prompt_tokens", series->prompt_tokens);
    json_put_count(writer, "completion_tokens", series->completion_tokens);
    if (series_is_priced(series))
        put_money(writer, "cost_usd", series->cost);
    else
        json_put_null(writer, "cost_usd");
    json_put_count(writer, "unpriced_requests", series->unpriced);
    json_put_count(writer, "p50_ms", series_percentile_ms(series, 0.5));
    json_put_count(writer, "p95_ms", series_percentile_ms(series, 0.95));
}

static const char *name_or_null(const char *name)
{
    return *name ? name : NULL;
}

static void put_day(struct json_writer *writer, const struct status_facts *facts)
{
    open_list(writer, "last_24h");
    for (size_t i = 0; i < facts->day.count; i++) {
        const struct series_row *row = &facts->day.rows[i];
        struct json_writer item = begin_item(writer, i);
        json_put_string(&item, "client", name_or_null(row->client));
        json_put_string(&item, "provider", name_or_null(row->provider));
        json_put_string(&item, "model", name_or_null(row->model));
        put_series(&item, &row->series);
        json_write_end(&item);
    }
    close_list(writer);
}

static void put_hours(struct json_writer *writer, const struct status_facts *facts)
{
    int64_t first = facts->now_us / HOUR_US - STATUS_HOURS + 1;
    open_list(writer, "hours");
    for (size_t i = 0; i < STATUS_HOURS; i++) {
        struct json_writer item = begin_item(writer, i);
        put_time(&item, "from", (first + (int64_t)i) * HOUR_US);
        put_series(&item, &facts->hours[i]);
        json_write_end(&item);
    }
    close_list(writer);
}

/* A sum of 0 is unknown if there were requests without a price. */
static void put_spent(struct json_writer *writer, const char *name, int64_t spent, int64_t unpriced)
{
    if (spent || !unpriced)
        put_money(writer, name, spent);
    else
        json_put_null(writer, name);
}

static void put_clients(struct json_writer *writer, const struct status_facts *facts)
{
    open_list(writer, "clients");
    for (size_t i = 0; i < facts->client_count; i++) {
        const struct client_account *account = &facts->clients[i].account;
        const struct client_limits *limits = &facts->clients[i].client->limits;
        struct json_writer item = begin_item(writer, i);
        json_put_string(&item, "name", facts->clients[i].client->name);
        json_put_count(&item, "concurrent", account->concurrent);
        put_money(&item, "reserved_usd", account->reserved);
        int64_t unpriced = facts->clients[i].unpriced;
        put_spent(&item, "spent_usd_day", account->spent_day, unpriced);
        put_spent(&item, "spent_usd_month", account->spent_month, unpriced);
        put_spent(&item, "spent_usd_total", account->spent_total, unpriced);
        json_put_count(&item, "unpriced_requests", unpriced);
        put_limit(&item, "limit_usd_day", limits->usd_per_day);
        put_limit(&item, "limit_usd_month", limits->usd_per_month);
        put_limit(&item, "limit_usd_total", limits->usd_total);
        json_write_end(&item);
    }
    close_list(writer);
}

static void put_providers(struct json_writer *writer, const struct status_facts *facts)
{
    open_list(writer, "providers");
    for (size_t i = 0; i < facts->provider_count; i++) {
        const struct status_provider *provider = &facts->providers[i];
        struct json_writer item = begin_item(writer, i);
        json_put_string(&item, "name", provider->name);
        json_put_bool(&item, "open", provider->open_ms > 0);
        json_put_count(&item, "open_ms", provider->open_ms);
        json_put_count(&item, "cool_ms", provider->cool_ms);
        json_put_count(&item, "failures", provider->failures);
        json_write_end(&item);
    }
    close_list(writer);
}

bool status_json_put(const struct status_facts *facts, struct buffer *body)
{
    struct json_writer writer = json_write_begin(body);
    json_put_string(&writer, "version", PACKAGE_VERSION);
    json_put_string(&writer, "way", facts->mode);
    put_time(&writer, "ts", facts->now_us);
    if (facts->has_pool) {
        put_pool(&writer, &facts->pool);
        put_workers(&writer, facts);
    }
    json_put_string(&writer, "ledger_fault", facts->ledger_fault);
    json_put_string(&writer, "usage_log_fault", facts->log_fault);
    json_put_count(&writer, "records_waiting", facts->waiting);
    json_put_count(&writer, "records_lost", facts->lost);
    put_providers(&writer, facts);
    put_clients(&writer, facts);
    put_hours(&writer, facts);
    put_day(&writer, facts);
    json_write_end(&writer);
    return writer.ok;
}
