/* Finishes exchanges whose process has died, and writes lines that wait for the usage log. */
#ifndef PENSTOCK_LEDGER_RECOVERY_H
#define PENSTOCK_LEDGER_RECOVERY_H

struct ledger;
struct usage_log;

/* Finishes all of them now. Each exchange gets its one line: its own, or one that says "crashed". */
void recovery_run(struct ledger *ledger, struct usage_log *log);

/* The same if it is time for it, and this process's turn. Otherwise it costs nothing. */
void recovery_run_when_due(struct ledger *ledger, struct usage_log *log);

#endif
