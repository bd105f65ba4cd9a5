/* Series are summed by name, and the metrics have each sample once. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "config/settings_types.h"
#include "ledger/series_table.h"
#include "pages/metrics.h"
#include "pages/status_facts.h"
#include "unit.h"

static struct series_row row_of(const char *client, const char *provider, const char *model)
{
    return (struct series_row){client, provider, model, {.requests = 1}};
}

static void rows_are_summed_and_sorted(void)
{
    struct arena *arena = arena_create();
    struct series_table table = {0};
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 300; i++) {
            char client[8], model[8];
            snprintf(client, sizeof client, "c%d", i % 30);
            snprintf(model, sizeof model, "m%d", i * 7 % 10);
            struct series_row row = row_of(client, "p", model);
            series_table_add(&table, arena, &row);
        }
    CU_ASSERT_EQUAL_FATAL(table.count, 30);
    for (size_t i = 0; i < table.count; i++)
        CU_ASSERT_EQUAL(table.rows[i].series.requests, 30);
    for (size_t i = 1; i < table.count; i++)
        CU_ASSERT_TRUE(strcmp(table.rows[i - 1].client, table.rows[i].client) < 0);
    series_table_free(&table);
    arena_destroy(arena);
}

static void names_that_concatenate_alike_differ(void)
{
    static const char *const names[][3] = {
        {"ab", "c", ""}, {"a", "bc", ""}, {"", "", "abc"}, {"abc", "", ""}};
    struct arena *arena = arena_create();
    struct series_table table = {0};
    for (size_t i = 0; i < 4; i++) {
        struct series_row row = row_of(names[i][0], names[i][1], names[i][2]);
        series_table_add(&table, arena, &row);
    }
    CU_ASSERT_EQUAL(table.count, 4);
    series_table_free(&table);
    arena_destroy(arena);
}

static void a_percentile_lies_in_its_class(void)
{
    struct series series = {.requests = 0};
    CU_ASSERT_EQUAL(series_percentile_ms(&series, 0.5), -1);
    series.classes[5] = 90; /* 100 to 250 ms */
    series.classes[SERIES_CLASSES - 1] = 10;
    int64_t median = series_percentile_ms(&series, 0.5);
    CU_ASSERT_TRUE(median > 100 && median <= 250);
    CU_ASSERT_EQUAL(series_percentile_ms(&series, 0.95), -1);
}

static void a_name_of_several_reasons_counts_once(void)
{
    struct series series = {.requests = 0};
    int64_t sum = 0;
    for (enum failure_reason reason = FAILURE_NONE + 1; reason < FAILURE_REASONS; reason++)
        series.reasons[reason] = 1;
    for (enum failure_reason one = FAILURE_NONE + 1; one < FAILURE_REASONS; one++) {
        int64_t count = series_errors(&series, one);
        sum += count;
        for (enum failure_reason other = FAILURE_NONE + 1; other < one; other++)
            if (strcmp(failure_reason_name(one), failure_reason_name(other)) == 0)
                CU_ASSERT_EQUAL(count, 0);
    }
    CU_ASSERT_EQUAL(sum, FAILURE_REASONS - 1);
}

static void unknown_is_not_zero(void)
{
    struct series series = {.requests = 2};
    CU_ASSERT_TRUE(series_is_priced(&series));
    series.unpriced = 1;
    CU_ASSERT_FALSE(series_is_priced(&series));
    series.cost = 1;
    CU_ASSERT_TRUE(series_is_priced(&series));
}

