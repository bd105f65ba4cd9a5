/* GET /status: a page for people, without a script and without anything from elsewhere.
 *
 * Names on it come from clients and providers: they are escaped, and the page forbids the browser to load or
 * to run anything (Content Security Policy). */
#include "pages/status_page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/money.h"
#include "base/utf8.h"
#include "config/settings_types.h"
#include "pages/status_facts.h"

#define HOUR_US INT64_C(3600000000)
#define TENTHOUSANDTH (MONEY_USD / 10000)
#define ROWS_SHOWN 50
#define BAR_HEIGHT 60 /* pixels */

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Penstock</title>\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\">\n"
    "<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;"
    "max-width:70em;padding:0 1em}h1{font-size:1.4em}h2{font-size:1.1em;margin-top:2em}"
    "table{border-collapse:collapse}th,td{text-align:right;padding:.1em .8em .1em 0;"
    "border-bottom:1px solid #8884;font-variant-numeric:tabular-nums}th.n,td.n{text-align:left;"
    "overflow-wrap:anywhere}.bad{color:#c33;font-weight:bold}.bars{display:flex;align-items:end;gap:2px}"
    ".bars div{width:2em;text-align:center;font-size:.7em}.bars b{display:block;background:#48c}"
    ".bars i{display:block;background:#c33}</style></head><body>\n";

struct page {
    const struct status_facts *facts;
    struct arena *arena;
    struct buffer *body;
    bool whole;
};

static void put(struct page *page, const char *text)
{
    page->whole = page->whole && buffer_append(page->body, text, strlen(text));
}

static void put_escaped(struct page *page, const char *text)
{
    static const char special[] = "<>&\"'";
    static const char *const escapes[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"};
    size_t left = strlen(text);
    while (left && page->whole) {
        size_t length = utf8_length(text, left);
        const char *found = strchr(special, *text);
        if (found)
            put(page, escapes[found - special]);
        else if (!length || (unsigned char)*text < ' ')
            put(page, "?");
        else
            page->whole = buffer_append(page->body, text, length);
        length = length ? length : 1;
        text += length;
        left -= length;
    }
}

static void put_count(struct page *page, int64_t count)
{
    page->whole = page->whole && buffer_format(page->body, "%" PRId64, count);
}

static void put_money(struct page *page, int64_t billionths)
{
    int64_t rounded = (billionths + TENTHOUSANDTH / 2) / TENTHOUSANDTH;
    if (billionths > 0 && !rounded)
        put(page, "&lt;0.0001");
    else
        page->whole = page->whole &&
                      buffer_format(page->body, "%" PRId64 ".%04d", rounded / 10000, (int)(rounded % 10000));
}

static void put_time(struct page *page, int64_t ms)
{
    if (ms < 0)
        put(page, "-");
    else if (ms < 1000)
        page->whole = page->whole && buffer_format(page->body, "%" PRId64 " ms", ms);
    else
        page->whole = page->whole && buffer_format(page->body, "%.1f s", (double)ms / 1000);
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

/* What is spent, and of how much. */
static void put_budget_cell(struct page *page, int64_t spent, int64_t limit)
{
    bool reached = limit && spent >= limit;
    put(page, reached ? "<td class=\"bad\">" : "<td>");
    put_money(page, spent);
    if (limit) {
        put(page, " of ");
        put_money(page, limit);
    }
    put(page, "</td>");
}

/* ---- how it is ---- */

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
        page->whole = page->whole &&
                      buffer_format(page->body,
                                    "<li class=\"bad\">records that wait for the usage log: %" PRId64
                                    ", that are on standard error only: %" PRId64 "</li>\n",
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
        page->whole = page->whole &&
                      buffer_format(page->body,
                                    "<li>workers: %u busy, %u idle, %u at most; generation %u</li>\n",
                                    facts->pool.busy, facts->pool.idle, facts->pool.max_workers,
                                    facts->pool.generation);
    put_fault(page, "ledger: ", facts->ledger_fault);
    put_fault(page, "usage log: ", facts->log_fault);
    put_records(page);
    put(page, "</ul>\n");
}

/* ---- the last day ---- */

static int64_t busiest(const struct status_facts *facts)
{
    int64_t most = 1;
    for (size_t i = 0; i < STATUS_HOURS; i++)
        if (facts->hours[i].requests > most)
            most = facts->hours[i].requests;
    return most;
}

static void put_bars(struct page *page)
{
    const struct status_facts *facts = page->facts;
    int64_t most = busiest(facts), first = facts->now_us / HOUR_US - STATUS_HOURS + 1;
    put(page, "<h2>The last 24 hours</h2>\n<div class=\"bars\">\n");
    for (size_t i = 0; i < STATUS_HOURS; i++) {
        const struct series *hour = &facts->hours[i];
        int64_t good = BAR_HEIGHT * (hour->requests - hour->errors) / most;
        int64_t bad = BAR_HEIGHT * hour->errors / most + (hour->errors > 0);
        page->whole = page->whole &&
                      buffer_format(
                          page->body,
                          "<div title=\"%" PRId64 " requests, %" PRId64 " errors\"><i style=\"height:%" PRId64
                          "px\"></i><b style=\"height:%" PRId64 "px\"></b>%02d</div>\n",
                          hour->requests, hour->errors, bad, good, (int)((first + (int64_t)i) % 24));
    }
    put(page, "</div>\n<p>Requests by hour, in UTC; those that failed in red.</p>\n");
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

/* The day's rows with what is not asked for left out of their names. */
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

static void put_left_out(struct page *page, size_t count)
{
    if (count > ROWS_SHOWN)
        page->whole = page->whole &&
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
    put_left_out(page, sums.count);
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
    page->whole = page->whole && buffer_format(page->body, "%" PRId64 " s", ms / 1000 + 1);
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
            put_wait_cell(page, "left alone for ", provider->open_ms);
        else if (provider->cool_ms > 0)
            put_wait_cell(page, "some models not asked for ", provider->cool_ms);
        else
            put(page, "<td>asked</td>");
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
              "<th>this month</th><th>in all</th></tr>\n");
    for (size_t i = 0; i < facts->client_count; i++) {
        const struct client_account *account = &facts->clients[i].account;
        const struct client_limits *limits = &facts->clients[i].client->limits;
        put(page, "<tr>");
        put_name_cell(page, facts->clients[i].client->name, "");
        put_count_cell(page, account->concurrent);
        put_budget_cell(page, account->spent_day, limits->usd_per_day);
        put_budget_cell(page, account->spent_month, limits->usd_per_month);
        put_budget_cell(page, account->spent_total, limits->usd_total);
        put(page, "</tr>\n");
    }
    put(page, "</table>\n");
}

bool status_page_put(const struct status_facts *facts, struct arena *arena, struct buffer *body)
{
    struct page page = {facts, arena, body, true};
    put(&page, head);
    put_state(&page);
    put_bars(&page);
    put_day(&page, BY_CLIENT);
    put_day(&page, BY_MODEL);
    put_reasons(&page);
    put_providers(&page);
    put_accounts(&page);
    put(&page, "</body></html>\n");
    return page.whole;
}
