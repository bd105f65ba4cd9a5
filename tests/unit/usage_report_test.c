/* The report: records find their group, unknown is not 0, and percentiles are close to the exact ones. */
#include "usage/usage_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "usage/price.h"
#include "usage/usage_log_entry.h"

static struct usage_log_entry entry_of(const char *client, const char *model)
{
    return (struct usage_log_entry){.ts = "2026-11-19T10:00:00Z",
                                    .facts = {.client = client,
                                              .model = model,
                                              .provider = model ? "fake" : NULL,
                                              .usage = token_usage_unknown(),
                                              .cost = COST_UNKNOWN,
                                              .duration_us = -1},
                                    .end = "complete",
                                    .provider_status = 200};
}

static struct usage_report *report_by(const char *one, const char *other)
{
    const struct dimension *by[] = {dimension_find(one, strlen(one)), dimension_find(other, strlen(other))};
    CU_ASSERT_PTR_NOT_NULL_FATAL(by[0]);
    CU_ASSERT_PTR_NOT_NULL_FATAL(by[1]);
    return usage_report_create(by, 2);
}

static void every_group_is_found_again(void)
{
    struct usage_report *report = report_by("client", "day");
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 5000; i++) {
            char name[16];
            snprintf(name, sizeof name, "c%d", i);
            struct usage_log_entry entry = entry_of(name, "m");
            entry.facts.cost = i;
            usage_report_add(report, &entry);
        }
    size_t count;
    const struct usage_group *const *groups = usage_report_groups(report, &count);
    CU_ASSERT_EQUAL_FATAL(count, 5000);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(groups[i]->sums.requests, 3);
        CU_ASSERT_EQUAL(groups[i]->sums.cost, 3 * atol(groups[i]->values[0] + 1));
        CU_ASSERT_STRING_EQUAL(groups[i]->values[1], "2026-11-19");
    }
    CU_ASSERT_EQUAL(usage_report_total(report)->requests, 15000);
    usage_report_free(report);
}

static void values_that_concatenate_alike_differ(void)
{
    static const char *const pairs[][2] = {{"ab", "c"},   {"a", "bc"},   {"abc", ""}, {"", "abc"},
                                           {NULL, "abc"}, {"abc", NULL}, {NULL, NULL}};
    struct usage_report *report = report_by("client", "model");
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct usage_log_entry entry = entry_of(pairs[i][0], pairs[i][1]);
        usage_report_add(report, &entry);
    }
    size_t count;
    usage_report_groups(report, &count);
    CU_ASSERT_EQUAL(count, sizeof pairs / sizeof *pairs);
    usage_report_free(report);
}

static struct usage_sums sums_of(const struct usage_log_entry *entry)
{
    struct usage_report *report = report_by("client", "model");
    usage_report_add(report, entry);
    struct usage_sums sums = *usage_report_total(report);
    usage_report_free(report);
    return sums;
}

static void unpriced_requests_are_counted(void)
{
    struct usage_log_entry entry = entry_of("a", "m");
    CU_ASSERT_EQUAL(sums_of(&entry).unpriced, 1);
    CU_ASSERT_EQUAL(sums_of(&entry).priced, 0);
    entry.facts.cost = 0;
    CU_ASSERT_EQUAL(sums_of(&entry).unpriced, 0);
    CU_ASSERT_EQUAL(sums_of(&entry).priced, 1);
    entry.facts.cost = COST_UNKNOWN;
    entry.provider_status = -1;
    entry.reason = "timeout"; /* it may have been answered and billed */
    CU_ASSERT_EQUAL(sums_of(&entry).unpriced, 1);
    entry.reason = "connect_failed";
    CU_ASSERT_EQUAL(sums_of(&entry).unpriced, 0);
    entry.reason = "rate_limit";
    entry.provider_status = 429;
    CU_ASSERT_EQUAL(sums_of(&entry).unpriced, 0);
    entry.facts.usage.prompt = 3; /* a stream that failed late */
    CU_ASSERT_EQUAL(sums_of(&entry).unpriced, 1);
    entry = entry_of("a", NULL);
    CU_ASSERT_EQUAL(sums_of(&entry).unpriced, 0);
    entry = entry_of("a", "m");
    entry.source = "gateway";
    entry.reason = "limit_reached";
    CU_ASSERT_EQUAL(sums_of(&entry).unpriced, 0);
}

static void a_sum_does_not_overflow(void)
{
    struct usage_report *report = report_by("client", "model");
    struct usage_log_entry entry = entry_of("a", "m");
    entry.facts.usage.prompt = entry.facts.cost = INT64_MAX - 1;
    for (int i = 0; i < 3; i++)
        usage_report_add(report, &entry);
    CU_ASSERT_EQUAL(usage_report_total(report)->cost, INT64_MAX);
    CU_ASSERT_EQUAL(usage_report_total(report)->prompt_tokens, INT64_MAX);
    usage_report_free(report);
}

static int compare(const void *one, const void *other)
{
    int64_t first = *(const int64_t *)one, second = *(const int64_t *)other;
    return first < second ? -1 : first > second;
}

#define TIMES 5000

static void percentiles_are_close_to_the_exact_ones(void)
{
    static int64_t times[TIMES];
    static const double shares[] = {0.01, 0.5, 0.9, 0.95, 0.99, 1};
    struct latency latency = {.count = 0}, both = {.count = 0};
    srand(1);
    for (size_t i = 0; i < TIMES; i++) {
        times[i] = 8000 + (int64_t)(rand() % 1000) * (rand() % 1000) * (rand() % 100) / 10;
        latency_add(&latency, times[i]);
    }
    latency_merge(&both, &latency);
    latency_merge(&both, &latency);
    CU_ASSERT_EQUAL(both.count, 2 * TIMES);
    qsort(times, TIMES, sizeof *times, compare);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        double truth = (double)times[(size_t)(shares[i] * TIMES) - 1];
        double found = (double)latency_percentile_us(&both, shares[i]);
        CU_ASSERT_TRUE(found > truth * 0.87 && found < truth * 1.13);
    }
}

static void times_beyond_the_scale_are_kept(void)
{
    struct latency latency = {.count = 0};
    CU_ASSERT_EQUAL(latency_percentile_us(&latency, 0.5), -1);
    latency_add(&latency, 0);
    CU_ASSERT_TRUE(latency_percentile_us(&latency, 0.5) < 1000);
    latency_add(&latency, INT64_MAX);
    latency_add(&latency, INT64_MAX);
    CU_ASSERT_TRUE(latency_percentile_us(&latency, 0.9) > INT64_C(3600000000) * 15);
}

static const struct unit_test tests[] = {
    {"every group is found again", every_group_is_found_again},
    {"values that concatenate alike differ", values_that_concatenate_alike_differ},
    {"unpriced requests are counted", unpriced_requests_are_counted},
    {"a sum does not overflow", a_sum_does_not_overflow},
    {"percentiles are close to the exact ones", percentiles_are_close_to_the_exact_ones},
    {"times beyond the scale are kept", times_beyond_the_scale_are_kept},
};

UNIT_MAIN("usage_report", tests)
