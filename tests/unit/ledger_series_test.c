/* The names of models in the sums: those that providers have answered for are never crowded out. */
#include "ledger/ledger_series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/settings_types.h"
#include "ledger/ledger.h"
#include "ledger/ledger_internal.h"
#include "unit.h"
#include "usage/exchange_facts.h"

#define NOW_MS INT64_C(1790000000000)
#define MANY 2500

static char folder[] = "/tmp/penstock-series-XXXXXX";
static char *targets[] = {(char *)"p:named?n=1"};
static char *models[] = {(char *)"listed"};
static struct alias_settings alias = {.name = (char *)"a", .targets = {.count = 1, .items = targets}};
static struct provider_settings provider = {.name = (char *)"p", .models = {1, models}};
static struct settings settings = {
    .state_dir = folder, .alias_count = 1, .aliases = &alias, .provider_count = 1, .providers = &provider};
static struct ledger *ledger;

static void begin_test(void)
{
    ledger = ledger_open(&settings);
}

static void end_test(void)
{
    char command[128];
    ledger_close(ledger);
    snprintf(command, sizeof command, "rm -rf '%s' && mkdir '%s'", folder, folder);
    if (system(command) != 0)
        abort();
}

static void count(const char *model, enum failure_reason reason, int64_t now_ms)
{
    struct exchange_facts facts = exchange_facts_without_results(
        &(struct exchange_facts){.client = "c", .provider = "p", .model = model});
    struct ledger_outcome outcome = {.reason = reason, .answered = reason == FAILURE_NONE};
    CU_ASSERT_TRUE_FATAL(ledger_txn_begin(ledger));
    ledger_series_add(ledger, &facts, &outcome, now_ms);
    ledger_txn_commit(ledger);
}

static void count_many(const char *prefix, enum failure_reason reason, int64_t now_ms)
{
    CU_ASSERT_TRUE_FATAL(ledger_txn_begin(ledger));
    for (int i = 0; i < MANY; i++) {
        char model[32];
        snprintf(model, sizeof model, "%s-%d", prefix, i);
        struct exchange_facts facts = exchange_facts_without_results(
            &(struct exchange_facts){.client = "c", .provider = "p", .model = model});
        struct ledger_outcome outcome = {.reason = reason, .answered = reason == FAILURE_NONE};
        ledger_series_add(ledger, &facts, &outcome, now_ms + i);
    }
    ledger_txn_commit(ledger);
}

struct search {
    int64_t hour;
    const char *model; /* NULL: any */
    size_t rows;
    int64_t requests;
};

static bool look(void *context, const struct series_key *key, const struct series *series)
{
    struct search *search = context;
    if (key->hour == search->hour && (!search->model || strcmp(key->model, search->model) == 0)) {
        search->rows++;
        search->requests += series->requests;
    }
    return true;
}

static struct search find(int64_t hour, const char *model)
{
    struct search search = {.hour = hour, .model = model};
    CU_ASSERT_TRUE(ledger_series_walk(ledger, SERIES_TOTALS, look, &search));
    return search;
}

static void made_up_names_have_no_row(void)
{
    begin_test();
    count("real", FAILURE_NONE, NOW_MS);
    count_many("made-up", FAILURE_MODEL_NOT_FOUND, NOW_MS);
    count_many("mistaken", FAILURE_INVALID_REQUEST, NOW_MS);
    count("new", FAILURE_NONE, NOW_MS);
    count("real", FAILURE_MODEL_NOT_FOUND, NOW_MS);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, "real").requests, 2);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, "new").requests, 1);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, "(others)").requests, 2 * MANY);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, NULL).rows, 3);
    CU_ASSERT_EQUAL(find(NOW_MS / 3600000, NULL).rows, 3);
    CU_ASSERT_EQUAL(find(NOW_MS / 3600000, "real").requests, 2);
    end_test();
}

static void names_that_may_exist_have_few_rows(void)
{
    begin_test();
    count_many("unreachable", FAILURE_CONNECT, NOW_MS);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, NULL).rows, 101);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, NULL).requests, MANY);
    count("named", FAILURE_CONNECT, NOW_MS);
    count("listed", FAILURE_MODEL_NOT_FOUND, NOW_MS);
    count("real", FAILURE_NONE, NOW_MS);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, "named").rows, 1);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, "listed").rows, 1);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, "real").rows, 1);
    count("later", FAILURE_CONNECT, NOW_MS);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, "later").rows, 0);
    count("unreachable-7", FAILURE_NONE, NOW_MS); /* gives its place to another one */
    count("later", FAILURE_CONNECT, NOW_MS);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, "later").rows, 1);
    end_test();
}

/* A provider that answers for any name. */
static void old_names_make_room(void)
{
    begin_test();
    count("old", FAILURE_NONE, NOW_MS);
    count("busy", FAILURE_NONE, NOW_MS);
    count_many("first", FAILURE_NONE, NOW_MS + 1000);
    count("busy", FAILURE_NONE, NOW_MS + 10000);
    count_many("second", FAILURE_NONE, NOW_MS + 20000);
    count("busy", FAILURE_NONE, NOW_MS + 30000);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, "old").rows, 0);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, "second-2499").rows, 1);
    CU_ASSERT_TRUE(find(SERIES_TOTALS, NULL).rows <= 2001);
    CU_ASSERT_EQUAL(find(SERIES_TOTALS, NULL).requests, 2 * MANY + 4);
    CU_ASSERT_EQUAL(find(NOW_MS / 3600000, NULL).requests, 2 * MANY + 4);
    end_test();
}

static const struct unit_test tests[] = {
    {"made-up names have no row", made_up_names_have_no_row},
    {"names that may exist have few rows", names_that_may_exist_have_few_rows},
    {"old names make room", old_names_make_room},
};

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    int status = unit_run("ledger series", tests, sizeof tests / sizeof *tests);
    rmdir(folder);
    return status;
}