/* Each sample is there once, and no label value can end its line or its quotation marks. */
static void metrics_are_valid(void)
{
    struct arena *arena = arena_create();
    struct status_facts facts = {.mode = "pool", .waiting = -1, .lost = -1};
    struct series_row row = row_of("a\"b\\c\nd\xff", "p", "\xc3\xa4");
    for (enum failure_reason reason = FAILURE_NONE + 1; reason < FAILURE_REASONS; reason++)
        row.series.reasons[reason] = 1;
    series_table_add(&facts.totals, arena, &row);
    struct buffer body;
    buffer_init(&body, 1 << 20);
    CU_ASSERT_TRUE_FATAL(metrics_put(&facts, &body));
    CU_ASSERT_TRUE_FATAL(buffer_append(&body, "", 1));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(body.bytes,
               "penstock_requests_total{client=\"a\\\"b\\\\c?d?\",provider=\"p\",model=\"\xc3\xa4\"} 1\n"));
    CU_ASSERT_PTR_NULL(strstr(body.bytes, "penstock_records_lost"));
    char *rest = body.bytes, *line;
    while ((line = strsep(&rest, "\n")) && rest) {
        char *again = *line == '#' ? NULL : strstr(rest, line);
        CU_ASSERT_TRUE(!again || again[-1] != '\n');
    }
    buffer_free(&body);
    buffer_init(&body, 2000);
    CU_ASSERT_FALSE(metrics_put(&facts, &body));
    buffer_free(&body);
    series_table_free(&facts.totals);
    arena_destroy(arena);
}

/* However many models fail, the metrics have a bounded number of them, and the open ones before others. */
static void breakers_have_bounded_names(void)
{
    struct arena *arena = arena_create();
    struct status_facts facts = {.waiting = -1, .lost = -1};
    size_t open = 0;
    for (int i = 0; i < 500; i++) {
        char model[16];
        snprintf(model, sizeof model, "m%d", i % 250);
        struct status_breaker breaker = {"p", model, i % 250 + 1, i % 250 >= 220};
        status_facts_add_breaker(&facts, arena, &breaker);
    }
    CU_ASSERT_EQUAL_FATAL(facts.breaker_count, STATUS_BREAKERS);
    for (size_t i = 0; i < facts.breaker_count; i++) {
        open += facts.breakers[i].open;
        for (size_t k = 0; k < i; k++)
            CU_ASSERT_NOT_EQUAL(strcmp(facts.breakers[i].model, facts.breakers[k].model), 0);
    }
    CU_ASSERT_EQUAL(open, 30);
    CU_ASSERT_STRING_EQUAL(facts.breakers[STATUS_BREAKERS - 1].model, OTHER_MODELS);
    CU_ASSERT_FALSE(facts.breakers[STATUS_BREAKERS - 1].open);
    CU_ASSERT_EQUAL(facts.breakers[STATUS_BREAKERS - 1].failures, 220);
    arena_destroy(arena);
}

static void metrics_count_the_requests_of_workers(void)
{
    struct pool_worker workers[] = {{.number = 0, .requests = 3, .served = 70, .loop_lag_us = 1500},
                                    {.number = 4, .requests = 9}};
    struct status_facts facts = {
        .mode = "pool",
        .waiting = -1,
        .lost = -1,
        .has_pool = true,
        .pool = {.workers = 2, .busy = 2, .requests = 12, .max_requests = 512, .loop_lag_us = 1500},
        .workers = workers,
        .worker_count = 2,
    };
    static const char *const lines[] = {
        "penstock_requests_running 12\n",
        "penstock_requests_max 512\n",
        "penstock_loop_lag_seconds 0.001500\n",
        "penstock_worker_requests{worker=\"0\"} 3\npenstock_worker_requests{worker=\"4\"} 9\n",
        "penstock_worker_requests_total{worker=\"0\"} 70\n",
        "penstock_worker_loop_lag_seconds{worker=\"0\"} 0.001500\n",
    };
    struct buffer body;
    buffer_init(&body, 1 << 20);
    CU_ASSERT_TRUE_FATAL(metrics_put(&facts, &body));
    CU_ASSERT_TRUE_FATAL(buffer_append(&body, "", 1));
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        CU_ASSERT_PTR_NOT_NULL(strstr(body.bytes, lines[i]));
    buffer_free(&body);
}

static const struct unit_test tests[] = {
    {"rows are summed and sorted", rows_are_summed_and_sorted},
    {"names that concatenate alike differ", names_that_concatenate_alike_differ},
    {"a percentile lies in its class", a_percentile_lies_in_its_class},
    {"a name of several reasons counts once", a_name_of_several_reasons_counts_once},
    {"unknown is not zero", unknown_is_not_zero},
    {"metrics are valid", metrics_are_valid},
    {"metrics count the requests of workers", metrics_count_the_requests_of_workers},
    {"breakers have bounded names", breakers_have_bounded_names},
};

UNIT_MAIN("status", tests)
