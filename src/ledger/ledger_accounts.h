/* The two accounts of an exchange, its client's and its run's, in the ledger's table. */
#ifndef PENSTOCK_LEDGER_LEDGER_ACCOUNTS_H
#define PENSTOCK_LEDGER_LEDGER_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "ledger/ledger_key.h"
#include "ledger/quota.h"

struct ledger;
struct ledger_entry;
struct settlement;

struct ledger_accounts {
    struct client_account *client; /* NULL: the exchange has none */
    struct run_account *run;
    struct client_account client_record;
    struct run_account run_record;
    struct ledger_key client_key, run_key;
};

/* Read the accounts of these names (NULL: none) and store them again; within one transaction. If `by_address`
 * is true, `client` is the address of an anonymous client. */
void ledger_accounts_fetch(struct ledger *ledger, const char *client, bool by_address, const char *run,
                           struct ledger_accounts *accounts);
void ledger_accounts_put(struct ledger *ledger, const struct ledger_accounts *accounts);

/* Fills `settlement` with what settling the exchange changes in the accounts. Returns false if nothing
 * changes. */
bool ledger_settlement(const struct ledger_entry *entry, struct settlement *settlement) MUST_CHECK;

/* Settles the exchange in the accounts, if they are in the file; within a transaction. */
void ledger_settle_accounts(struct ledger *ledger, const struct ledger_entry *entry, int64_t now_ms);

/* Removes some of the runs that have expired; called periodically. */
void ledger_runs_forget(struct ledger *ledger);

#endif
