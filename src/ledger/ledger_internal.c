/* The ledger's transactions: its file is opened when it is needed, and used by one process at a time.
 *
 * What fails here never fails a request by itself. The fault is remembered, logged once and shown by
 * /healthz, and opening is tried again a second later. */
#include "ledger/ledger_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "config/settings.h"
#include "ledger/ledger_query.h"
#include "loop/loop.h"

#define RETRY_US 1000000
#define CHECK_EVERY_US 10000

static bool note_fault(struct ledger *ledger, const struct failure *why)
{
    if (!*ledger->fault)
        log_error("%s", why->message);
    snprintf(ledger->fault, sizeof ledger->fault, "%s", why->message);
    return false;
}

static bool open_file(struct ledger *ledger)
{
    struct failure why;
    int64_t now_us = clock_monotonic_us();
    if (ledger->tried_us && now_us - ledger->tried_us < RETRY_US)
        return false;
    ledger->tried_us = now_us;
    bool opened = ledger->looking ? ledger_lmdb_look(ledger->settings->state_dir, &ledger->lmdb, &why)
                                  : ledger_lmdb_open(ledger->settings->state_dir, &ledger->lmdb, &why);
    if (!opened)
        return note_fault(ledger, &why);
    if (ledger->lmdb && !ledger->looking)
        ledger_lmdb_mark(ledger->lmdb, process_identity_digest(&ledger->own));
    return ledger->lmdb;
}

static void close_broken(struct ledger *ledger)
{
    if (ledger->looking || !ledger_lmdb_is_broken(ledger->lmdb))
        return;
    ledger_lmdb_set_aside(ledger->lmdb);
    ledger->tried_us = 0; /* a new file can be made at once */
    ledger->lmdb = NULL;
}

/* The file may have been replaced or removed. Then no other process would see the changes to the old file.
 * A busy process checks the name a hundred times a second. */
static void leave_old_file(struct ledger *ledger)
{
    int64_t now_us = clock_monotonic_us();
    if (ledger->looking || !ledger->lmdb || now_us - ledger->checked_us < CHECK_EVERY_US)
        return;
    ledger->checked_us = now_us;
    if (ledger_lmdb_is_current(ledger->lmdb))
        return;
    ledger_lmdb_leave(ledger->lmdb);
    ledger->lmdb = NULL;
    ledger->tried_us = 0;
}

bool ledger_txn_begin(struct ledger *ledger)
{
    struct failure why;
    leave_old_file(ledger);
    if (!ledger->lmdb && !open_file(ledger))
        return false;
    if (ledger_lmdb_begin(ledger->lmdb, &why)) {
        if (ledger->loop)
            loop_forbid_waits(ledger->loop);
        return true;
    }
    note_fault(ledger, &why);
    close_broken(ledger);
    return false;
}

/* A task must not wait in a transaction, because other tasks and processes need the file. */
static void leave_transaction(const struct ledger *ledger)
{
    if (ledger->loop)
        loop_allow_waits(ledger->loop);
}

bool ledger_txn_commit(struct ledger *ledger)
{
    struct failure why;
    leave_transaction(ledger);
    if (ledger_lmdb_commit(ledger->lmdb, &why)) {
        if (*ledger->fault)
            log_warning("the ledger can be used again");
        ledger->fault[0] = '\0';
        return true;
    }
    note_fault(ledger, &why);
    close_broken(ledger);
    return false;
}

void ledger_txn_abort(struct ledger *ledger)
{
    leave_transaction(ledger);
    ledger_lmdb_abort(ledger->lmdb);
}

bool ledger_is_absent(const struct ledger *ledger)
{
    return ledger->looking && !ledger->lmdb && !*ledger->fault;
}

void ledger_load(struct ledger *ledger, const struct ledger_key *key, void *record, size_t size)
{
    struct ledger_bytes bytes = ledger_lmdb_get(ledger->lmdb, key);
    memset(record, 0, size);
    if (bytes.length == size)
        memcpy(record, bytes.at, size);
}

void ledger_store(struct ledger *ledger, const struct ledger_key *key, const void *record, size_t size)
{
    void *room = ledger_lmdb_put(ledger->lmdb, key, size);
    if (room)
        memcpy(room, record, size);
}

void ledger_put_entry(struct ledger *ledger, const struct ledger_key *key, const struct ledger_entry *entry)
{
    void *room = ledger_lmdb_put(ledger->lmdb, key, ledger_entry_size(entry));
    if (room)
        ledger_entry_write(entry, room);
}

struct ledger_meta ledger_load_meta(struct ledger *ledger)
{
    struct ledger_key key = ledger_key_kind(KIND_META);
    struct ledger_meta meta;
    ledger_load(ledger, &key, &meta, sizeof meta);
    return meta;
}

uint64_t ledger_layout(void)
{
    return sizeof(struct client_account) << 16 | sizeof(struct run_account);
}

bool ledger_is_sound(const struct ledger *ledger, const struct ledger_meta *meta)
{
    return meta->since_ms && meta->boot == ledger->own.boot && meta->layout == ledger_layout();
}

void ledger_store_meta(struct ledger *ledger, const struct ledger_meta *meta)
{
    struct ledger_key key = ledger_key_kind(KIND_META);
    ledger_store(ledger, &key, meta, sizeof *meta);
}

struct ledger_key ledger_slot_key(const struct ledger *ledger, size_t slot)
{
    struct ledger_key key = ledger_key_kind(KIND_OPEN);
    ledger_key_add_process(&key, &ledger->own);
    ledger_key_add_number(&key, slot);
    return key;
}

struct ledger_key ledger_named_key(enum ledger_kind kind, const char *name)
{
    struct ledger_key key = ledger_key_kind(kind);
    ledger_key_add_name(&key, name);
    return key;
}
