/* The two accounts of an exchange, its client's and its run's, in the ledger's table. */
#include "ledger/ledger_accounts.h"

#include <stddef.h>

#include "ledger/ledger_entry.h"
#include "ledger/ledger_internal.h"
#include "ledger/quota.h"

void ledger_accounts_fetch(struct ledger *ledger, const char *client, const char *run,
                           struct ledger_accounts *accounts)
{
    accounts->client = client ? &accounts->client_record : NULL;
    accounts->run = run ? &accounts->run_record : NULL;
    if (client) {
        accounts->client_key = ledger_named_key(KIND_CLIENT, client);
        ledger_load(ledger, &accounts->client_key, accounts->client, sizeof *accounts->client);
    }
    if (run) {
        accounts->run_key = ledger_named_key(KIND_RUN, run);
        ledger_load(ledger, &accounts->run_key, accounts->run, sizeof *accounts->run);
    }
}

void ledger_accounts_put(struct ledger *ledger, const struct ledger_accounts *accounts)
{
    if (accounts->client)
        ledger_store(ledger, &accounts->client_key, accounts->client, sizeof *accounts->client);
    if (accounts->run)
        ledger_store(ledger, &accounts->run_key, accounts->run, sizeof *accounts->run);
}

bool ledger_settlement(const struct ledger_entry *entry, struct settlement *settlement)
{
    const struct exchange_facts *facts = &entry->facts;
    const struct entry_status *status = &entry->status;
    const struct token_usage *usage = &facts->usage;
    bool reserved = status->reserved_ms != 0, counted = usage->prompt >= 0 && usage->completion >= 0;
    *settlement = (struct settlement){
        .client = facts->client,
        .run = facts->run_id,
        .reserved_ms = status->reserved_ms,
        .prompt_tokens = reserved ? status->prompt_tokens : 0,
        .reserved = reserved ? status->reserved : 0,
        .tokens = counted ? usage->prompt + usage->completion : -1,
        .cost = facts->cost > 0 ? facts->cost : 0,
        .run_error = status->outcome.run_error,
        .run_limits = status->run_limits,
    };
    bool has_account = settlement->client || settlement->run;
    return has_account && (reserved || settlement->cost || settlement->run_error);
}

void ledger_settle_accounts(struct ledger *ledger, const struct ledger_entry *entry, int64_t now_ms)
{
    struct settlement settlement;
    if (ledger->redis && entry->remote_id)
        return; /* the accounts are in Redis */
    if (!ledger_settlement(entry, &settlement))
        return; /* the request was refused, and has used nothing */
    struct ledger_accounts accounts;
    ledger_accounts_fetch(ledger, settlement.client, settlement.run, &accounts);
    quota_settle(accounts.client, accounts.run, &settlement, now_ms);
    ledger_accounts_put(ledger, &accounts);
}
