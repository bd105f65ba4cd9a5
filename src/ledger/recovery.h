/* Finishes what processes that died in the middle of a request have left undone. */
#ifndef PENSTOCK_LEDGER_RECOVERY_H
#define PENSTOCK_LEDGER_RECOVERY_H

struct ledger;
struct usage_log;

/* Looks for all of it now. Every exchange gets its one line: its own, or one that says "crashed". */
void recovery_run(struct ledger *ledger, struct usage_log *log);

/* The same when it is time: each call costs a glance only. */
void recovery_run_when_due(struct ledger *ledger, struct usage_log *log);

#endif
