/* The ledger's door: its file is opened, entered by one at a time, and left.
 *
 * What fails here never fails a request by itself. The fault is remembered, said once in the error log and in
 * /healthz, and a second later somebody tries again. */
#include "ledger/ledger_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "config/settings.h"

#define TRY_AGAIN_US 1000000
#define LOOK_AGAIN_US 10000

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
    if (ledger->tried_us && now_us - ledger->tried_us < TRY_AGAIN_US)
        return false;
    ledger->tried_us = now_us;
    return ledger_lmdb_open(ledger->settings->state_dir, &ledger->lmdb, &why) || note_fault(ledger, &why);
}

static void close_broken(struct ledger *ledger)
{
    if (!ledger_lmdb_is_broken(ledger->lmdb))
        return;
    ledger_lmdb_set_aside(ledger->lmdb);
    ledger->tried_us = 0; /* its place is free at once */
    ledger->lmdb = NULL;
}

/* Somebody may have put another file in its place, or none: what is done to ours nobody else would see. A
 * busy process looks a hundred times a second. */
static void leave_old_file(struct ledger *ledger)
{
    int64_t now_us = clock_monotonic_us();
    if (!ledger->lmdb || now_us - ledger->looked_us < LOOK_AGAIN_US)
        return;
    ledger->looked_us = now_us;
    if (ledger_lmdb_is_current(ledger->lmdb))
        return;
    ledger_lmdb_leave(ledger->lmdb);
    ledger->lmdb = NULL;
    ledger->tried_us = 0;
}

bool ledger_enter(struct ledger *ledger)
{
    struct failure why;
    leave_old_file(ledger);
    if (!ledger->lmdb && !open_file(ledger))
        return false;
    if (ledger_lmdb_begin(ledger->lmdb, &why))
        return true;
    note_fault(ledger, &why);
    close_broken(ledger);
    return false;
}

bool ledger_leave(struct ledger *ledger)
{
    struct failure why;
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

struct ledger_key ledger_own_key(const struct ledger *ledger)
{
    struct ledger_key key = ledger_key_kind(KIND_OPEN);
    ledger_key_add_process(&key, &ledger->own);
    return key;
}

struct ledger_key ledger_named_key(enum ledger_kind kind, const char *name)
{
    struct ledger_key key = ledger_key_kind(kind);
    ledger_key_add_name(&key, name);
    return key;
}
