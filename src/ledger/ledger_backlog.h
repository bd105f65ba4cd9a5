/* What the ledger could not be told while it was down, and lines that wait for the usage log. */
#ifndef PENSTOCK_LEDGER_LEDGER_BACKLOG_H
#define PENSTOCK_LEDGER_LEDGER_BACKLOG_H

#include <stdbool.h>

struct ledger;
struct ledger_entry;
struct ledger_outcome;

/* Keeps the entry of the exchange that is over in this process's memory. `outcome` NULL: the accounts have it
 * already. `unlogged`: its line is still to be written. */
void ledger_owe(struct ledger *ledger, const struct ledger_outcome *outcome, bool unlogged);

/* Enters all that is owed; within a transaction. Once that is committed, it is forgotten. */
void ledger_pay(struct ledger *ledger);
void ledger_forget_debts(struct ledger *ledger);

/* Puts an entry's line to those that wait for the usage log; within a transaction. Too many of them would
 * fill the disk as well: what comes after is counted as lost. */
void ledger_keep_line(struct ledger *ledger, const struct ledger_entry *entry);

#endif
