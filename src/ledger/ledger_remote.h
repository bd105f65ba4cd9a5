/* An exchange whose accounts are in Redis: a name for it, and what Redis has still to be told. */
#ifndef PENSTOCK_LEDGER_LEDGER_REMOTE_H
#define PENSTOCK_LEDGER_LEDGER_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct ledger;
struct ledger_entry;

/* Opens the Redis that the settings name, if they name one. */
void ledger_remote_open(struct ledger *ledger);
void ledger_remote_close(struct ledger *ledger);

/* Gives the exchange that begins its name in Redis; none where the accounts are here. */
void ledger_remote_name(struct ledger *ledger);

/* Has a process of this host just found that Redis, asked at `since_ms`, does not answer? Then nobody has to
 * find it out again. Both within a transaction. */
bool ledger_remote_rests(struct ledger *ledger, int64_t now_ms) MUST_CHECK;
void ledger_remote_note_gone(struct ledger *ledger, int64_t since_ms);

/* Has an exchange that is over to be told to Redis? */
bool ledger_remote_owes(const struct ledger *ledger, const struct ledger_entry *entry) MUST_CHECK;

/* Tells it, outside of any transaction; once is enough, twice does no harm. False: it stays owed. */
bool ledger_remote_pay(struct ledger *ledger, const struct ledger_entry *entry) MUST_CHECK;

/* Keeps it until Redis is back, without its line; within a transaction. */
void ledger_remote_keep(struct ledger *ledger, const struct ledger_entry *entry);

/* Tells Redis what was kept, if it is back. */
void ledger_remote_pay_kept(struct ledger *ledger);

#endif
