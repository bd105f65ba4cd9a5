/* GET /status: the status page for people, without scripts and external resources.
 *
 * Names come from clients and providers: the page escapes them, and its Content Security Policy keeps the
 * browser from loading or running anything. */
#include "pages/status_page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/money.h"
#include "config/settings_types.h"
#include "pages/html.h"
#include "pages/status_facts.h"

#define HOUR_US INT64_C(3600000000)
#define TENTHOUSANDTH (MONEY_USD / 10000)
#define ROWS_SHOWN 50
#define BAR_HEIGHT 60 /* pixels */

struct page {
    const struct status_facts *facts;
    struct arena *arena;
    struct buffer *body;
    bool fits;
};

static void put(struct page *page, const char *text)
{
    page->fits = page->fits && buffer_append(page->body, text, strlen(text));
}

static void put_escaped(struct page *page, const char *text)
{
    page->fits = page->fits && html_put_escaped(page->body, text);
}

static void put_count(struct page *page, int64_t count)
{
    page->fits = page->fits && buffer_format(page->body, "%" PRId64, count);
}

static void put_money(struct page *page, int64_t billionths)
{
    int64_t rounded = (billionths + TENTHOUSANDTH / 2) / TENTHOUSANDTH;
    if (billionths > 0 && !rounded)
        put(page, "&lt;0.0001");
    else
        page->fits = page->fits &&
                     buffer_format(page->body, "%" PRId64 ".%04d", rounded / 10000, (int)(rounded % 10000));
}

static void put_time(struct page *page, int64_t ms)
{
    if (ms < 0)
        put(page, "-");
    else if (ms < 1000)
        page->fits = page->fits && buffer_format(page->body, "%" PRId64 " ms", ms);
    else
        page->fits = page->fits && buffer_format(page->body, "%.1f s", (double)ms / 1000);
}

/* ---- cells ---- */

static void put_name_cell(struct page *page, const char *name, const char *absent)
{
    put(page, "<td class=\"n\">");
    put_escaped(page, *name ? name : absent);
    put(page, "</td>");
}

static void put_count_cell(struct page *page, int64_t count)
{
    put(page, "<td>");
    put_count(page, count);
    put(page, "</td>");
}

/* "SPENT" or "SPENT of LIMIT". A sum of 0 is unknown if there were requests without a price. */
static void put_budget_cell(struct page *page, int64_t spent, int64_t limit, int64_t unpriced)
{
    bool reached = limit && spent >= limit;
    put(page, reached ? "<td class=\"bad\">" : "<td>");
    if (spent || !unpriced)
        put_money(page, spent);
    else
        put(page, "unknown");
    if (limit) {
        put(page, " of ");
        put_money(page, limit);
    }
    put(page, "</td>");
}

/* ---- the state of the host ---- */

static void put_fault(struct page *page, const char *what, const char *fault)
{
    put(page, "<li>");
    put(page, what);
    if (fault) {
        put(page, "<span class=\"bad\">");
        put_escaped(page, fault);
        put(page, "</span></li>\n");
    } else {
        put(page, "ok</li>\n");
    }
}

static void put_records(struct page *page)
{
    const struct status_facts *facts = page->facts;
    if (facts->waiting > 0 || facts->lost > 0)
        page->fits = page->fits &&
                     buffer_format(page->body,
                                   "<li class=\"bad\">records waiting for the usage log: %" PRId64
                                   ", on standard error only: %" PRId64 "</li>\n",
                                   facts->waiting, facts->lost);
}

