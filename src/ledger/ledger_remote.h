/* Exchanges whose accounts are in Redis: their names in Redis, and the exchanges whose outcome Redis does
 * not have yet. */
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

/* Sets the name in Redis of an exchange that begins; no name if the accounts are in the file. */
void ledger_remote_name(struct ledger_exchange *exchange);

/* ledger_remote_pauses() returns true while Redis is not called, because a process of this host has just
 * had no answer. ledger_remote_pause() records that a call made at `since_ms` had no answer. Both are
 * called within a transaction. */
bool ledger_remote_pauses(struct ledger *ledger, int64_t now_ms) MUST_CHECK;
void ledger_remote_pause(struct ledger *ledger, int64_t since_ms);

/* True if the outcome of the exchange has to be sent to Redis. */
bool ledger_remote_owes(const struct ledger *ledger, const struct ledger_entry *entry) MUST_CHECK;

/* Sends the outcome to Redis, outside of any transaction. Sending it twice does no harm. Returns false if
 * the outcome stays owed. */
bool ledger_remote_settle(struct ledger *ledger, const struct ledger_entry *entry) MUST_CHECK;

/* Keeps the entry until Redis is back, without its line; within a transaction. */
void ledger_remote_keep(struct ledger *ledger, const struct ledger_entry *entry);

/* Sends the outcomes of the kept exchanges to Redis, if Redis is back. */
void ledger_remote_settle_kept(struct ledger *ledger);

#endif
