/* What the ledger could not be told while it was down, and lines that wait for the usage log. */
#ifndef PENSTOCK_LEDGER_LEDGER_BACKLOG_H
#define PENSTOCK_LEDGER_LEDGER_BACKLOG_H

#include <stdbool.h>

struct ledger;
struct ledger_entry;

/* Keeps the entry of an exchange that is over in this process's memory. `unsettled`: the accounts do not have
 * it yet. `unlogged`: its line is still to be written. */
void ledger_backlog_add(struct ledger *ledger, const struct ledger_entry *entry, bool unsettled,
                        bool unlogged);

/* Enters all of it into the file; within a transaction. Once that is committed, it is to be cleared. */
void ledger_backlog_apply(struct ledger *ledger);
void ledger_backlog_clear(struct ledger *ledger);

/* Puts an entry to those whose lines wait for the usage log; within a transaction. Too many of them would
 * fill the disk as well: further ones are counted as lost. */
void ledger_unlogged_put(struct ledger *ledger, const struct ledger_entry *entry);

#endif
