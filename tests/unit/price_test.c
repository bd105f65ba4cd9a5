/* Prices: the right row is found, the cost is what the provider bills, and the installed file is valid. */
#include "usage/price.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error_log.h"
#include "base/failure.h"
#include "unit.h"
#include "usage/price_file.h"
#include "usage/token_usage.h"

static char folder[] = "/tmp/price-test-XXXXXX", own[64], installed[64], said[64];

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

static size_t mistakes;
static char last_mistake[FAILURE_MESSAGE_SIZE];

static void count_mistake(void *context, const struct failure *why)
{
    (void)context;
    mistakes++;
    snprintf(last_mistake, sizeof last_mistake, "%s", strrchr(why->message, '/'));
}

static void lines_are_read(void)
{
    struct price_file file;
    mistakes = 0;
    write_file(own, "# a comment\n\n  a  one 1 2\r\nb two\t0.5 .25 0.125 1.5 # cheap\nc three 1 2 - 3");
    CU_ASSERT_TRUE_FATAL(price_file_read(&file, own, count_mistake, NULL));
    CU_ASSERT_EQUAL(mistakes, 0);
    CU_ASSERT_EQUAL_FATAL(file.count, 3);
    CU_ASSERT_STRING_EQUAL(file.rows[0].provider, "a");
    CU_ASSERT_STRING_EQUAL(file.rows[0].model, "one");
    CU_ASSERT_EQUAL(file.rows[0].price.output, 2);
    CU_ASSERT_TRUE(file.rows[0].price.cached < 0 && file.rows[0].price.cache_write < 0);
    CU_ASSERT_EQUAL(file.rows[1].price.output, 0.25);
    CU_ASSERT_EQUAL(file.rows[1].price.cached, 0.125);
    CU_ASSERT_EQUAL(file.rows[1].price.cache_write, 1.5);
    CU_ASSERT_TRUE(file.rows[2].price.cached < 0);
    CU_ASSERT_EQUAL(file.rows[2].price.cache_write, 3);
    price_file_free(&file);
}

static void numbers_are_rounded_to_the_nearest_double(void)
{
    static const char *const words[] = {
        "0",
        "0.1",
        "0.3",
        "1.",
        "00.0750",
        "0.00000000000001",
        "99999.99999999",
        "12345",
        "0.80000001",
        "3.333333",
        ".07",
        "1000000",
        "0.100000000000000005551115123125782702",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct price_file file;
        char text[128];
        mistakes = 0;
        snprintf(text, sizeof text, "a one %s %s\n", words[i], words[i]);
        write_file(own, text);
        CU_ASSERT_TRUE_FATAL(price_file_read(&file, own, count_mistake, NULL));
        CU_ASSERT_EQUAL_FATAL(file.count, 1);
        CU_ASSERT_EQUAL(file.rows[0].price.output, strtod(words[i], NULL));
        price_file_free(&file);
    }
}

static void malformed_lines_are_reported_and_skipped(void)
{
    static const char *const lines[] = {
        "a",          "a one",       "a one 1",         "a one 1 -",       "a one x 2",   "a one 1 inf",
        "a one 1 -2", "a one 1 0x2", "a one 1 2 3 4 5", "a one 1 2000000", "a one 1 2 .", "a one 1.2.3 1",
    };
    struct price_file file;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[128];
        mistakes = 0;
        snprintf(text, sizeof text, "a zero 1 1\n%s\nb two 1 1\n", lines[i]);
        write_file(own, text);
        CU_ASSERT_TRUE_FATAL(price_file_read(&file, own, count_mistake, NULL));
        CU_ASSERT_EQUAL(mistakes, 1);
        CU_ASSERT_EQUAL(strncmp(last_mistake, "/own:2: ", 8), 0);
        CU_ASSERT_EQUAL(file.count, 2);
        price_file_free(&file);
    }
}

static void a_file_may_be_missing_or_too_large(void)
{
    struct price_file file;
    unlink(own);
    CU_ASSERT_FALSE(price_file_read(&file, own, count_mistake, NULL));
    CU_ASSERT_EQUAL(errno, ENOENT);
    price_file_free(&file);
    write_file(own, "");
    CU_ASSERT_TRUE(price_file_read(&file, own, count_mistake, NULL));
    CU_ASSERT_EQUAL(file.count, 0);
    price_file_free(&file);
    CU_ASSERT_EQUAL_FATAL(truncate(own, PRICE_FILE_MAX + 1), 0);
    CU_ASSERT_FALSE(price_file_read(&file, own, count_mistake, NULL));
    CU_ASSERT_EQUAL(errno, EFBIG);
    price_file_free(&file);
}

