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

/* To be zeroed before its first use. The rows are in the order of their names. */
struct series_table {
    struct series_row *rows;
    size_t count, capacity;
};

/* Adds the series to the row of these names, which are copied into the arena. */
void series_table_add(struct series_table *table, struct arena *arena, const struct series_row *added);
void series_table_free(struct series_table *table);

void series_add(struct series *sum, const struct series *added);

/* Is at least part of the cost known? If not, a cost of 0 would be wrong. */
bool series_is_priced(const struct series *series);

/* Errors with this reason. Reasons that share one name are counted with the first of them. */
int64_t series_errors(const struct series *series, enum failure_reason reason);

/* Milliseconds within which `share` of the requests ended, estimated from the latency classes; -1: there are
 * no requests, or it is beyond the last bound. */
int64_t series_percentile_ms(const struct series *series, double share);

#endif
