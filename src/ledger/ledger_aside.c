/* A ledger aside, in which accounts are made while the ledger is in use. */
#include "ledger/ledger_aside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/failure.h"
#include "config/settings.h"
#include "ledger/ledger_internal.h"

static const enum ledger_kind account_kinds[] = {KIND_CLIENT, KIND_RUN, KIND_SERIES};

/* The file loses its name at once, so it goes with this process. */
bool ledger_aside_open(const struct ledger *ledger, struct ledger *aside)
{
    static const char *const files[] = {"ledger.mdb", "ledger.mdb-lock"};
    char folder[4096], file[4096 + 32];
    struct failure nothing;
    *aside = (struct ledger){.settings = ledger->settings, .redis = ledger->redis, .own = ledger->own};
    int length = snprintf(folder, sizeof folder, "%s/rebuild-XXXXXX", ledger->settings->state_dir);
    if (length < 0 || (size_t)length >= sizeof folder || !mkdtemp(folder))
        return false;
    bool opened = ledger_lmdb_open(folder, &aside->lmdb, &nothing);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(file, sizeof file, "%s/%s", folder, files[i]);
        unlink(file);
    }
    rmdir(folder);
    return opened;
}

/* Key and value of an account, as they stand in `rows`. */
struct row_head {
    struct ledger_key key;
    size_t length;
};

static bool copy_kind(struct ledger *from, enum ledger_kind kind, struct buffer *rows)
{
    struct row_head head = {.key = ledger_key_kind(kind)};
    struct ledger_bytes value;
    bool fits = true;
    for (; fits && ledger_lmdb_seek(from->lmdb, &head.key, &value) && head.key.bytes[0] == kind;
         ledger_key_next(&head.key)) {
        head.length = value.length;
        fits = buffer_append(rows, &head, sizeof head) && buffer_append(rows, value.at, value.length);
    }
    return fits;
}

bool ledger_copy_accounts(struct ledger *from, struct buffer *rows)
{
    bool fits = true;
    for (size_t i = 0; fits && i < sizeof account_kinds / sizeof *account_kinds; i++)
        fits = copy_kind(from, account_kinds[i], rows);
    return fits;
}

void ledger_put_accounts(struct ledger *ledger, struct buffer *rows)
{
    struct row_head head;
    while (rows->length >= sizeof head) {
        memcpy(&head, rows->bytes, sizeof head);
        buffer_consume(rows, sizeof head);
        ledger_store(ledger, &head.key, rows->bytes, head.length);
        buffer_consume(rows, head.length);
    }
}

static void drop_kind(struct ledger *ledger, enum ledger_kind kind)
{
    struct ledger_key key = ledger_key_kind(kind);
    struct ledger_bytes value;
    while (ledger_lmdb_seek(ledger->lmdb, &key, &value) && key.bytes[0] == kind) {
        ledger_lmdb_remove(ledger->lmdb, &key);
        ledger_key_next(&key);
    }
}

void ledger_drop_accounts(struct ledger *ledger)
{
    for (size_t i = 0; i < sizeof account_kinds / sizeof *account_kinds; i++)
        drop_kind(ledger, account_kinds[i]);
}
