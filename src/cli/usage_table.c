/* The report of `penstock usage` as a person reads it: aligned columns, and a last line for all together.
 *
 * Cells are written twice, once to see how wide they are. */
#include "cli/usage_table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/money.h"
#include "cli/tty.h"
#include "usage/usage_report.h"

#define CELL_SIZE 48
#define GAP 2
#define TENTHOUSANDTH (MONEY_USD / 10000)
#define SECOND_US INT64_C(1000000)

struct column {
    const char *title;
    void (*write)(const struct usage_sums *sums, char cell[static CELL_SIZE]);
};

/* ---- cells ---- */

static void unknown(char cell[static CELL_SIZE])
{
    snprintf(cell, CELL_SIZE, "-");
}

/* With a comma before each three digits. */
static void write_number(int64_t number, char cell[static CELL_SIZE])
{
    char digits[24];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRId64, number), used = 0;
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            cell[used++] = ',';
        cell[used++] = digits[i];
    }
    cell[used] = '\0';
}

static void write_requests(const struct usage_sums *sums, char cell[static CELL_SIZE])
{
    write_number(sums->requests, cell);
}

static void write_errors(const struct usage_sums *sums, char cell[static CELL_SIZE])
{
    write_number(sums->errors, cell);
}

static void write_prompt(const struct usage_sums *sums, char cell[static CELL_SIZE])
{
    if (sums->counted)
        write_number(sums->prompt_tokens, cell);
    else
        unknown(cell);
}

static void write_completion(const struct usage_sums *sums, char cell[static CELL_SIZE])
{
    if (sums->counted)
        write_number(sums->completion_tokens, cell);
    else
        unknown(cell);
}

/* Ten thousandths of a USD are enough for a person; what is less is not nothing. */
static void write_cost(const struct usage_sums *sums, char cell[static CELL_SIZE])
{
    int64_t rounded = sums->cost / TENTHOUSANDTH + (sums->cost % TENTHOUSANDTH >= TENTHOUSANDTH / 2);
    if (!sums->priced) {
        unknown(cell);
    } else if (sums->cost > 0 && !rounded) {
        snprintf(cell, CELL_SIZE, "<0.0001");
    } else {
        write_number(rounded / 10000, cell);
        size_t used = strlen(cell);
        snprintf(cell + used, CELL_SIZE - used, ".%04d", (int)(rounded % 10000));
    }
}

static void write_unpriced(const struct usage_sums *sums, char cell[static CELL_SIZE])
{
    write_number(sums->unpriced, cell);
}

static void write_time(const struct usage_sums *sums, double share, char cell[static CELL_SIZE])
{
    int64_t time_us = latency_percentile_us(&sums->latency, share);
    if (time_us < 0)
        unknown(cell);
    else if (time_us < SECOND_US)
        snprintf(cell, CELL_SIZE, "%d ms", (int)(time_us / 1000));
    else if (time_us < 100 * SECOND_US)
        snprintf(cell, CELL_SIZE, "%.1f s", (double)time_us / (double)SECOND_US);
    else
        snprintf(cell, CELL_SIZE, "%d min %d s", (int)(time_us / SECOND_US / 60),
                 (int)(time_us / SECOND_US % 60));
}

static void write_median(const struct usage_sums *sums, char cell[static CELL_SIZE])
{
    write_time(sums, 0.5, cell);
}

static void write_slow(const struct usage_sums *sums, char cell[static CELL_SIZE])
{
    write_time(sums, 0.95, cell);
}

/* ---- the table ---- */

#define NUMBERS 8

struct table {
    const struct usage_group *const *groups;
    size_t count;
    const struct usage_sums *total;
    const struct dimension *const *dimensions;
    size_t dimension_count;
    int name_widths[DIMENSIONS_MAX];
    int number_widths[NUMBERS];
    FILE *out;
};

static const struct column numbers[NUMBERS] = {
    {"requests", write_requests}, {"errors", write_errors},
    {"tokens in", write_prompt},  {"tokens out", write_completion},
    {"USD", write_cost},          {"no price", write_unpriced},
    {"p50", write_median},        {"p95", write_slow},
};

/* Code points, which is columns but for the widest scripts. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void widen(int *width, const char *text)
{
    int own = width_of(text);
    if (own > *width)
        *width = own;
}

static const char *name_of(const struct table *table, const struct usage_group *group, size_t index)
{
    return group->values[index] ? group->values[index] : table->dimensions[index]->absent;
}

static void measure_sums(struct table *table, const struct usage_sums *sums)
{
    char cell[CELL_SIZE];
    for (size_t i = 0; i < NUMBERS; i++) {
        numbers[i].write(sums, cell);
        widen(&table->number_widths[i], cell);
    }
}

static void measure(struct table *table)
{
    widen(&table->name_widths[0], "total");
    for (size_t k = 0; k < table->dimension_count; k++)
        widen(&table->name_widths[k], table->dimensions[k]->name);
    for (size_t k = 0; k < NUMBERS; k++)
        widen(&table->number_widths[k], numbers[k].title);
    for (size_t i = 0; i < table->count; i++) {
        for (size_t k = 0; k < table->dimension_count; k++)
            widen(&table->name_widths[k], name_of(table, table->groups[i], k));
        measure_sums(table, &table->groups[i]->sums);
    }
    measure_sums(table, table->total);
}

static void print_name(const struct table *table, size_t index, const char *name)
{
    int gap = table->name_widths[index] - width_of(name);
    terminal_print(name, table->out);
    fprintf(table->out, "%*s", gap + (index + 1 < table->dimension_count ? GAP : 0), "");
}

static void print_number(const struct table *table, size_t index, const char *text)
{
    if (numbers[index].write != write_unpriced || table->total->unpriced)
        fprintf(table->out, "%*s", table->number_widths[index] + GAP, text);
}

static void print_sums(const struct table *table, const struct usage_sums *sums)
{
    char cell[CELL_SIZE];
    for (size_t i = 0; i < NUMBERS; i++) {
        numbers[i].write(sums, cell);
        print_number(table, i, cell);
    }
    putc('\n', table->out);
}

static void print_titles(const struct table *table)
{
    for (size_t i = 0; i < table->dimension_count; i++)
        print_name(table, i, table->dimensions[i]->name);
    for (size_t i = 0; i < NUMBERS; i++)
        print_number(table, i, numbers[i].title);
    putc('\n', table->out);
}

static void print_total(const struct table *table)
{
    for (size_t i = 0; i < table->dimension_count; i++)
        print_name(table, i, i == 0 ? "total" : "");
    print_sums(table, table->total);
}

static void print_note(const struct table *table)
{
    if (table->total->unpriced)
        fprintf(table->out,
                "\n%" PRId64 " of the requests used what no price is known for: it is in no sum of USD.\n",
                table->total->unpriced);
}

void usage_table_print(struct usage_report *report, const struct dimension *const *dimensions, size_t count,
                       FILE *out)
{
    struct table table = {.dimensions = dimensions, .dimension_count = count, .out = out};
    table.groups = usage_report_groups(report, &table.count);
    table.total = usage_report_total(report);
    measure(&table);
    print_titles(&table);
    for (size_t i = 0; i < table.count; i++) {
        for (size_t k = 0; k < count; k++)
            print_name(&table, k, name_of(&table, table.groups[i], k));
        print_sums(&table, &table.groups[i]->sums);
    }
    print_total(&table);
    print_note(&table);
}
