/* A ledger aside, in which accounts are made while the ledger is in use. */
#ifndef PENSTOCK_LEDGER_LEDGER_ASIDE_H
#define PENSTOCK_LEDGER_LEDGER_ASIDE_H

#include <stdbool.h>

#include "base/base.h"

struct buffer;
struct ledger;

/* Opens an empty ledger beside `ledger`, with its settings. The caller closes `aside->lmdb`. Its file has no
 * name and goes with the process. */
bool ledger_aside_open(const struct ledger *ledger, struct ledger *aside) MUST_CHECK;

/* The following functions are called within a transaction of their ledger. */

/* Removes the accounts of clients and runs, and the sums. */
void ledger_drop_accounts(struct ledger *ledger);

/* Appends the accounts and sums to `rows`. Returns false if they do not fit. */
bool ledger_copy_accounts(struct ledger *from, struct buffer *rows) MUST_CHECK;

/* Stores what ledger_copy_accounts() has copied, and consumes it. */
void ledger_put_accounts(struct ledger *ledger, struct buffer *rows);

#endif
