/* Reads the ledger's hourly sums of usage, which remain after the usage log is deleted. */
#include "cli/ledger_usage.h"

#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/failure.h"
#include "ledger/ledger.h"
#include "ledger/ledger_series.h"
#include "ledger/series_table.h"
#include "usage/usage_log_entry.h"
#include "usage/usage_report.h"

#define HOUR_US INT64_C(3600000000)
#define NO_HOUR (-1)
#define SLOWEST_MS 600000 /* assumed as the upper bound of the last class, which has no bound */

struct reading {
    int64_t hour; /* the hour to read; NO_HOUR: the next hour that has sums */
    void (*take)(void *context, const struct usage_log_entry *names, const struct usage_sums *sums);
    void *context;
};

bool ledger_usage_has(const struct dimension *dimension)
{
    static const char *const names[] = {"client", "provider", "model", "hour", "day", "month"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(dimension->name, names[i]) == 0)
            return true;
    return false;
}

static void add_times(struct latency *latency, const struct series *series)
{
    static const int64_t bounds_ms[] = SERIES_BOUNDS;
    for (size_t i = 0; i < SERIES_CLASSES; i++) {
        int64_t from = i ? bounds_ms[i - 1] : 0, to = i < SERIES_CLASSES - 1 ? bounds_ms[i] : SLOWEST_MS;
        latency_add_some(latency, from, to, series->classes[i]);
    }
}

/* The ledger does not count the requests whose tokens and cost are known. If there are any tokens, assumes
 * that those of all requests are known, because requests without known tokens are mostly errors. */
static struct usage_sums sums_of(const struct series *series)
{
    bool has_tokens = series->prompt_tokens + series->completion_tokens > 0;
    struct usage_sums sums = {
        .requests = series->requests,
        .errors = series->errors,
        .counted = has_tokens ? series->requests : 0,
        .prompt_tokens = series->prompt_tokens,
        .completion_tokens = series->completion_tokens,
        .total_tokens = series->prompt_tokens + series->completion_tokens,
        .priced = has_tokens && series_is_priced(series) ? series->requests - series->unpriced : 0,
        .unpriced = series->unpriced,
        .cost = series->cost,
    };
    add_times(&sums.latency, series);
    return sums;
}

static const char *name_or_null(const char *name)
{
    return *name ? name : NULL;
}

static bool take_series(void *context, const struct series_key *key, const struct series *series)
{
    struct reading *reading = context;
    char ts[CLOCK_TEXT_SIZE];
    if (reading->hour == NO_HOUR)
        reading->hour = key->hour;
    if (key->hour != reading->hour)
        return false;
    clock_format(key->hour * HOUR_US, ts);
    struct usage_log_entry names = {.facts.wall_us = key->hour * HOUR_US,
                                    .ts = ts,
                                    .facts.client = name_or_null(key->client),
                                    .facts.provider = name_or_null(key->provider),
                                    .facts.model = name_or_null(key->model)};
    struct usage_sums sums = sums_of(series);
    reading->take(reading->context, &names, &sums);
    return true;
}

/* Reads hour by hour, because the ledger cannot count requests while it is read. */
static bool read_hours(struct reading *reading, struct ledger *ledger, int64_t from_hour)
{
    bool readable = true;
    reading->hour = from_hour;
    for (int64_t next = from_hour; readable && reading->hour != NO_HOUR; next = reading->hour + 1) {
        reading->hour = NO_HOUR;
        readable = ledger_series_walk(ledger, next, take_series, reading);
    }
    return readable;
}

bool ledger_usage_read(const struct settings *settings, int64_t since_us,
                       void (*take)(void *context, const struct usage_log_entry *names,
                                    const struct usage_sums *sums),
                       void *context, struct failure *why)
{
    struct reading reading = {SERIES_TOTALS, take, context};
    struct ledger *ledger = ledger_open_to_read(settings);
    int64_t first = (since_us + HOUR_US - 1) / HOUR_US;
    bool readable = since_us == LEDGER_USAGE_TOTALS
                        ? ledger_series_walk(ledger, SERIES_TOTALS, take_series, &reading)
                        : read_hours(&reading, ledger, first > SERIES_TOTALS ? first : SERIES_TOTALS + 1);
    const char *fault = ledger_fault(ledger);
    if (!readable)
        fail(why, FAILURE_SETTING, "%s", fault ? fault : "the ledger cannot be used");
    ledger_close(ledger);
    return readable;
}
