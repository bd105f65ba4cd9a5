/* The report of `penstock usage` as a program reads it. */
#include "cli/usage_print.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "base/money.h"
#include "format/json_write.h"
#include "usage/usage_log_reader.h"
#include "usage/usage_report.h"

#define GROUP_MAX (4 * 1024 * 1024)
#define MILLISECOND 1000
#define NUMBERS 9

/* What both forms say of a group; -1: unknown. Money is not among it, for it has decimals. */
struct number {
    const char *name;
    int64_t value;
};

static void list_numbers(const struct usage_sums *sums, struct number numbers[static NUMBERS])
{
    int64_t median = latency_percentile_us(&sums->latency, 0.5);
    int64_t slow = latency_percentile_us(&sums->latency, 0.95);
    struct number all[NUMBERS] = {
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
    memcpy(numbers, all, sizeof all);
}

/* ---- JSON ---- */

static void put_sums(struct json_writer *writer, const struct usage_sums *sums)
{
    struct number numbers[NUMBERS];
    char cost[MONEY_TEXT_SIZE];
    list_numbers(sums, numbers);
    for (size_t i = 0; i < NUMBERS; i++)
        json_put_count(writer, numbers[i].name, numbers[i].value);
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
    struct number numbers[NUMBERS];
    char cost[MONEY_TEXT_SIZE] = "";
    for (size_t i = 0; i < count; i++) {
        if (group->values[i])
            print_text(group->values[i], out);
        putc(',', out);
    }
    list_numbers(&group->sums, numbers);
    for (size_t i = 0; i < NUMBERS; i++)
        if (numbers[i].value < 0)
            putc(',', out);
        else
            fprintf(out, "%" PRId64 ",", numbers[i].value);
    if (group->sums.priced)
        money_print(group->sums.cost, cost);
    fprintf(out, "%s\r\n", cost);
}

void usage_print_csv(struct usage_report *report, const struct dimension *const *dimensions, size_t count,
                     FILE *out)
{
    size_t group_count;
    const struct usage_group *const *groups = usage_report_groups(report, &group_count);
    struct number numbers[NUMBERS];
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s,", dimensions[i]->name);
    list_numbers(usage_report_total(report), numbers);
    for (size_t i = 0; i < NUMBERS; i++)
        fprintf(out, "%s,", numbers[i].name);
    fputs("cost_usd\r\n", out);
    for (size_t i = 0; i < group_count; i++)
        print_line(groups[i], count, out);
}
