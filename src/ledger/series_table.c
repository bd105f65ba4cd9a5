/* A table of series, summed up by client, provider and model. */
#include "ledger/series_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/memory.h"

void series_add(struct series *sum, const struct series *added)
{
    sum->requests += added->requests;
    sum->errors += added->errors;
    sum->prompt_tokens += added->prompt_tokens;
    sum->completion_tokens += added->completion_tokens;
    sum->cost += added->cost;
    sum->unpriced += added->unpriced;
    sum->duration_us += added->duration_us;
    sum->answered += added->answered;
    sum->used_ms = max_int64(sum->used_ms, added->used_ms);
    for (size_t i = 0; i < FAILURE_REASONS; i++)
        sum->reasons[i] += added->reasons[i];
    for (size_t i = 0; i < SERIES_CLASSES; i++)
        sum->classes[i] += added->classes[i];
}

bool series_is_priced(const struct series *series)
{
    return series->cost > 0 || series->unpriced == 0;
}

static int compare(const struct series_row *one, const struct series_row *other)
{
    int difference = strcmp(one->client, other->client);
    if (!difference)
        difference = strcmp(one->provider, other->provider);
    return difference ? difference : strcmp(one->model, other->model);
}

/* The index of the first row that is not before the wanted one. */
static size_t find_index(const struct series_table *table, const struct series_row *wanted)
{
    size_t from = 0, to = table->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (compare(&table->rows[middle], wanted) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static const char *copy(struct arena *arena, const char *name)
{
    return arena_copy(arena, name, strlen(name));
}

static void insert(struct series_table *table, struct arena *arena, size_t index,
                   const struct series_row *added)
{
    if (table->count == table->capacity) {
        table->capacity = table->capacity ? 2 * table->capacity : 16;
        table->rows = memory_resize(table->rows, table->capacity, sizeof *table->rows);
    }
    struct series_row *row = &table->rows[index];
    memmove(row + 1, row, (table->count - index) * sizeof *row);
    table->count++;
    *row = (struct series_row){.client = copy(arena, added->client),
                               .provider = copy(arena, added->provider),
                               .model = copy(arena, added->model)};
}

void series_table_add(struct series_table *table, struct arena *arena, const struct series_row *added)
{
    size_t index = find_index(table, added);
    if (index == table->count || compare(&table->rows[index], added) != 0)
        insert(table, arena, index, added);
    series_add(&table->rows[index].series, &added->series);
}

void series_table_free(struct series_table *table)
{
    free(table->rows);
    *table = (struct series_table){0};
}

/* Durations within a class are assumed to be spread evenly. */
int64_t series_percentile_ms(const struct series *series, double share)
{
    static const int64_t bounds_ms[] = SERIES_BOUNDS;
    double count = 0, passed = 0;
    for (size_t i = 0; i < SERIES_CLASSES; i++)
        count += series->classes[i];
    for (size_t i = 0; count > 0 && i < SERIES_CLASSES - 1; i++) {
        double in_class = series->classes[i], begin = i ? (double)bounds_ms[i - 1] : 0;
        if (in_class > 0 && passed + in_class >= share * count)
            return (int64_t)(begin + ((double)bounds_ms[i] - begin) * (share * count - passed) / in_class);
        passed += in_class;
    }
    return -1;
}

int64_t series_errors(const struct series *series, enum failure_reason reason)
{
    const char *name = failure_reason_name(reason);
    int64_t count = 0;
    for (enum failure_reason other = FAILURE_NONE + 1; other < FAILURE_REASONS; other++) {
        if (strcmp(failure_reason_name(other), name) != 0)
            continue;
        if (other < reason)
            return 0;
        count += series->reasons[other];
    }
    return count;
}
