/* The backlog: exchanges that ended while the ledger was down, and lines that wait for the usage log. */
#ifndef PENSTOCK_LEDGER_LEDGER_BACKLOG_H
#define PENSTOCK_LEDGER_LEDGER_BACKLOG_H

#include <stdbool.h>

struct ledger;
struct ledger_entry;

/* Keeps the entry of an exchange that is over in this process's memory. `unsettled`: the exchange is not in
 * the accounts yet. `unlogged`: its line is not in the usage log yet. */
void ledger_backlog_add(struct ledger *ledger, const struct ledger_entry *entry, bool unsettled,
                        bool unlogged);

/* Enters the whole backlog into the file; within a transaction. The caller clears the backlog after the
 * commit. */
void ledger_backlog_apply(struct ledger *ledger);
void ledger_backlog_clear(struct ledger *ledger);

/* Stores an entry whose line waits for the usage log; within a transaction. The number of such entries is
 * limited, because they could fill the disk as well. Further lines are counted as lost. */
void ledger_unlogged_put(struct ledger *ledger, const struct ledger_entry *entry);

#endif
