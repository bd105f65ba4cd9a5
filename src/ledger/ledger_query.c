/* Reads the accounts in the ledger, and reads and changes notes that all processes of a host share. */
#include "ledger/ledger_query.h"

#include <string.h>

#include "base/clock.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_redis.h"
#include "ledger/quota.h"

static bool read_record(struct ledger *ledger, enum ledger_kind kind, const char *name, void *record,
                        size_t size)
{
    struct ledger_key key = ledger_named_key(kind, name);
    memset(record, 0, size);
    if (ledger_is_absent(ledger))
        return true;
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
    quota_expire_run(account, limits, clock_wall_us() / 1000);
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

/* ---- notes ---- */

static void load_notes(struct ledger *ledger, const struct ledger_note *notes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct ledger_key key = ledger_named_key(KIND_NOTE, notes[i].name);
        ledger_load(ledger, &key, notes[i].bytes, notes[i].size);
    }
}

static bool is_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static void store_note(struct ledger *ledger, const struct ledger_note *note)
{
    struct ledger_key key = ledger_named_key(KIND_NOTE, note->name);
    if (is_zero(note->bytes, note->size))
        ledger_lmdb_remove(ledger->lmdb, &key);
    else
        ledger_store(ledger, &key, note->bytes, note->size);
}

bool ledger_notes_read(struct ledger *ledger, const struct ledger_note *notes, size_t count)
{
    if (!ledger_txn_begin(ledger))
        return false;
    load_notes(ledger, notes, count);
    ledger_txn_abort(ledger);
    return true;
}

bool ledger_notes_change(struct ledger *ledger, const struct ledger_note *notes, size_t count,
                         unsigned (*change)(void *context), void *context)
{
    if (!ledger_txn_begin(ledger))
        return false;
    load_notes(ledger, notes, count);
    unsigned changed = change(context);
    for (size_t i = 0; i < count; i++)
        if (changed & 1u << i)
            store_note(ledger, &notes[i]);
    if (changed)
        return ledger_txn_commit(ledger);
    ledger_txn_abort(ledger);
    return true;
}

bool ledger_notes_walk(struct ledger *ledger,
                       bool (*visit)(void *context, const char *name, const void *bytes, size_t size),
                       void *context)
{
    struct ledger_key key = ledger_key_kind(KIND_NOTE);
    struct ledger_bytes value;
    bool removed = false;
    if (ledger_is_absent(ledger))
        return true;
    if (!ledger_txn_begin(ledger))
        return false;
    while (ledger_lmdb_seek(ledger->lmdb, &key, &value) && key.bytes[0] == KIND_NOTE &&
           key.length < sizeof key.bytes) {
        key.bytes[key.length] = '\0'; /* a key ends with the NUL of its name, unless the file is damaged */
        if (visit(context, (const char *)key.bytes + 1, value.at, value.length)) {
            ledger_lmdb_remove(ledger->lmdb, &key);
            removed = true;
        }
        ledger_key_next(&key);
    }
    if (removed)
        return ledger_txn_commit(ledger);
    ledger_txn_abort(ledger);
    return true;
}

bool ledger_works(struct ledger *ledger, const char **fault, int64_t *owed)
{
    struct ledger_meta meta = {0};
    bool absent = ledger_is_absent(ledger), file_works = absent || ledger_txn_begin(ledger);
    if (file_works && !absent) {
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
    struct ledger_meta meta = {0};
    if (!ledger_is_absent(ledger)) {
        if (!ledger_txn_begin(ledger))
            return false;
        meta = ledger_load_meta(ledger);
        ledger_txn_abort(ledger);
    }
    *waiting = meta.unlogged;
    *lost = meta.lost;
    return true;
}