/* The input price shows which row was found; -1: none. */
static double find(struct prices *prices, const char *provider, const char *preset, const char *model)
{
    struct price price;
    return price_find(prices, provider, preset, model, &price) ? price.input : -1;
}

static void the_most_specific_row_is_used(void)
{
    static const struct {
        const char *provider, *preset, *model;
        double input;
    } cases[] = {
        {"p", NULL, "alpha", 1},
        {"p", NULL, "alpha-2024-08-06", 1},
        {"p", NULL, "alpha-20240806", 1},
        {"p", NULL, "alpha@20240806", 1},
        {"p", NULL, "alpha-latest", 1},
        {"p", NULL, "alpha-2024-08-06-x", 3},
        {"p", NULL, "alpha-dated-20250101", 2}, /* its own row, not that of its undated name */
        {"p", NULL, "alpha-mini", 3},
        {"p", NULL, "alpha-mini-fast", 4},  /* the longer of two patterns */
        {"p", NULL, "swift-2024-01-01", 5}, /* a pattern that ends before the date */
        {"p", NULL, "beta", -1},
        {"q", NULL, "alpha", -1},
        {"q", "p", "alpha", 1},
        {"mine", "p", "alpha", 6}, /* the provider's name first */
        {"mine", "p", "gamma", -1},
        {"q", NULL, "delta", 7}, /* for any provider */
        {"p", NULL, "delta", 7},
        {"p", NULL, "omega", 9}, /* the own file before the installed one */
        {"p", NULL, "sigma", 10},
    };
    write_file(own, "mine alpha 6 0\np omega 9 0\n");
    write_file(installed, "p alpha 1 0\np alpha-dated-20250101 2 0\np alpha-dated 20 0\np alpha-* 3 0\n"
                          "p alpha-mini-* 4 0\np s*ft 5 0\n* delta 7 0\np omega 8 0\np sigma 10 0\n");
    struct prices *prices = prices_create(own, installed);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double input = find(prices, cases[i].provider, cases[i].preset, cases[i].model);
        CU_ASSERT_EQUAL(input, cases[i].input);
        if (input != cases[i].input)
            printf("\n%s %s: %g\n", cases[i].provider, cases[i].model, input);
    }
    prices_free(prices);
}

static size_t lines_said(const char *words)
{
    char line[4096];
    size_t count = 0;
    FILE *file = fopen(said, "r");
    while (file && fgets(line, sizeof line, file))
        count += strstr(line, words) != NULL;
    if (file)
        fclose(file);
    return count;
}

static void a_model_without_a_price_is_logged_once(void)
{
    write_file(own, "p known 1 1\n");
    struct prices *prices = prices_create(own, NULL);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(find(prices, "p", NULL, "first"), -1);
        CU_ASSERT_EQUAL(find(prices, "p", NULL, "second"), -1);
        CU_ASSERT_EQUAL(find(prices, "p", NULL, "known"), 1);
    }
    CU_ASSERT_EQUAL(lines_said("second"), 1);
    CU_ASSERT_EQUAL(lines_said("first"), 1);
    for (int i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%d", i);
        CU_ASSERT_EQUAL(find(prices, "p", NULL, name), -1);
    }
    CU_ASSERT_TRUE(lines_said("no price") < 100);
    prices_free(prices);
}

