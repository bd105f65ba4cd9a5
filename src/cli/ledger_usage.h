/* Reads the ledger's hourly sums of usage, which remain after the usage log is deleted. */
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

/* True if the ledger's sums have this dimension. They have client, provider, model and times of full
 * hours. */
bool ledger_usage_has(const struct dimension *dimension);

/* Calls `take` with the sums of each hour that began at `since_us` (wall clock) or later. `names` has the
 * client, provider and model of the sums and the time at which the hour began; its other members are unknown.
 * With LEDGER_USAGE_TOTALS, the sums are those since the ledger began, and the time is 1970. Returns false if
 * the ledger cannot be read. */
#define LEDGER_USAGE_TOTALS (-1)
bool ledger_usage_read(const struct settings *settings, int64_t since_us,
                       void (*take)(void *context, const struct usage_log_entry *names,
                                    const struct usage_sums *sums),
                       void *context, struct failure *why) MUST_CHECK;

#endif
