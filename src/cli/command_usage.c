/* `penstock usage`: reports requests, tokens and cost from the usage log or from the ledger.
 *
 * The usage log is exact and can be read without any service. The ledger has only hourly sums, but keeps the
 * sums after the log is deleted. */
#include "cli/commands.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/failure.h"
#include "base/pattern.h"
#include "cli/ledger_usage.h"
#include "cli/options.h"
#include "cli/tty.h"
#include "cli/usage_print.h"
#include "config/settings.h"
#include "usage/usage_log_entry.h"
#include "usage/usage_log_reader.h"
#include "usage/usage_report.h"

#define SECOND_US INT64_C(1000000)
#define HOUR_US (3600 * SECOND_US)
#define DEFAULT_BY "client"

enum form { FORM_TABLE, FORM_JSON, FORM_CSV };

struct query {
    const struct dimension *by[DIMENSIONS_MAX];
    size_t by_count;
    int64_t since_us, until_us;
    const char *client, *run, *provider, *model; /* patterns; NULL: any */
    enum form form;
    bool ledger; /* read the ledger instead of the log */
};

struct reading {
    const struct query *query;
    struct usage_report *report;
    struct progress_bar progress;
};

/* ---- the query ---- */

static bool read_by(struct query *query, const char *names, struct failure *why)
{
    query->by_count = 0;
    for (;;) {
        size_t length = strcspn(names, ",");
        const struct dimension *dimension = dimension_find(names, length);
        if (!dimension)
            return fail(why, FAILURE_SETTING, "--by takes %s, not \"%.*s\"", dimension_names, (int)length,
                        names);
        if (query->by_count == DIMENSIONS_MAX)
            return fail(why, FAILURE_SETTING, "--by takes %d names at most", DIMENSIONS_MAX);
        query->by[query->by_count++] = dimension;
        if (!names[length])
            return true;
        names += length + 1;
    }
}

/* Reads a time before now, such as "7d" for seven days ago. */
static bool read_ago(const char *text, int64_t now_us, int64_t *wall_us)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {{'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}};
    char *end;
    errno = 0;
    long count = *text >= '0' && *text <= '9' ? strtol(text, &end, 10) : -1;
    if (count < 0 || errno || !*end || end[1])
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].letter == *end) {
            int64_t max = now_us / SECOND_US / units[i].seconds;
            *wall_us = count < max ? now_us - count * units[i].seconds * SECOND_US : 0;
            return true;
        }
    return false;
}

static bool read_when(const char *name, const char *text, int64_t *wall_us, struct failure *why)
{
    int64_t second;
    if (read_ago(text, clock_wall_us(), wall_us))
        return true;
    if (!date_parse(text, &second))
        return fail(why, FAILURE_SETTING,
                    "%s takes 24h, 7d, 2w, a date, or a time as in 2026-12-31T18:00:00Z, not \"%s\"", name,
                    text);
    *wall_us = second * SECOND_US;
    return true;
}

/* The ledger has fewer dimensions, and its sums cover full hours. */
static bool adapt_to_ledger(struct query *query, struct failure *why)
{
    for (size_t i = 0; i < query->by_count; i++)
        if (!ledger_usage_has(query->by[i]))
            return fail(why, FAILURE_SETTING, "the ledger does not group by %s", query->by[i]->name);
    if (query->run)
        return fail(why, FAILURE_SETTING, "the ledger does not group by run");
    query->since_us -= query->since_us % HOUR_US;
    return true;
}

/* A query about time needs the hourly sums; all other queries use the sums since the ledger began. */
static bool needs_hours(const struct query *query)
{
    bool needed = query->since_us || query->until_us != INT64_MAX;
    for (size_t i = 0; i < query->by_count; i++)
        needed |= query->by[i]->prefix > 0;
    return needed;
}

static bool read_form(struct query *query, const struct options *options, struct failure *why)
{
    bool json = options_has(options, "json"), csv = options_has(options, "csv");
    if (json && csv)
        return fail(why, FAILURE_SETTING, "--json and --csv exclude each other");
    query->form = json ? FORM_JSON : csv ? FORM_CSV : FORM_TABLE;
    return true;
}

static bool read_query(struct query *query, const struct options *options, struct failure *why)
{
    const char *by = options_value(options, "by");
    const char *since = options_value(options, "since"), *until = options_value(options, "until");
    *query = (struct query){
        .until_us = INT64_MAX,
        .client = options_value(options, "client"),
        .run = options_value(options, "run"),
        .provider = options_value(options, "provider"),
        .model = options_value(options, "model"),
        .ledger = options_has(options, "ledger"),
    };
    if (!read_by(query, by ? by : DEFAULT_BY, why) || !read_form(query, options, why))
        return false;
    if ((since && !read_when("--since", since, &query->since_us, why)) ||
        (until && !read_when("--until", until, &query->until_us, why)))
        return false;
    if (query->since_us >= query->until_us)
        return fail(why, FAILURE_SETTING, "--since is not before --until");
    return !query->ledger || adapt_to_ledger(query, why);
}

