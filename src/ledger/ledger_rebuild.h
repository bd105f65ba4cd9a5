/* The ledger made anew from the usage log, of which it is the sum. */
#ifndef PENSTOCK_LEDGER_LEDGER_REBUILD_H
#define PENSTOCK_LEDGER_LEDGER_REBUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct failure;
struct ledger;
struct usage_log;

struct rebuild_summary {
    size_t records, torn; /* lines counted, and those that could not be read */
    int64_t cost;         /* in billionths of a USD, of the records alone */
};

/* All others wait meanwhile, and then find the new accounts; exchanges that are open stay so. Without a log
 * the ledger is empty after it, and begins. `path` is the log's, `log` the same opened. */
bool ledger_rebuild(struct ledger *ledger, const char *path, struct usage_log *log,
                    struct rebuild_summary *summary, struct failure *why) MUST_CHECK;

/* The same where it has to be: the ledger was just made, or the machine was started anew since, and what it
 * had not written to the disk may be missing. Costs nothing else. Logs what it did. */
void ledger_rebuild_if_needed(struct ledger *ledger, const char *path, struct usage_log *log);

#endif
