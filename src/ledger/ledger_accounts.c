/* The two accounts of an exchange, its client's and its run's, in the ledger's table. */
#include "ledger/ledger_accounts.h"

#include <stddef.h>

#include "ledger/ledger_entry.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_outcome.h"
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

void ledger_note_outcome(struct ledger_entry *entry, const struct ledger_outcome *outcome)
{
    bool known = outcome->prompt_tokens >= 0 && outcome->completion_tokens >= 0;
    entry->facts.tokens = known ? outcome->prompt_tokens + outcome->completion_tokens : -1;
    entry->facts.cost = outcome->cost;
    entry->facts.run_error = outcome->run_error;
}

bool ledger_settlement(const struct ledger_entry *entry, struct settlement *settlement)
{
    const struct entry_facts *facts = &entry->facts;
    *settlement = (struct settlement){
        .client = entry->texts[ENTRY_CLIENT],
        .run = entry->texts[ENTRY_RUN],
        .claimed_ms = facts->claimed ? facts->claimed_ms : 0,
        .prompt_tokens = facts->claimed ? facts->prompt_tokens : 0,
        .reserved = facts->claimed ? facts->reserved : 0,
        .tokens = facts->tokens,
        .cost = facts->cost > 0 ? facts->cost : 0,
        .run_error = facts->run_error,
        .run_limits = facts->run_limits,
    };
    bool is_somebodys = settlement->client || settlement->run;
    return is_somebodys && (facts->claimed || settlement->cost || facts->run_error);
}

void ledger_settle_accounts(struct ledger *ledger, const struct ledger_entry *entry, int64_t now_ms)
{
    struct settlement settlement;
    if (ledger->redis && entry->texts[ENTRY_ID])
        return; /* they are elsewhere */
    if (!ledger_settlement(entry, &settlement))
        return; /* it was refused, and has used nothing */
    struct ledger_accounts accounts;
    ledger_accounts_fetch(ledger, settlement.client, settlement.run, &accounts);
    quota_settle(accounts.client, accounts.run, &settlement, now_ms);
    ledger_accounts_put(ledger, &accounts);
}