static void put_state(struct page *page)
{
    const struct status_facts *facts = page->facts;
    char now[CLOCK_TEXT_SIZE];
    clock_format(facts->now_us, now);
    put(page, "<h1>Penstock " PACKAGE_VERSION "</h1>\n<ul>\n<li>");
    put(page, now);
    put(page, ", run as: ");
    put(page, facts->mode);
    put(page, "</li>\n");
    if (facts->has_pool)
        page->fits = page->fits &&
                     buffer_format(page->body,
                                   "<li>workers: %u busy, %u idle, %u at most; generation %u</li>\n"
                                   "<li>requests: %u running, %lu at most; longest wait for another: %" PRId64
                                   " ms</li>\n",
                                   facts->pool.busy, facts->pool.idle, facts->pool.max_workers,
                                   facts->pool.generation, facts->pool.requests, facts->pool.max_requests,
                                   facts->pool.loop_lag_us / 1000);
    put_fault(page, "ledger: ", facts->ledger_fault);
    put_fault(page, "usage log: ", facts->log_fault);
    put_records(page);
    put(page, "</ul>\n");
}

/* ---- the last day ---- */

static int64_t requests_of_busiest_hour(const struct status_facts *facts)
{
    int64_t max = 1;
    for (size_t i = 0; i < STATUS_HOURS; i++)
        if (facts->hours[i].requests > max)
            max = facts->hours[i].requests;
    return max;
}

static void put_bars(struct page *page)
{
    const struct status_facts *facts = page->facts;
    int64_t max = requests_of_busiest_hour(facts), first = facts->now_us / HOUR_US - STATUS_HOURS + 1;
    put(page, "<h2>The last 24 hours</h2>\n<div class=\"bars\">\n");
    for (size_t i = 0; i < STATUS_HOURS; i++) {
        const struct series *hour = &facts->hours[i];
        int64_t good = BAR_HEIGHT * (hour->requests - hour->errors) / max;
        int64_t bad = BAR_HEIGHT * hour->errors / max + (hour->errors > 0);
        page->fits = page->fits &&
                     buffer_format(page->body,
                                   "<div title=\"%" PRId64 " requests, %" PRId64
                                   " errors\"><i style=\"height:%" PRId64
                                   "px\"></i><b style=\"height:%" PRId64 "px\"></b>%02d</div>\n",
                                   hour->requests, hour->errors, bad, good, (int)((first + (int64_t)i) % 24));
    }
    put(page, "</div>\n<p>Requests by hour (UTC); failed requests in red.</p>\n");
}

static void put_series_cells(struct page *page, const struct series *series)
{
    put_count_cell(page, series->requests);
    put_count_cell(page, series->errors);
    put_count_cell(page, series->prompt_tokens);
    put_count_cell(page, series->completion_tokens);
    put(page, "<td>");
    if (series_is_priced(series))
        put_money(page, series->cost);
    else
        put(page, "-");
    put(page, "</td>");
    put_count_cell(page, series->unpriced);
    put(page, "<td>");
    put_time(page, series_percentile_ms(series, 0.5));
    put(page, "</td><td>");
    put_time(page, series_percentile_ms(series, 0.95));
    put(page, "</td></tr>\n");
}

enum by { BY_CLIENT, BY_MODEL };

/* Sums the rows of the day by client, or by provider and model. */
static void add_up(struct page *page, enum by by, struct series_table *sums)
{
    const struct series_table *day = &page->facts->day;
    for (size_t i = 0; i < day->count; i++) {
        struct series_row row = day->rows[i];
        if (by == BY_CLIENT)
            row.provider = row.model = "";
        else
            row.client = "";
        series_table_add(sums, page->arena, &row);
    }
}

static void put_rest(struct page *page, size_t count)
{
    if (count > ROWS_SHOWN)
        page->fits = page->fits &&
                     buffer_format(page->body, "<p>%zu more are in <a href=\"?json\">?json</a>.</p>\n",
                                   count - ROWS_SHOWN);
}

