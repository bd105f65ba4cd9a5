/* What processes that are dead have left in the ledger, and what waits for the usage log. */
#ifndef LEDGER_REMAINS_H
#define LEDGER_REMAINS_H

#include <stdbool.h>
#include <stdint.h>

#include "attributes.h"
#include "ledger_entry.h"

struct buffer;
struct ledger;

/* Is it time that somebody looks? True once for whoever asks first. */
bool ledger_sweep_is_due(struct ledger *ledger);

/* Takes over one exchange of a dead process: one that was not settled is settled now, with the line that
 * `compose` puts for it. The entry and its line lie in `bytes`, which the caller has opened and frees. False:
 * there is none, or the ledger is down. Then the line is appended, if it is not in the log already, and
 * ledger_remains_done() called. */
bool ledger_remains_take(struct ledger *ledger, struct ledger_entry *remains, struct buffer *bytes,
                         bool (*compose)(const struct ledger_entry *dead, struct buffer *line)) MUST_CHECK;
void ledger_remains_done(struct ledger *ledger);

/* Counts for /healthz: lines that wait for the log, and lines that are on standard error only. */
bool ledger_unlogged(struct ledger *ledger, int64_t *waiting, int64_t *lost) MUST_CHECK;

#endif
