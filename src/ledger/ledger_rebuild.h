/* Rebuilds the ledger from the usage log, of which it is the sum. */
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
    size_t records, torn; /* lines that were counted, and lines that could not be read */
    int64_t cost;         /* in billionths of a USD, of the records without the checkpoint */
};

/* Reads the log while the ledger is in use; other processes wait only for the accounts to be replaced. If the
 * log is rotated again and again meanwhile, they wait for all of it. Open exchanges stay open. If the log was
 * emptied, it gets a checkpoint first, so the sums stay. Without a log and without a sound ledger the ledger
 * is empty afterwards. `path` is the path of `log`. */
bool ledger_rebuild(struct ledger *ledger, const char *path, struct usage_log *log,
                    struct rebuild_summary *summary, struct failure *why) MUST_CHECK;

/* Rebuilds the ledger if it was just made, or if the machine was restarted, because changes that had not
 * reached the disk may be missing then. Otherwise costs nothing. Logs the result. */
void ledger_rebuild_if_needed(struct ledger *ledger, const char *path, struct usage_log *log);

#endif
