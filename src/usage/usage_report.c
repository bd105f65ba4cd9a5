/* Sums up the usage log: requests, errors, tokens, cost and latency, grouped by dimensions such as the
 * client.
 *
 * A hash table finds the group of a record. Memory grows with the number of groups, not with the log. */
#include "usage/usage_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "usage/price.h"
#include "usage/usage_log_entry.h"

#define INITIAL_SLOTS 256 /* a power of two */
#define DAY 10            /* length of "2026-11-19" */

struct usage_report {
    const struct dimension *dimensions[DIMENSIONS_MAX];
    size_t dimension_count;
    struct usage_group **groups; /* in the order in which they appeared, or sorted */
    size_t count;
    struct usage_group **slots; /* the hash table, at most half full */
    size_t slot_count;          /* a power of two */
    struct usage_sums total;
};

/* ---- dimensions ---- */

#define TEXT(field) offsetof(struct usage_log_entry, field)

static const struct dimension dimensions[] = {
    {"client", "(none)", TEXT(facts.client), 0},
    {"run", "(none)", TEXT(facts.run_id), 0},
    {"provider", "(none)", TEXT(facts.provider), 0},
    {"model", "(none)", TEXT(facts.model), 0},
    {"endpoint", "(unknown)", TEXT(facts.endpoint), 0},
    {"reason", "(no error)", TEXT(reason), 0},
    {"end", "(unknown)", TEXT(end), 0},
    {"hour", "", TEXT(ts), DAY + 3},
    {"day", "", TEXT(ts), DAY},
    {"month", "", TEXT(ts), DAY - 3},
};

const char dimension_names[] = "client, run, provider, model, endpoint, reason, end, hour, day, month";

const struct dimension *dimension_find(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof dimensions / sizeof *dimensions; i++)
        if (strlen(dimensions[i].name) == length && memcmp(dimensions[i].name, name, length) == 0)
            return &dimensions[i];
    return NULL;
}

/* Returns the entry's value for the dimension; `at` is NULL if the entry has none. */
static struct json_value value_of(const struct dimension *dimension, const struct usage_log_entry *entry)
{
    const char *text = *(const char *const *)((const char *)entry + dimension->text);
    size_t length = text ? strlen(text) : 0;
    bool cut = dimension->prefix && dimension->prefix < length;
    return (struct json_value){text, cut ? dimension->prefix : length};
}

/* ---- groups ---- */

static bool equals_value(const char *known, struct json_value value)
{
    if (!known || !value.at)
        return !known && !value.at;
    return strncmp(known, value.at, value.length) == 0 && !known[value.length];
}

static bool has_values(const struct usage_report *report, const struct usage_group *group,
                       const struct json_value *values)
{
    for (size_t i = 0; i < report->dimension_count; i++)
        if (!equals_value(group->values[i], values[i]))
            return false;
    return true;
}

/* FNV-1a. The byte 0xff ends each value; 0xfe stands for a missing value. */
static uint64_t hash_of(const struct json_value *values, size_t count)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < values[i].length; k++)
            hash = (hash ^ (unsigned char)values[i].at[k]) * 1099511628211u;
        hash = (hash ^ (values[i].at ? 0xffu : 0xfeu)) * 1099511628211u;
    }
    return hash ^ hash >> 32;
}

static uint64_t hash_of_group(const struct usage_report *report, const struct usage_group *group)
{
    struct json_value values[DIMENSIONS_MAX];
    for (size_t i = 0; i < report->dimension_count; i++)
        values[i] = (struct json_value){group->values[i], group->values[i] ? strlen(group->values[i]) : 0};
    return hash_of(values, report->dimension_count);
}

/* Returns the slot of the group with these values, or else a free slot. If `values` is NULL, no group
 * matches. */
static struct usage_group **find_slot(const struct usage_report *report, const struct json_value *values,
                                      uint64_t hash)
{
    for (size_t at = hash & (report->slot_count - 1);; at = (at + 1) & (report->slot_count - 1)) {
        struct usage_group **slot = &report->slots[at];
        if (!*slot || (values && has_values(report, *slot, values)))
            return slot;
    }
}

static void grow(struct usage_report *report)
{
    free(report->slots);
    report->slot_count *= 2;
    report->slots = memory_alloc(report->slot_count, sizeof *report->slots);
    report->groups = memory_resize(report->groups, report->slot_count / 2, sizeof *report->groups);
    for (size_t i = 0; i < report->count; i++) {
        struct usage_group *group = report->groups[i];
        *find_slot(report, NULL, hash_of_group(report, group)) = group;
    }
}

static struct usage_group *find_group(struct usage_report *report, const struct usage_log_entry *entry)
{
    struct json_value values[DIMENSIONS_MAX] = {{0}}; /* gcc 14 would warn that values are uninitialized */
    for (size_t i = 0; i < report->dimension_count; i++)
        values[i] = value_of(report->dimensions[i], entry);
    uint64_t hash = hash_of(values, report->dimension_count);
    struct usage_group **slot = find_slot(report, values, hash);
    if (*slot)
        return *slot;
    struct usage_group *group = *slot = memory_alloc(1, sizeof *group);
    for (size_t i = 0; i < report->dimension_count; i++)
        group->values[i] = values[i].at ? memory_copy(values[i].at, values[i].length) : NULL;
    report->groups[report->count++] = group;
    if (report->count == report->slot_count / 2)
        grow(report);
    return group;
}

