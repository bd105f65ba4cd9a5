/* Prints the report of `penstock usage`: a table for people, JSON and CSV for programs. */
#include "cli/usage_print.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "base/money.h"
#include "cli/tty.h"
#include "format/json_write.h"
#include "usage/usage_log_reader.h"
#include "usage/usage_report.h"

#define CELL_SIZE 48
#define GAP 2
#define TENTHOUSANDTH (MONEY_USD / 10000)
#define SECOND_US INT64_C(1000000)
#define GROUP_MAX (4 * 1024 * 1024)
#define MILLISECOND 1000
#define VALUES 9

/* ---- the table ---- */

struct column {
    const char *title;
    void (*write)(const struct usage_sums *sums, char cell[static CELL_SIZE]);
};

static void write_unknown(char cell[static CELL_SIZE])
{
    snprintf(cell, CELL_SIZE, "-");
}

/* Inserts a comma before every three digits. */
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
        write_unknown(cell);
}

static void write_completion(const struct usage_sums *sums, char cell[static CELL_SIZE])
{
    if (sums->counted)
        write_number(sums->completion_tokens, cell);
    else
        write_unknown(cell);
}

/* Rounds to ten thousandths of a USD, but does not round a smaller cost to 0. */
static void write_cost(const struct usage_sums *sums, char cell[static CELL_SIZE])
{
    int64_t rounded = sums->cost / TENTHOUSANDTH + (sums->cost % TENTHOUSANDTH >= TENTHOUSANDTH / 2);
    if (!sums->priced) {
        write_unknown(cell);
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
        write_unknown(cell);
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

/* Counts code points. East Asian characters are wider, and their columns are not aligned. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void widen(int *width, const char *text)
{
    int text_width = width_of(text);
    if (text_width > *width)
        *width = text_width;
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

/* Formats every cell once to find the widths of the columns. */
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
    tty_print(name, table->out);
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
        fprintf(table->out, "\nNo price is known for %" PRId64 " of the requests; their cost is in no sum.\n",
                table->total->unpriced);
}

void usage_print_table(struct usage_report *report, const struct dimension *const *dimensions, size_t count,
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

/* ---- common to JSON and CSV ---- */

/* A number of a group; -1: unknown. The cost is stored separately, because it has decimals. */
struct value {
    const char *name;
    int64_t value;
};

static void list_values(const struct usage_sums *sums, struct value values[static VALUES])
{
    int64_t median = latency_percentile_us(&sums->latency, 0.5);
    int64_t slow = latency_percentile_us(&sums->latency, 0.95);
    struct value all[VALUES] = {
        {"requests", sums->requests},
        {"errors", sums->errors},
        {"counted_requests", sums->counted},
        {"prompt_tokens", sums->counted ? sums->prompt_tokens : -1},
        {"completion_tokens", sums->counted ? sums->completion_tokens : -1},
        {"total_tokens", sums->counted ? sums->total_tokens : -1},
        {"unpriced_requests", sums->unpriced},
        {"p50_ms", median < 0 ? -1 : median / MILLISECOND},
        {"p95_ms", slow < 0 ? -1 : slow / MILLISECOND},
    };
    memcpy(values, all, sizeof all);
}

/* ---- JSON ---- */

static void put_sums(struct json_writer *writer, const struct usage_sums *sums)
{
    struct value values[VALUES];
    char cost[MONEY_TEXT_SIZE];
    list_values(sums, values);
    for (size_t i = 0; i < VALUES; i++)
        json_put_count(writer, values[i].name, values[i].value);
    money_print(sums->cost, cost);
    if (sums->priced)
        json_put_raw(writer, "cost_usd", cost, strlen(cost));
    else
        json_put_null(writer, "cost_usd");
}

static void print_object(const struct usage_group *group, const struct dimension *const *dimensions,
                         size_t count, const struct usage_sums *sums, FILE *out)
{
    struct buffer text;
    buffer_init(&text, GROUP_MAX);
    struct json_writer writer = json_write_begin(&text);
    for (size_t i = 0; i < count; i++)
        json_put_string(&writer, dimensions[i]->name, group->values[i]);
    put_sums(&writer, sums);
    json_write_end(&writer);
    fwrite(text.bytes, 1, text.length, out);
    buffer_free(&text);
}

void usage_print_json(struct usage_report *report, const struct dimension *const *dimensions, size_t count,
                      const struct usage_log_summary *summary, FILE *out)
{
    size_t group_count;
    const struct usage_group *const *groups = usage_report_groups(report, &group_count);
    fputs("{\"groups\":[", out);
    for (size_t i = 0; i < group_count; i++) {
        fputs(i ? ",\n" : "\n", out);
        print_object(groups[i], dimensions, count, &groups[i]->sums, out);
    }
    fputs("],\n\"total\":", out);
    print_object(NULL, NULL, 0, usage_report_total(report), out);
    fprintf(out, ",\n\"torn_lines\":%zu,\"unread_files\":%zu}\n", summary->torn, summary->unread);
}

/* ---- CSV ---- */

/* Quotes the text. A leading apostrophe prevents a spreadsheet from interpreting the text as a formula. */
static void print_text(const char *text, FILE *out)
{
    const char *guard = *text && strchr("=+-@\t\r", *text) ? "'" : "";
    putc('"', out);
    fputs(guard, out);
    for (; *text; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

static void print_line(const struct usage_group *group, size_t count, FILE *out)
{
    struct value values[VALUES];
    char cost[MONEY_TEXT_SIZE] = "";
    for (size_t i = 0; i < count; i++) {
        if (group->values[i])
            print_text(group->values[i], out);
        putc(',', out);
    }
    list_values(&group->sums, values);
    for (size_t i = 0; i < VALUES; i++)
        if (values[i].value < 0)
            putc(',', out);
        else
            fprintf(out, "%" PRId64 ",", values[i].value);
    if (group->sums.priced)
        money_print(group->sums.cost, cost);
    fprintf(out, "%s\r\n", cost);
}

void usage_print_csv(struct usage_report *report, const struct dimension *const *dimensions, size_t count,
                     FILE *out)
{
    size_t group_count;
    const struct usage_group *const *groups = usage_report_groups(report, &group_count);
    struct value values[VALUES];
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s,", dimensions[i]->name);
    list_values(usage_report_total(report), values);
    for (size_t i = 0; i < VALUES; i++)
        fprintf(out, "%s,", values[i].name);
    fputs("cost_usd\r\n", out);
    for (size_t i = 0; i < group_count; i++)
        print_line(groups[i], count, out);
}
