/* GET /metrics: the text format of Prometheus, version 0.0.4.
 *
 * The counters are in the ledger: they survive processes, and all processes of the host share them. All
 * samples of a name follow its TYPE line, as the format requires. */
#include "pages/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/money.h"
#include "base/utf8.h"
#include "config/settings_types.h"
#include "pages/status_facts.h"

#define LABELS_MAX 4096 /* three names of up to 128 bytes, each byte possibly escaped */

struct writer {
    struct buffer *body;
    bool fits;
};

static void put(struct writer *writer, const char *text)
{
    writer->fits = writer->fits && buffer_append(writer->body, text, strlen(text));
}

/* Writes the value of a label, escaped as the format requires. Invalid UTF-8 and control characters become
 * '?'. */
static void put_value(struct writer *writer, const char *text)
{
    size_t left = strlen(text);
    while (left && writer->fits) {
        size_t length = utf8_length(text, left);
        const char *escape = *text == '"' ? "\\\"" : *text == '\\' ? "\\\\" : NULL;
        if (escape)
            put(writer, escape);
        else if (!length || (unsigned char)*text < ' ' || *text == 0x7f)
            put(writer, "?");
        else
            writer->fits = buffer_append(writer->body, text, length);
        length = length ? length : 1;
        text += length;
        left -= length;
    }
}

static void put_label(struct writer *writer, const char *glue, const char *name, const char *value)
{
    put(writer, glue);
    put(writer, name);
    put(writer, "=\"");
    put_value(writer, value);
    put(writer, "\"");
}

static void put_number(struct writer *writer, int64_t number)
{
    writer->fits = writer->fits && buffer_format(writer->body, " %" PRId64 "\n", number);
}

static void put_money(struct writer *writer, int64_t billionths)
{
    char text[MONEY_TEXT_SIZE];
    money_print(billionths, text);
    writer->fits = writer->fits && buffer_format(writer->body, " %s\n", text);
}