static void put_day(struct page *page, enum by by)
{
    struct series_table sums = {0};
    add_up(page, by, &sums);
    put(page, "<table><tr>");
    put(page, by == BY_CLIENT ? "<th class=\"n\">client</th>"
                              : "<th class=\"n\">provider</th><th class=\"n\">model</th>");
    put(page, "<th>requests</th><th>errors</th><th>tokens in</th><th>tokens out</th><th>USD</th>"
              "<th>no price</th><th>p50</th><th>p95</th></tr>\n");
    for (size_t i = 0; i < sums.count && i < ROWS_SHOWN; i++) {
        const struct series_row *row = &sums.rows[i];
        put(page, "<tr>");
        put_name_cell(page, by == BY_CLIENT ? row->client : row->provider, "(none)");
        if (by == BY_MODEL)
            put_name_cell(page, row->model, "(none)");
        put_series_cells(page, &row->series);
    }
    put(page, "</table>\n");
    put_rest(page, sums.count);
    series_table_free(&sums);
}

static void put_reasons(struct page *page)
{
    struct series sum = {0};
    for (size_t i = 0; i < STATUS_HOURS; i++)
        series_add(&sum, &page->facts->hours[i]);
    if (!sum.errors)
        return;
    put(page, "<h2>Errors</h2>\n<table><tr><th class=\"n\">reason</th><th>requests</th></tr>\n");
    for (enum failure_reason reason = FAILURE_NONE + 1; reason < FAILURE_REASONS; reason++) {
        int64_t count = series_errors(&sum, reason);
        if (!count)
            continue;
        put(page, "<tr>");
        put_name_cell(page, failure_reason_name(reason), "");
        put_count_cell(page, count);
        put(page, "</tr>\n");
    }
    put(page, "</table>\n");
}

/* ---- providers and accounts ---- */

static void put_wait_cell(struct page *page, const char *what, int64_t ms)
{
    put(page, "<td class=\"bad\">");
    put(page, what);
    page->fits = page->fits && buffer_format(page->body, "%" PRId64 " s", ms / 1000 + 1);
    put(page, "</td>");
}

static void put_providers(struct page *page)
{
    const struct status_facts *facts = page->facts;
    put(page, "<h2>Providers</h2>\n<table><tr><th class=\"n\">provider</th><th>failures in a row</th>"
              "<th>state</th></tr>\n");
    for (size_t i = 0; i < facts->provider_count; i++) {
        const struct status_provider *provider = &facts->providers[i];
        put(page, "<tr>");
        put_name_cell(page, provider->name, "");
        put_count_cell(page, provider->failures);
        if (provider->open_ms > 0)
            put_wait_cell(page, "breaker open for ", provider->open_ms);
        else if (provider->cool_ms > 0)
            put_wait_cell(page, "models cooling down for ", provider->cool_ms);
        else
            put(page, "<td>in use</td>");
        put(page, "</tr>\n");
    }
    put(page, "</table>\n");
}

static void put_accounts(struct page *page)
{
    const struct status_facts *facts = page->facts;
    if (!facts->client_count)
        return;
    put(page, "<h2>Accounts</h2>\n<table><tr><th class=\"n\">client</th><th>running</th><th>USD today</th>"
              "<th>this month</th><th>total</th></tr>\n");
    for (size_t i = 0; i < facts->client_count; i++) {
        const struct client_account *account = &facts->clients[i].account;
        const struct client_limits *limits = &facts->clients[i].client->limits;
        put(page, "<tr>");
        put_name_cell(page, facts->clients[i].client->name, "");
        put_count_cell(page, account->concurrent);
        int64_t unpriced = facts->clients[i].unpriced;
        put_budget_cell(page, account->spent_day, limits->usd_per_day, unpriced);
        put_budget_cell(page, account->spent_month, limits->usd_per_month, unpriced);
        put_budget_cell(page, account->spent_total, limits->usd_total, unpriced);
        put(page, "</tr>\n");
    }
    put(page, "</table>\n");
}

bool status_page_put(const struct status_facts *facts, struct arena *arena, struct buffer *body)
{
    struct page page = {facts, arena, body, true};
    page.fits = html_put_head(body);
    put_state(&page);
    put_bars(&page);
    put_day(&page, BY_CLIENT);
    put_day(&page, BY_MODEL);
    put_reasons(&page);
    put_providers(&page);
    put_accounts(&page);
    put(&page, "</body></html>\n");
    return page.fits;
}