struct usage_report *usage_report_create(const struct dimension *const *by, size_t count)
{
    struct usage_report *report = memory_alloc(1, sizeof *report);
    report->dimension_count = count;
    memcpy(report->dimensions, by, count * sizeof *by);
    report->slot_count = INITIAL_SLOTS;
    report->slots = memory_alloc(INITIAL_SLOTS, sizeof *report->slots);
    report->groups = memory_alloc(INITIAL_SLOTS / 2, sizeof *report->groups);
    return report;
}

void usage_report_free(struct usage_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        for (size_t k = 0; k < report->dimension_count; k++)
            free((char *)report->groups[i]->values[k]);
        free(report->groups[i]);
    }
    free(report->groups);
    free(report->slots);
    free(report);
}

/* ---- sums ---- */

/* Adds with saturation. */
static void add(int64_t *sum, int64_t value)
{
    if (value > 0 && __builtin_add_overflow(*sum, value, sum))
        *sum = INT64_MAX;
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; word && *words; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* True if the cost of the request is unknown. A request that no provider received or that the provider
 * refused has no cost. */
static bool is_unpriced(const struct usage_log_entry *entry)
{
    static const char *const not_received[] = {"connect_failed", "dns_failed", "tls_failed", NULL};
    if (entry->facts.cost != COST_UNKNOWN || !entry->facts.provider)
        return false;
    if (entry->facts.usage.prompt >= 0 || entry->facts.usage.total >= 0)
        return true;
    bool gateway_failed = entry->source && strcmp(entry->source, "gateway") == 0;
    return !gateway_failed && entry->provider_status < 400 && !is_one_of(entry->reason, not_received);
}

static bool is_error(const struct usage_log_entry *entry)
{
    return entry->reason || (entry->end && strcmp(entry->end, "crashed") == 0);
}

static void add_tokens(struct usage_sums *sums, const struct usage_log_entry *entry)
{
    int64_t prompt = entry->facts.usage.prompt, completion = entry->facts.usage.completion,
            total = entry->facts.usage.total;
    if (prompt < 0 && completion < 0 && total < 0)
        return;
    sums->counted++;
    add(&sums->prompt_tokens, prompt);
    add(&sums->completion_tokens, completion);
    if (total < 0)
        total = (prompt > 0 ? prompt : 0) + (completion > 0 ? completion : 0);
    add(&sums->total_tokens, total);
}

static void add_entry(struct usage_sums *sums, const struct usage_log_entry *entry)
{
    sums->requests++;
    sums->errors += is_error(entry);
    add_tokens(sums, entry);
    sums->priced += entry->facts.cost != COST_UNKNOWN;
    sums->unpriced += is_unpriced(entry);
    add(&sums->cost, entry->facts.cost);
    if (entry->facts.duration_us >= 0)
        latency_add(&sums->latency, entry->facts.duration_us);
}

void usage_report_add(struct usage_report *report, const struct usage_log_entry *entry)
{
    add_entry(&find_group(report, entry)->sums, entry);
    add_entry(&report->total, entry);
}

static void merge(struct usage_sums *sums, const struct usage_sums *added)
{
    sums->requests += added->requests;
    sums->errors += added->errors;
    sums->counted += added->counted;
    sums->priced += added->priced;
    sums->unpriced += added->unpriced;
    add(&sums->prompt_tokens, added->prompt_tokens);
    add(&sums->completion_tokens, added->completion_tokens);
    add(&sums->total_tokens, added->total_tokens);
    add(&sums->cost, added->cost);
    latency_merge(&sums->latency, &added->latency);
}

void usage_report_add_sums(struct usage_report *report, const struct usage_log_entry *names,
                           const struct usage_sums *sums)
{
    merge(&find_group(report, names)->sums, sums);
    merge(&report->total, sums);
}

const struct usage_sums *usage_report_total(const struct usage_report *report)
{
    return &report->total;
}

/* ---- order ---- */

static int compare_values(const struct usage_group *one, const struct usage_group *other)
{
    for (size_t i = 0; i < DIMENSIONS_MAX; i++) {
        const char *first = one->values[i], *second = other->values[i];
        int difference = first && second ? strcmp(first, second) : (first != NULL) - (second != NULL);
        if (difference)
            return difference;
    }
    return 0;
}

static int by_value(const void *one, const void *other)
{
    return compare_values(*(struct usage_group *const *)one, *(struct usage_group *const *)other);
}

static int by_cost(const void *one, const void *other)
{
    const struct usage_group *first = *(struct usage_group *const *)one,
                             *second = *(struct usage_group *const *)other;
    if (first->sums.cost != second->sums.cost)
        return first->sums.cost > second->sums.cost ? -1 : 1;
    if (first->sums.requests != second->sums.requests)
        return first->sums.requests > second->sums.requests ? -1 : 1;
    return compare_values(first, second);
}

const struct usage_group *const *usage_report_groups(struct usage_report *report, size_t *count)
{
    bool has_time = false;
    for (size_t i = 0; i < report->dimension_count; i++)
        has_time |= report->dimensions[i]->prefix > 0;
    *count = report->count;
    qsort(report->groups, report->count, sizeof *report->groups, has_time ? by_value : by_cost);
    return (const struct usage_group *const *)report->groups;
}
