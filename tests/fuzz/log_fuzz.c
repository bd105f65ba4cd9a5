/* Any bytes as the usage log: an accepted record has what a record must have, and reports can sum it.
 *
 * Each line has memory of exactly its size, so that a sanitizer sees a read beyond it. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "usage/price.h"
#include "usage/usage_log_entry.h"
#include "usage/usage_report.h"

static void must_be_known_or_not(int64_t number)
{
    must(number >= -1, "a number is known, or -1");
}

static void check_entry(const struct usage_log_entry *entry, struct usage_report *report)
{
    must(entry->facts.wall_us >= 0 && entry->ts, "a record has its time");
    must(entry->facts.request_id != NULL, "a record has its id");
    must(entry->facts.cost >= COST_UNKNOWN, "nothing costs less than nothing");
    must_be_known_or_not(entry->status);
    must_be_known_or_not(entry->facts.usage.prompt);
    must_be_known_or_not(entry->facts.usage.completion);
    must_be_known_or_not(entry->facts.usage.total);
    must_be_known_or_not(entry->facts.duration_us);
    usage_report_add(report, entry);
}

static size_t read_line(struct input line, struct usage_report *report)
{
    struct arena *arena = arena_create();
    char *copy = malloc(line.length ? line.length : 1);
    struct usage_log_entry entry;
    struct json_value balance;
    memcpy(copy, line.at, line.length);
    enum usage_log_line kind = usage_log_entry_read(copy, line.length, arena, &entry, &balance);
    if (kind == LOG_LINE_ENTRY)
        check_entry(&entry, report);
    if (kind == LOG_LINE_CHECKPOINT)
        must(balance.at > copy && balance.at + balance.length <= copy + line.length,
             "a balance lies in its line");
    free(copy);
    arena_destroy(arena);
    return kind == LOG_LINE_ENTRY;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct dimension *by[] = {dimension_find("client", 6), dimension_find("model", 5),
                                    dimension_find("day", 3)};
    struct usage_report *report = usage_report_create(by, sizeof by / sizeof *by);
    struct input rest = {(const char *)bytes, size};
    size_t entries = 0;
    while (rest.length)
        entries += read_line(input_line(&rest), report);
    const struct usage_sums *total = usage_report_total(report);
    must((size_t)total->requests == entries, "each record counts once");
    must(total->priced + total->unpriced <= total->requests && total->cost >= 0, "sums are sums");
    usage_report_free(report);
    return 0;
}
