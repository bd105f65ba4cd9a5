/* What the ledger knows of usage: hourly sums, which are there though the log is not. */
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
#define SLOWEST_MS 600000 /* what has no bound is taken to be below it */

struct reading {
    int64_t hour; /* the one that is read; NO_HOUR: the next that there is */
    void (*take)(void *context, const struct usage_log_entry *names, const struct usage_sums *sums);
    void *context;
};

bool usage_series_knows(const struct dimension *dimension)
{
    static const char *const known[] = {"client", "provider", "model", "hour", "day", "month"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(dimension->name, known[i]) == 0)
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

/* The ledger does not say of how many requests tokens and costs were known: those of which they were not are
 * errors most of the time. */
static struct usage_sums sums_of(const struct series *series)
{
    bool counted = series->prompt_tokens + series->completion_tokens > 0;
    struct usage_sums sums = {
        .requests = series->requests,
        .errors = series->errors,
        .counted = counted ? series->requests : 0,
        .prompt_tokens = series->prompt_tokens,
        .completion_tokens = series->completion_tokens,
        .total_tokens = series->prompt_tokens + series->completion_tokens,
        .priced = counted && series_is_priced(series) ? series->requests - series->unpriced : 0,
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
    struct usage_log_entry names = {.wall_us = key->hour * HOUR_US,
                                    .ts = ts,
                                    .client = name_or_null(key->client),
                                    .provider = name_or_null(key->provider),
                                    .model = name_or_null(key->model)};
    struct usage_sums sums = sums_of(series);
    reading->take(reading->context, &names, &sums);
    return true;
}

/* One hour after the other: while one is read no request can be counted. */
static bool read_hours(struct reading *reading, struct ledger *ledger, int64_t from_hour)
{
    bool up = true;
    reading->hour = from_hour;
    for (int64_t next = from_hour; up && reading->hour != NO_HOUR; next = reading->hour + 1) {
        reading->hour = NO_HOUR;
        up = ledger_series_walk(ledger, next, take_series, reading);
    }
    return up;
}

bool usage_series_read(const struct settings *settings, int64_t since_us,
                       void (*take)(void *context, const struct usage_log_entry *names,
                                    const struct usage_sums *sums),
                       void *context, struct failure *why)
{
    struct reading reading = {SERIES_TOTALS, take, context};
    struct ledger *ledger = ledger_open(settings);
    int64_t first = (since_us + HOUR_US - 1) / HOUR_US;
    bool up = since_us == USAGE_SERIES_TOTALS
                  ? ledger_series_walk(ledger, SERIES_TOTALS, take_series, &reading)
                  : read_hours(&reading, ledger, first > SERIES_TOTALS ? first : SERIES_TOTALS + 1);
    const char *fault = ledger_fault(ledger);
    if (!up)
        fail(why, FAILURE_SETTING, "%s", fault ? fault : "the ledger cannot be used");
    ledger_close(ledger);
    return up;
}
