/* Finishes exchanges whose process has died, and writes lines that wait for the usage log. */
#ifndef PENSTOCK_LEDGER_RECOVERY_H
#define PENSTOCK_LEDGER_RECOVERY_H

#include <stdbool.h>

#include "ledger/quota.h"

struct ledger;
struct usage_log;

/* Finishes all orphans now. Each exchange gets exactly one line: its own line, or a line with the end
 * "crashed". */
void recovery_run(struct ledger *ledger, struct usage_log *log);

/* As recovery_run(), if recovery is due and this process has to run it. Otherwise costs nothing. */
void recovery_run_when_due(struct ledger *ledger, struct usage_log *log);

/* As recovery_run(), if there are orphans. Otherwise costs one look at the open exchanges. Returns true if an
 * orphan was finished. A process that serves one request calls this, because no other one may look for a
 * long time. */
bool recovery_run_if_needed(struct ledger *ledger, struct usage_log *log);

/* To be called before a request is refused. If the verdict counts what other exchanges have reserved, their
 * processes may be dead. Returns true if an orphan was finished, so that a second attempt may help. */
bool recovery_may_change(struct ledger *ledger, struct usage_log *log, enum quota_verdict verdict);

#endif
