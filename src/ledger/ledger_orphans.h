/* What processes that are dead have left in the ledger, and what waits for the usage log. */
#ifndef PENSTOCK_LEDGER_LEDGER_ORPHANS_H
#define PENSTOCK_LEDGER_LEDGER_ORPHANS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "ledger/ledger_entry.h"

struct buffer;
struct ledger;
struct ledger_outcome;

/* Is it time that somebody looks? True once for whoever asks first. */
bool ledger_recovery_is_due(struct ledger *ledger);

struct orphan_ops {
    struct usage_log_position place; /* where the log ends now */

    /* For an exchange that its process has not settled: the line that it has written all the same, with what
     * it came to; else one that is made for it. */
    bool (*find)(void *context, const struct ledger_entry *dead, struct ledger_outcome *outcome,
                 struct buffer *line);
    bool (*compose)(const struct ledger_entry *dead, const struct ledger_outcome *outcome,
                    struct buffer *line);
    void *context;
};

/* Takes over one exchange of a dead process: one that was not settled is settled now. The entry and its line
 * lie in `bytes`, which the caller has opened and frees. False: there is none, or the ledger is down. Then
 * the line is appended, if it is not in the log already, and this told whether it is there. */
bool ledger_orphans_take(struct ledger *ledger, const struct orphan_ops *ops, struct ledger_entry *remains,
                         struct buffer *bytes) MUST_CHECK;
void ledger_orphans_done(struct ledger *ledger, const struct ledger_entry *remains, bool written);

/* Counts for /healthz: lines that wait for the log, and lines that are on standard error only. */
bool ledger_unlogged(struct ledger *ledger, int64_t *waiting, int64_t *lost) MUST_CHECK;

#endif
