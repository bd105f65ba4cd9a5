/* Series of the ledger, added up by client, provider and model. */
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

/* Zeroed before its first use; in the order of the names. */
struct series_table {
    struct series_row *rows;
    size_t count, capacity;
};

/* Adds it to the row of these names, which are copied into the arena. Freed with series_table_free(). */
void series_table_add(struct series_table *table, struct arena *arena, const struct series_row *added);
void series_table_free(struct series_table *table);

void series_add(struct series *sum, const struct series *added);

/* Is at least something of the cost known? Where it is not, 0 would say that there was none. */
bool series_is_priced(const struct series *series);

/* How many failed by this reason. Some reasons have one name: all of theirs count as the first one's. */
int64_t series_errors(const struct series *series, enum failure_reason reason);

/* Milliseconds that `share` of the requests stayed within, by the classes they fell into; -1: there are none,
 * or it is more than the last class says. */
int64_t series_percentile_ms(const struct series *series, double share);

#endif
