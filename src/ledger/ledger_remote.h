/* Exchanges whose accounts are in Redis: their names there, and those that Redis does not know the outcome
 * of. */
#ifndef PENSTOCK_LEDGER_LEDGER_REMOTE_H
#define PENSTOCK_LEDGER_LEDGER_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct ledger;
struct ledger_entry;
struct ledger_exchange;

/* Opens the Redis that the settings name, if they name one. */
void ledger_remote_open(struct ledger *ledger);
void ledger_remote_close(struct ledger *ledger);

/* Gives an exchange that begins its name in Redis; none where the accounts are in the file. */
void ledger_remote_name(struct ledger_exchange *exchange);

/* Is Redis left alone for now, because a process of this host has just found that it does not answer? The
 * other notes that, of a call that was made at `since_ms`. Both within a transaction. */
bool ledger_remote_pauses(struct ledger *ledger, int64_t now_ms) MUST_CHECK;
void ledger_remote_pause(struct ledger *ledger, int64_t since_ms);

/* Has Redis to be told how the exchange ended? */
bool ledger_remote_owes(const struct ledger *ledger, const struct ledger_entry *entry) MUST_CHECK;

/* Tells it, outside of any transaction; once is enough, twice does no harm. False: it stays owed. */
bool ledger_remote_settle(struct ledger *ledger, const struct ledger_entry *entry) MUST_CHECK;

/* Keeps the entry until Redis is back, without its line; within a transaction. */
void ledger_remote_keep(struct ledger *ledger, const struct ledger_entry *entry);

/* Tells Redis of the exchanges that were kept, if it is back. */
void ledger_remote_settle_kept(struct ledger *ledger);

#endif
