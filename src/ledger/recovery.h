/* Finishes exchanges whose process has died, and writes lines that wait for the usage log. */
#ifndef PENSTOCK_LEDGER_RECOVERY_H
#define PENSTOCK_LEDGER_RECOVERY_H

struct ledger;
struct usage_log;

/* Finishes all orphans now. Each exchange gets exactly one line: its own line, or a line with the end
 * "crashed". */
void recovery_run(struct ledger *ledger, struct usage_log *log);

/* As recovery_run(), if recovery is due and this process has to run it. Otherwise costs nothing. */
void recovery_run_when_due(struct ledger *ledger, struct usage_log *log);

#endif
