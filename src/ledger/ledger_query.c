/* What stands in the ledger besides the open exchange: accounts, and notes that all processes share. */
#include "ledger/ledger_query.h"

#include "base/clock.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_redis.h"
#include "ledger/quota.h"

static bool look(struct ledger *ledger, enum ledger_kind kind, const char *name, void *record, size_t size)
{
    struct ledger_key key = ledger_named_key(kind, name);
    if (!ledger_enter(ledger))
        return false;
    ledger_load(ledger, &key, record, size);
    ledger_lmdb_abort(ledger->lmdb);
    return true;
}

bool ledger_run(struct ledger *ledger, const char *run, const struct run_limits *limits,
                struct run_account *account)
{
    bool known = ledger->redis ? ledger_redis_run(ledger->redis, run, account)
                               : look(ledger, KIND_RUN, run, account, sizeof *account);
    if (!known)
        return false;
    account->errors = quota_recent_errors(account, limits, clock_wall_us() / 1000);
    return true;
}

/* A run that nobody knows stays unknown. */
bool ledger_run_forgive(struct ledger *ledger, const char *run)
{
    struct ledger_key key = ledger_named_key(KIND_RUN, run);
    struct run_account account;
    if (ledger->redis)
        return ledger_redis_run_forgive(ledger->redis, run);
    if (!ledger_enter(ledger))
        return false;
    ledger_load(ledger, &key, &account, sizeof account);
    if (!account.errors) {
        ledger_lmdb_abort(ledger->lmdb);
        return true;
    }
    account.errors = 0;
    ledger_store(ledger, &key, &account, sizeof account);
    return ledger_leave(ledger);
}

bool ledger_client(struct ledger *ledger, const char *client, struct client_account *account)
{
    return ledger->redis ? ledger_redis_client(ledger->redis, client, account)
                         : look(ledger, KIND_CLIENT, client, account, sizeof *account);
}

bool ledger_note(struct ledger *ledger, const char *name, void *note, size_t size)
{
    return look(ledger, KIND_NOTE, name, note, size);
}

bool ledger_note_change(struct ledger *ledger, const char *name, void *note, size_t size,
                        bool (*change)(void *note, void *context), void *context)
{
    struct ledger_key key = ledger_named_key(KIND_NOTE, name);
    if (!ledger_enter(ledger))
        return false;
    ledger_load(ledger, &key, note, size);
    if (!change(note, context)) {
        ledger_lmdb_abort(ledger->lmdb);
        return true;
    }
    ledger_store(ledger, &key, note, size);
    return ledger_leave(ledger);
}

bool ledger_works(struct ledger *ledger, const char **fault, int64_t *owed)
{
    struct ledger_key key = ledger_key_kind(KIND_META);
    struct ledger_meta basis = {0};
    bool here = ledger_enter(ledger);
    if (here) {
        ledger_load(ledger, &key, &basis, sizeof basis);
        ledger_lmdb_abort(ledger->lmdb);
    }
    bool there = !ledger->redis || ledger_redis_ready(ledger->redis);
    *owed = basis.owed;
    *fault = !here ? "its file cannot be used" : !there ? ledger_redis_fault(ledger->redis) : NULL;
    return here && there;
}
