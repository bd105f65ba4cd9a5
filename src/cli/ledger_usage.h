/* What the ledger knows of usage: hourly sums, which are there though the log is not. */
#ifndef PENSTOCK_CLI_LEDGER_USAGE_H
#define PENSTOCK_CLI_LEDGER_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct dimension;
struct failure;
struct usage_log_entry;
struct settings;
struct usage_sums;

/* Does the ledger keep them apart by that? It knows clients, providers, models and hours. */
bool usage_series_knows(const struct dimension *dimension);

/* Calls `take` with each sum of an hour that began at `since_us` or later; in `names` is what it has in
 * common and when the hour began, all else unknown. With USAGE_SERIES_TOTALS the sums since the ledger began,
 * at 1970. False when the ledger cannot be used. */
#define USAGE_SERIES_TOTALS (-1)
bool usage_series_read(const struct settings *settings, int64_t since_us,
                       void (*take)(void *context, const struct usage_log_entry *names,
                                    const struct usage_sums *sums),
                       void *context, struct failure *why) MUST_CHECK;

#endif