static void begin_family(struct writer *writer, const char *name, const char *type, const char *help)
{
    writer->fits = writer->fits &&
                   buffer_format(writer->body, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* ---- this host ---- */

static void put_gauge(struct writer *writer, const char *name, const char *help, int64_t value)
{
    begin_family(writer, name, "gauge", help);
    put(writer, name);
    put_number(writer, value);
}

static void put_seconds(struct writer *writer, int64_t us)
{
    writer->fits = writer->fits && buffer_format(writer->body, " %.6f\n", (double)us / 1e6);
}

static void put_worker(struct writer *writer, const char *name, const struct pool_worker *worker)
{
    writer->fits = writer->fits && buffer_format(writer->body, "%s{worker=\"%zu\"}", name, worker->number);
}

static void put_workers(struct writer *writer, const struct status_facts *facts)
{
    static const char running[] = "penstock_worker_requests", served[] = "penstock_worker_requests_total",
                      lag[] = "penstock_worker_loop_lag_seconds";
    begin_family(writer, running, "gauge", "Requests that the worker serves.");
    for (size_t i = 0; i < facts->worker_count; i++) {
        put_worker(writer, running, &facts->workers[i]);
        put_number(writer, facts->workers[i].requests);
    }
    begin_family(writer, served, "counter", "Requests that the worker has served since it was started.");
    for (size_t i = 0; i < facts->worker_count; i++) {
        put_worker(writer, served, &facts->workers[i]);
        put_number(writer, (int64_t)facts->workers[i].served);
    }
    begin_family(
        writer, lag, "gauge",
        "Longest time in the last minute for which one request kept the others of the worker waiting.");
    for (size_t i = 0; i < facts->worker_count; i++) {
        put_worker(writer, lag, &facts->workers[i]);
        put_seconds(writer, facts->workers[i].loop_lag_us);
    }
}

static void put_pool(struct writer *writer, const struct status_facts *facts)
{
    const struct pool_facts *pool = &facts->pool;
    put_gauge(writer, "penstock_workers_busy", "Workers that serve a request.", pool->busy);
    put_gauge(writer, "penstock_workers_idle", "Workers that wait for a request.", pool->idle);
    put_gauge(writer, "penstock_workers_max", "Maximum number of workers.", pool->max_workers);
    put_gauge(writer, "penstock_generation", "Number of times the settings have been read.",
              pool->generation);
    put_gauge(writer, "penstock_requests_running", "Requests that the workers serve.", pool->requests);
    put_gauge(writer, "penstock_requests_max", "Requests that the most workers can serve at a time.",
              (int64_t)pool->max_requests);
    begin_family(writer, "penstock_loop_lag_seconds", "gauge", "The longest loop lag of all workers.");
    put(writer, "penstock_loop_lag_seconds");
    put_seconds(writer, pool->loop_lag_us);
    put_workers(writer, facts);
}

static void put_host(struct writer *writer, const struct status_facts *facts)
{
    begin_family(writer, "penstock_build_info", "gauge", "Version of the gateway.");
    put(writer, "penstock_build_info{version=\"" PACKAGE_VERSION "\"} 1\n");
    if (facts->has_pool)
        put_pool(writer, facts);
    put_gauge(writer, "penstock_ledger_up", "Whether the accounts can be read and written.",
              !facts->ledger_fault);
    put_gauge(writer, "penstock_usage_log_up", "Whether the usage log can be written.", !facts->log_fault);
    if (facts->waiting >= 0)
        put_gauge(writer, "penstock_records_waiting", "Records kept until the usage log can be written.",
                  facts->waiting);
    if (facts->lost >= 0)
        put_gauge(writer, "penstock_records_lost", "Records written to standard error only.", facts->lost);
}

/* ---- requests ---- */

/* The rows and their labels. All samples of a row share its labels, which are formatted only once. */
struct samples {
    const struct series_table *table;
    char **labels; /* for each row, {client="...",provider="...",model="..." without the closing brace */
};

static char *write_labels(const struct series_row *row)
{
    struct buffer text;
    buffer_init(&text, LABELS_MAX);
    struct writer writer = {&text, true};
    put_label(&writer, "{", "client", row->client);
    put_label(&writer, ",", "provider", row->provider);
    put_label(&writer, ",", "model", row->model);
    char *labels = memory_copy(text.bytes, text.length);
    buffer_free(&text);
    return labels;
}

static struct samples open_samples(const struct series_table *table)
{
    struct samples samples = {table, memory_alloc(table->count + 1, sizeof *samples.labels)};
    for (size_t i = 0; i < table->count; i++)
        samples.labels[i] = write_labels(&table->rows[i]);
    return samples;
}

static void close_samples(struct samples *samples)
{
    for (size_t i = 0; i < samples->table->count; i++)
        free(samples->labels[i]);
    free(samples->labels);
}

static void put_names(struct writer *writer, const char *name, const char *suffix, const char *labels)
{
    put(writer, name);
    put(writer, suffix);
    put(writer, labels);
}

static void put_requests(struct writer *writer, const struct samples *samples)
{
    static const char name[] = "penstock_requests_total";
    begin_family(writer, name, "counter", "Requests.");
    for (size_t i = 0; i < samples->table->count; i++) {
        put_names(writer, name, "", samples->labels[i]);
        put(writer, "}");
        put_number(writer, samples->table->rows[i].series.requests);
    }
}

static void put_errors(struct writer *writer, const struct samples *samples)
{
    static const char name[] = "penstock_errors_total";
    begin_family(writer, name, "counter", "Requests that failed, by the reason of penstock-errors(7).");
    for (size_t i = 0; i < samples->table->count; i++)
        for (enum failure_reason reason = FAILURE_NONE + 1; reason < FAILURE_REASONS; reason++) {
            int64_t count = series_errors(&samples->table->rows[i].series, reason);
            if (!count)
                continue;
            put_names(writer, name, "", samples->labels[i]);
            put_label(writer, ",", "reason", failure_reason_name(reason));
            put(writer, "}");
            put_number(writer, count);
        }
}

static void put_tokens(struct writer *writer, const struct samples *samples)
{
    static const char name[] = "penstock_tokens_total";
    begin_family(writer, name, "counter", "Tokens, as providers count them.");
    for (size_t i = 0; i < samples->table->count; i++) {
        const struct series *series = &samples->table->rows[i].series;
        put_names(writer, name, "", samples->labels[i]);
        put(writer, ",type=\"prompt\"}");
        put_number(writer, series->prompt_tokens);
        put_names(writer, name, "", samples->labels[i]);
        put(writer, ",type=\"completion\"}");
        put_number(writer, series->completion_tokens);
    }
}

static void put_costs(struct writer *writer, const struct samples *samples)
{
    static const char cost[] = "penstock_cost_usd_total", unpriced[] = "penstock_unpriced_requests_total";
    begin_family(writer, cost, "counter", "Cost in USD of the requests whose price is known.");
    for (size_t i = 0; i < samples->table->count; i++) {
        put_names(writer, cost, "", samples->labels[i]);
        put(writer, "}");
        put_money(writer, samples->table->rows[i].series.cost);
    }
    begin_family(writer, unpriced, "counter", "Requests whose price is unknown.");
    for (size_t i = 0; i < samples->table->count; i++) {
        put_names(writer, unpriced, "", samples->labels[i]);
        put(writer, "}");
        put_number(writer, samples->table->rows[i].series.unpriced);
    }
}

static void put_histogram(struct writer *writer, const char *name, const char *labels,
                          const struct series *series)
{
    static const int64_t bounds_ms[] = SERIES_BOUNDS;
    int64_t count = 0;
    for (size_t i = 0; i < SERIES_CLASSES; i++) {
        char bound[24] = "+Inf";
        if (i < SERIES_CLASSES - 1)
            snprintf(bound, sizeof bound, "%g", (double)bounds_ms[i] / 1000);
        count += series->classes[i];
        put_names(writer, name, "_bucket", labels);
        put_label(writer, ",", "le", bound);
        put(writer, "}");
        put_number(writer, count);
    }
    put_names(writer, name, "_sum", labels);
    writer->fits = writer->fits && buffer_format(writer->body, "} %.6f\n", (double)series->duration_us / 1e6);
    put_names(writer, name, "_count", labels);
    put(writer, "}");
    put_number(writer, count);
}

static void put_durations(struct writer *writer, const struct samples *samples)
{
    static const char name[] = "penstock_request_duration_seconds";
    begin_family(writer, name, "histogram",
                 "Time from the first byte of a request to the last byte of its response.");
    for (size_t i = 0; i < samples->table->count; i++)
        put_histogram(writer, name, samples->labels[i], &samples->table->rows[i].series);
}

/* ---- the accounts of clients ---- */

struct account_line {
    const char *period;
    int64_t spent, limit;
};

static void put_account_lines(struct writer *writer, const struct status_facts *facts, const char *name,
                              bool limits)
{
    for (size_t i = 0; i < facts->client_count; i++) {
        const struct client_account *account = &facts->clients[i].account;
        const struct client_limits *limit = &facts->clients[i].client->limits;
        const struct account_line lines[] = {{"day", account->spent_day, limit->usd_per_day},
                                             {"month", account->spent_month, limit->usd_per_month},
                                             {"total", account->spent_total, limit->usd_total}};
        for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
            bool unknown = !lines[k].spent && facts->clients[i].unpriced;
            if (limits ? !lines[k].limit : unknown)
                continue;
            put(writer, name);
            put_label(writer, "{", "client", facts->clients[i].client->name);
            put_label(writer, ",", "period", lines[k].period);
            put(writer, "}");
            put_money(writer, limits ? lines[k].limit : lines[k].spent);
        }
    }
}

static void put_accounts(struct writer *writer, const struct status_facts *facts)
{
    static const char spent[] = "penstock_client_spent_usd", limit[] = "penstock_client_limit_usd",
                      concurrent[] = "penstock_client_concurrent_requests";
    begin_family(writer, spent, "gauge",
                 "USD spent, as counted against the limits of the client; absent while no price is known.");
    put_account_lines(writer, facts, spent, false);
    begin_family(writer, limit, "gauge", "Limits of the client in USD, if it has any.");
    put_account_lines(writer, facts, limit, true);
    begin_family(writer, concurrent, "gauge", "Requests of the client that are running.");
    for (size_t i = 0; i < facts->client_count; i++) {
        put(writer, concurrent);
        put_label(writer, "{", "client", facts->clients[i].client->name);
        put(writer, "}");
        put_number(writer, facts->clients[i].account.concurrent);
    }
}

/* ---- providers ---- */

static void put_provider(struct writer *writer, const char *name, const char *provider, int64_t value)
{
    put(writer, name);
    put_label(writer, "{", "provider", provider);
    put(writer, "}");
    put_number(writer, value);
}

static void put_model(struct writer *writer, const char *name, const struct status_breaker *breaker,
                      int64_t value)
{
    put(writer, name);
    put_label(writer, "{", "provider", breaker->provider);
    put_label(writer, ",", "model", breaker->model);
    put(writer, "}");
    put_number(writer, value);
}

/* A sample without a model is the worst of its provider; models without failures have none. */
static void put_providers(struct writer *writer, const struct status_facts *facts)
{
    static const char open[] = "penstock_breaker_open", failures[] = "penstock_breaker_failures";
    begin_family(writer, open, "gauge",
                 "Whether the breaker of the model is open; without a model: any of the provider.");
    for (size_t i = 0; i < facts->provider_count; i++)
        put_provider(writer, open, facts->providers[i].name, facts->providers[i].open_ms > 0);
    for (size_t i = 0; i < facts->breaker_count; i++)
        put_model(writer, open, &facts->breakers[i], facts->breakers[i].open);
    begin_family(writer, failures, "gauge",
                 "Consecutive failures of the model; without a model: the most of the provider.");
    for (size_t i = 0; i < facts->provider_count; i++)
        put_provider(writer, failures, facts->providers[i].name, facts->providers[i].failures);
    for (size_t i = 0; i < facts->breaker_count; i++)
        put_model(writer, failures, &facts->breakers[i], facts->breakers[i].failures);
}

bool metrics_put(const struct status_facts *facts, struct buffer *body)
{
    struct writer writer = {body, true};
    struct samples samples = open_samples(&facts->totals);
    put_host(&writer, facts);
    put_requests(&writer, &samples);
    put_errors(&writer, &samples);
    put_tokens(&writer, &samples);
    put_costs(&writer, &samples);
    put_durations(&writer, &samples);
    put_providers(&writer, facts);
    put_accounts(&writer, facts);
    close_samples(&samples);
    return writer.fits;
}
