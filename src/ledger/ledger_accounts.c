/* The two accounts of an exchange, its client's and its run's, in the ledger's table. */
#include "ledger/ledger_accounts.h"

#include <stddef.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "config/settings.h"
#include "ledger/ledger_entry.h"
#include "ledger/ledger_internal.h"
#include "ledger/quota.h"

#define LOOKED_AT_ONCE 1000

/* ---- addresses ---- */

/* A day after its last request, the account of an address says nothing any more. Each new address removes a
 * few of those, so that they do not pile up. If there are too many on one day, because a client has millions
 * of addresses, the next ones share one account. */
#define ADDRESSES_MAX 65536
#define ADDRESSES_LOOKED_AT 8
#define ADDRESS_OF_ALL_OTHERS "*"
#define DAY_S 86400

static bool is_stale(struct ledger_bytes value)
{
    struct client_account account;
    if (value.length != sizeof account)
        return true;
    memcpy(&account, value.at, sizeof account);
    int64_t today = clock_wall_us() / 1000000 / DAY_S;
    return account.day < today - 1 || account.day > today + 1;
}

/* Removes stale accounts among the next ones after `key`, and continues at the first one after the last. */
static int64_t remove_stale(struct ledger *ledger, struct ledger_key key)
{
    struct ledger_bytes value;
    int64_t removed = 0;
    for (int i = 0; i < ADDRESSES_LOOKED_AT; i++) {
        bool found = ledger_lmdb_seek(ledger->lmdb, &key, &value) && key.bytes[0] == KIND_ADDRESS;
        if (!found)
            key = ledger_named_key(KIND_ADDRESS, "");
        else if (key.length > 2 && is_stale(value)) {
            ledger_lmdb_remove(ledger->lmdb, &key);
            removed++;
        }
        ledger_key_next(&key);
    }
    return removed;
}

/* Returns the key of the account of an address; of a new one, if there is room for it. */
static struct ledger_key address_key(struct ledger *ledger, const char *address)
{
    struct ledger_key key = ledger_named_key(KIND_ADDRESS, address), all = ledger_named_key(KIND_ADDRESS, "");
    int64_t count;
    if (ledger_lmdb_get(ledger->lmdb, &key).at)
        return key;
    ledger_load(ledger, &all, &count, sizeof count);
    count = max_int64(count - remove_stale(ledger, key), 0);
    bool room = count < ADDRESSES_MAX;
    count += room;
    ledger_store(ledger, &all, &count, sizeof count);
    return room ? key : ledger_named_key(KIND_ADDRESS, ADDRESS_OF_ALL_OTHERS);
}

/* ---- accounts ---- */

void ledger_accounts_fetch(struct ledger *ledger, const char *client, bool by_address, const char *run,
                           struct ledger_accounts *accounts)
{
    accounts->client = client ? &accounts->client_record : NULL;
    accounts->run = run ? &accounts->run_record : NULL;
    if (client) {
        accounts->client_key = by_address ? address_key(ledger, client)
                                          : ledger_named_key(KIND_CLIENT, client);
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
    bool reserved = status->reserved_ms != 0;
    int64_t unknown = status->outcome.lost ? -1
                                           : 0; /* else what a provider does not count has been estimated */
    int64_t tokens = usage->prompt >= 0 ? usage->prompt + max_int64(usage->completion, 0) : unknown;
    *settlement = (struct settlement){
        .client = facts->client,
        .run = facts->run_id,
        .reserved_ms = status->reserved_ms,
        .prompt_tokens = reserved ? status->prompt_tokens : 0,
        .answer_tokens = reserved ? status->answer_tokens : 0,
        .reserved = reserved ? status->reserved : 0,
        .tokens = max_int64(tokens, usage->total), /* the total may include hidden reasoning */
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
    ledger_accounts_fetch(ledger, settlement.client, false, settlement.run, &accounts);
    quota_settle(accounts.client, accounts.run, &settlement, now_ms);
    ledger_accounts_put(ledger, &accounts);
}

/* ---- expired runs ---- */

static struct ledger_key first_run(struct ledger *ledger)
{
    struct ledger_key sweep = ledger_key_kind(KIND_SWEEP), key = ledger_key_kind(KIND_RUN);
    struct ledger_bytes value = ledger_lmdb_get(ledger->lmdb, &sweep);
    if (!value.at || value.length > sizeof key.bytes || *(const char *)value.at != KIND_RUN)
        return key;
    memcpy(key.bytes, value.at, value.length);
    key.length = value.length;
    return key;
}

/* NULL: the next search begins with the first run. */
static void note_next_run(struct ledger *ledger, const struct ledger_key *next)
{
    struct ledger_key sweep = ledger_key_kind(KIND_SWEEP);
    if (next)
        ledger_store(ledger, &sweep, next->bytes, next->length);
    else
        ledger_lmdb_remove(ledger->lmdb, &sweep);
}

/* There may be a million runs, so a call looks at some of them only, and the next one goes on from there. */
void ledger_runs_forget(struct ledger *ledger)
{
    const struct run_limits *limits = &ledger->settings->runs;
    struct ledger_bytes value;
    int64_t now_ms = clock_wall_us() / 1000;
    int looked_at = 0, removed = 0;
    if (!limits->expire_ms || !ledger_txn_begin(ledger))
        return;
    struct ledger_key key = first_run(ledger);
    bool began_later = key.length > 1, more = true;
    while (looked_at++ < LOOKED_AT_ONCE &&
           (more = ledger_lmdb_seek(ledger->lmdb, &key, &value) && key.bytes[0] == KIND_RUN)) {
        struct run_account run;
        bool readable = value.length == sizeof run;
        if (readable)
            memcpy(&run, value.at, sizeof run);
        if (!readable || quota_expire_run(&run, limits, now_ms)) {
            ledger_lmdb_remove(ledger->lmdb, &key);
            removed++;
        }
        ledger_key_next(&key);
    }
    if (more || began_later)
        note_next_run(ledger, more ? &key : NULL);
    if (more || began_later || removed)
        (void)ledger_txn_commit(ledger);
    else
        ledger_txn_abort(ledger);
}
