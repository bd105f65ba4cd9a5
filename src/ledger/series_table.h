/* A table of series, summed up by client, provider and model. */
#ifndef PENSTOCK_LEDGER_SERIES_TABLE_H
#define PENSTOCK_LEDGER_SERIES_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger_series.h"

struct arena;

struct series_row {
    const char *client, *provider, *model; /* "": none, or all of them */
    struct series series;
};

/* Zeroed by the caller before its first use. The rows are sorted by name. */
struct series_table {
    struct series_row *rows;
    size_t count, capacity;
};

/* Adds the series to the row of these names, which are copied into the arena. */
void series_table_add(struct series_table *table, struct arena *arena, const struct series_row *added);
void series_table_free(struct series_table *table);

void series_add(struct series *sum, const struct series *added);

/* True if at least part of the cost is known. If not, a cost of 0 would be wrong. */
bool series_is_priced(const struct series *series);

/* Returns the number of errors with this reason. Reasons that share a name are counted with the first of
 * them. */
int64_t series_errors(const struct series *series, enum failure_reason reason);

/* Returns the milliseconds within which `share` of the requests ended, estimated from the latency classes;
 * -1 if there are no requests or the time is beyond the last bound. */
int64_t series_percentile_ms(const struct series *series, double share);

#endif