/* ---- the report ---- */

static bool matches(const char *pattern, const char *text)
{
    return !pattern || (text && pattern_matches(pattern, text));
}

static bool is_wanted(const struct query *query, const struct usage_log_entry *entry)
{
    return entry->facts.wall_us >= query->since_us && entry->facts.wall_us < query->until_us &&
           matches(query->client, entry->facts.client) && matches(query->run, entry->facts.run_id) &&
           matches(query->provider, entry->facts.provider) &&
           (matches(query->model, entry->facts.model) || matches(query->model, entry->facts.requested_model));
}

static bool take_entry(void *context, const struct usage_log_entry *entry)
{
    struct reading *reading = context;
    if (is_wanted(reading->query, entry))
        usage_report_add(reading->report, entry);
    return true;
}

static void take_sums(void *context, const struct usage_log_entry *names, const struct usage_sums *sums)
{
    struct reading *reading = context;
    if (is_wanted(reading->query, names))
        usage_report_add_sums(reading->report, names, sums);
}

static void take_progress(void *context, int64_t done, int64_t all)
{
    struct reading *reading = context;
    progress_bar_update(&reading->progress, done, all);
}

static void complain(void *context, const struct failure *why)
{
    struct reading *reading = context;
    if (reading)
        progress_bar_end(&reading->progress);
    fprintf(stderr, "penstock usage: %s\n", why->message);
}

static void print(struct usage_report *report, const struct query *query,
                  const struct usage_log_summary *summary)
{
    if (query->form == FORM_JSON)
        usage_print_json(report, query->by, query->by_count, summary, stdout);
    else if (query->form == FORM_CSV)
        usage_print_csv(report, query->by, query->by_count, stdout);
    else if (usage_report_total(report)->requests)
        usage_print_table(report, query->by, query->by_count, stdout);
    else
        puts("no requests");
}

static bool read_all(struct reading *reading, const struct settings *settings,
                     struct usage_log_summary *summary, struct failure *why)
{
    const struct query *query = reading->query;
    const struct usage_log_reader_ops ops = {
        .entry = take_entry, .complain = complain, .progress = take_progress, .context = reading};
    *summary = (struct usage_log_summary){0};
    if (query->ledger)
        return ledger_usage_read(settings, needs_hours(query) ? query->since_us : LEDGER_USAGE_TOTALS,
                                 take_sums, reading, why);
    if (!*settings->usage_path)
        return fail(why, FAILURE_SETTING,
                    "log.usage is empty: records go to standard error and are not kept");
    return usage_log_read(settings->usage_path, query->since_us, &ops, summary, why);
}

/* Prints the records that could be read. Returns false if some could not be read. */
static bool report(const struct query *query, const struct settings *settings)
{
    struct reading reading = {.query = query, .progress = progress_bar_begin()};
    struct usage_log_summary summary;
    struct failure why;
    reading.report = usage_report_create(query->by, query->by_count);
    bool found = read_all(&reading, settings, &summary, &why);
    progress_bar_end(&reading.progress);
    if (found)
        print(reading.report, query, &summary);
    else
        complain(NULL, &why);
    usage_report_free(reading.report);
    return found && !summary.unread;
}

static bool flush(void)
{
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (!written)
        fprintf(stderr, "penstock usage: cannot write: %s\n", strerror(errno));
    return written;
}

static int run(const struct options *options)
{
    struct query query;
    struct failure why;
    if (!read_query(&query, options, &why))
        return options_refuse(options->syntax, why.message);
    struct settings *settings = settings_load(&options->source, complain, NULL);
    if (!settings)
        return EXIT_FAILURE;
    bool good = report(&query, settings) && flush();
    settings_free(settings);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int command_usage(int argc, char **argv)
{
    static const struct option_row rows[] = {
        {"by", "NAME[,NAME]...",
         "group by: client (default), run, provider, model, endpoint, reason, end, hour,\n"
         "day, month (UTC)"},
        {"since", "WHEN",
         "count requests from then on: 30m, 24h, 7d, 2w, a date, or a time as in\n"
         "2026-12-31T18:00:00Z"},
        {"until", "WHEN", "count requests before then"},
        {"client", "NAME", "count only this client; * matches any characters, here and below"},
        {"run", "ID", "count only this run"},
        {"provider", "NAME", "count only this provider"},
        {"model", "NAME", "count only this model, by the name requested or the name sent upstream"},
        {"ledger", NULL, "read the hourly sums of the ledger instead of the usage log"},
        {"json", NULL, "print one JSON object"},
        {"csv", NULL, "print comma-separated values"},
        {0},
    };
    static const struct command_syntax syntax = {
        .name = "penstock usage",
        .description =
            "Reports requests, errors, tokens, cost and latency from the usage log and its rotations.\n",
        .options = rows,
    };
    return options_run(&syntax, argc, argv, run);
}