static void the_cost_is_what_is_billed(void)
{
    static const struct price plain = {3, 15, -1, -1}, full = {3, 15, 0.3, 3.75};
    static const struct {
        const struct price *price;
        int64_t prompt, completion, total, cached, reasoning, cache_write, cost;
    } cases[] = {
        {&plain, 0, 0, 0, -1, -1, -1, 0},
        {&plain, 1000, 100, 1100, -1, -1, -1, 4500000},
        {&plain, 1, 1, 2, -1, -1, -1, 18000},
        {&plain, 1000, 100, 1100, 400, -1, -1, 4500000}, /* no price for the cache: that of input */
        {&full, 1000, 100, 1100, 400, -1, -1, 3420000},
        {&full, 1000, 100, 1100, 400, 60, 200, 3570000}, /* reasoning is within the completion */
        {&full, 1000, 100, 1160, -1, 60, -1, 5400000},   /* ... or beside it, as the total shows */
        {&full, 1000, 20, 1020, -1, 60, -1, 4200000},    /* ... or because it cannot be within */
        {&full, 1000, 100, 1300, -1, -1, -1, 7500000},   /* output that only the total has */
        {&full, 10, 100, 610, 500, -1, -1, 1680000},     /* the cache counted beside the prompt */
        {&full, 10, 100, 110, 99999, -1, -1, 1503000},   /* more of the cache than the prompt has */
        {&full, 10, 100, -1, 99999, -1, 99999, 1537500},
        {&full, 10, 100, 5000, 99999, -1, -1, 1503000},
        {&full, 1000, -1, 1000, -1, -1, -1, 3000000}, /* embeddings */
        {&full, 1000, -1, -1, -1, -1, -1, COST_UNKNOWN},
        {&full, -1, 100, -1, -1, -1, -1, COST_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct token_usage usage = {.source = USAGE_PROVIDER,
                                    .prompt = cases[i].prompt,
                                    .completion = cases[i].completion,
                                    .total = cases[i].total,
                                    .cached = cases[i].cached,
                                    .reasoning = cases[i].reasoning,
                                    .cache_write = cases[i].cache_write};
        int64_t cost = price_cost(cases[i].price, &usage);
        CU_ASSERT_EQUAL(cost, cases[i].cost);
        if (cost != cases[i].cost)
            printf("\ncase %zu: %lld\n", i, (long long)cost);
    }
    struct token_usage nothing = token_usage_unknown();
    CU_ASSERT_EQUAL(price_cost(&full, &nothing), COST_UNKNOWN);
    struct token_usage absurd = {
        .source = USAGE_PROVIDER, .prompt = INT64_MAX, .completion = 0, .total = INT64_MAX};
    CU_ASSERT_EQUAL(price_cost(&full, &absurd), COST_UNKNOWN);
}

static void a_cost_is_written_without_trailing_zeros(void)
{
    static const struct {
        int64_t cost;
        const char *text;
    } cases[] = {
        {0, "0"},          {1, "0.000000001"},    {59400, "0.0000594"},
        {1000000000, "1"}, {12500000000, "12.5"}, {INT64_MAX, "9223372036.854775807"},
    };
    char text[COST_TEXT_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cost_format(cases[i].cost, text);
        CU_ASSERT_STRING_EQUAL(text, cases[i].text);
    }
}

/* All lines are valid, without duplicates, and sorted. */
static void the_installed_file_is_valid(void)
{
    char path[4096];
    struct price_file file;
    const char *top = getenv("srcdir");
    mistakes = 0;
    snprintf(path, sizeof path, "%s/etc/prices.conf", top ? top : ".");
    CU_ASSERT_TRUE_FATAL(price_file_read(&file, path, count_mistake, NULL));
    CU_ASSERT_EQUAL(mistakes, 0);
    CU_ASSERT_TRUE(file.count > 200);
    for (size_t i = 1; i < file.count; i++) {
        const struct price_row *before = &file.rows[i - 1], *row = &file.rows[i];
        int order = strcmp(before->provider, row->provider);
        CU_ASSERT_TRUE(order < 0 || (order == 0 && strcmp(before->model, row->model) < 0));
        CU_ASSERT_TRUE(row->price.cached <= row->price.input);
    }
    price_file_free(&file);
}

static const struct unit_test tests[] = {
    {"lines are read", lines_are_read},
    {"numbers are rounded to the nearest double", numbers_are_rounded_to_the_nearest_double},
    {"malformed lines are reported and skipped", malformed_lines_are_reported_and_skipped},
    {"a file may be missing or too large", a_file_may_be_missing_or_too_large},
    {"the most specific row is used", the_most_specific_row_is_used},
    {"a model without a price is logged once", a_model_without_a_price_is_logged_once},
    {"the cost is what is billed", the_cost_is_what_is_billed},
    {"a cost is written without trailing zeros", a_cost_is_written_without_trailing_zeros},
    {"the installed file is valid", the_installed_file_is_valid},
};

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    snprintf(own, sizeof own, "%s/own", folder);
    snprintf(installed, sizeof installed, "%s/installed", folder);
    snprintf(said, sizeof said, "%s/said", folder);
    if (!log_open(said, LEVEL_INFO))
        return EXIT_FAILURE;
    int status = unit_run("price", tests, sizeof tests / sizeof *tests);
    unlink(own);
    unlink(installed);
    unlink(said);
    rmdir(folder);
    return status;
}
