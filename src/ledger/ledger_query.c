/* Reads the accounts in the ledger, and reads and changes notes that all processes of a host share. */
#include "ledger/ledger_query.h"

#include "base/clock.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_redis.h"
#include "ledger/quota.h"

static bool read_record(struct ledger *ledger, enum ledger_kind kind, const char *name, void *record,
                        size_t size)
{
    struct ledger_key key = ledger_named_key(kind, name);
    if (!ledger_txn_begin(ledger))
        return false;
    ledger_load(ledger, &key, record, size);
    ledger_txn_abort(ledger);
    return true;
}

bool ledger_run(struct ledger *ledger, const char *run, const struct run_limits *limits,
                struct run_account *account)
{
    bool known = ledger->redis ? ledger_redis_run(ledger->redis, run, account)
                               : read_record(ledger, KIND_RUN, run, account, sizeof *account);
    if (!known)
        return false;
    account->errors = quota_recent_errors(account, limits, clock_wall_us() / 1000);
    return true;
}

bool ledger_run_reset_errors(struct ledger *ledger, const char *run)
{
    struct ledger_key key = ledger_named_key(KIND_RUN, run);
    struct run_account account;
    if (ledger->redis)
        return ledger_redis_run_reset_errors(ledger->redis, run);
    if (!ledger_txn_begin(ledger))
        return false;
    ledger_load(ledger, &key, &account, sizeof account);
    if (!account.errors) {
        ledger_txn_abort(ledger);
        return true;
    }
    account.errors = 0;
    ledger_store(ledger, &key, &account, sizeof account);
    return ledger_txn_commit(ledger);
}

bool ledger_client(struct ledger *ledger, const char *client, struct client_account *account)
{
    return ledger->redis ? ledger_redis_client(ledger->redis, client, account)
                         : read_record(ledger, KIND_CLIENT, client, account, sizeof *account);
}

bool ledger_note(struct ledger *ledger, const char *name, void *note, size_t size)
{
    return read_record(ledger, KIND_NOTE, name, note, size);
}

bool ledger_note_change(struct ledger *ledger, const char *name, void *note, size_t size,
                        bool (*change)(void *note, void *context), void *context)
{
    struct ledger_key key = ledger_named_key(KIND_NOTE, name);
    if (!ledger_txn_begin(ledger))
        return false;
    ledger_load(ledger, &key, note, size);
    if (!change(note, context)) {
        ledger_txn_abort(ledger);
        return true;
    }
    ledger_store(ledger, &key, note, size);
    return ledger_txn_commit(ledger);
}

bool ledger_works(struct ledger *ledger, const char **fault, int64_t *owed)
{
    struct ledger_meta meta = {0};
    bool file_works = ledger_txn_begin(ledger);
    if (file_works) {
        meta = ledger_load_meta(ledger);
        ledger_txn_abort(ledger);
    }
    bool redis_works = !ledger->redis || ledger_redis_ready(ledger->redis);
    *owed = meta.owed;
    *fault = NULL;
    if (!file_works)
        *fault = "its file cannot be used";
    else if (!redis_works)
        *fault = ledger_redis_fault(ledger->redis);
    return file_works && redis_works;
}

bool ledger_unlogged(struct ledger *ledger, int64_t *waiting, int64_t *lost)
{
    if (!ledger_txn_begin(ledger))
        return false;
    struct ledger_meta meta = ledger_load_meta(ledger);
    ledger_txn_abort(ledger);
    *waiting = meta.unlogged;
    *lost = meta.lost;
    return true;
}
