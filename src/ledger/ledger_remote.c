/* An exchange whose accounts are in Redis: a name for it, and what Redis has still to be told.
 *
 * It stands in the file of this host as any other does, so whoever finds it when its process is dead can tell
 * Redis. The name makes sure that Redis hears of it once, whoever tells it and how often. */
#include "ledger/ledger_remote.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/error_log.h"
#include "config/redis_address.h"
#include "config/settings.h"
#include "ledger/ledger_accounts.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_redis.h"
#include "ledger/quota.h"
#include "ledger/redis_link.h"

#define OWED_MAX 100000 /* some 30 MB */
#define REST_MAX_MS 10000
#define BATCH 128 /* each has to wait twice for the lock, behind everybody else */
#define BATCH_BYTES (1024 * 1024)

void ledger_remote_open(struct ledger *ledger)
{
    struct redis_address address;
    const struct settings *settings = ledger->settings;
    bool named = settings->ledger && *settings->ledger;
    if (named && !redis_address_parse(settings->ledger, &address))
        ledger->redis = ledger_redis_open(&address, &settings->ledger_password);
}

void ledger_remote_close(struct ledger *ledger)
{
    ledger_redis_close(ledger->redis);
}

/* Half of it is the process's and random: a number of it could come again on another host. */
void ledger_remote_name(struct ledger *ledger)
{
    if (!ledger->redis)
        return;
    if (!*ledger->process_id)
        digest_random_name(ledger->process_id);
    snprintf(ledger->id, sizeof ledger->id, "%s-%" PRIu64, ledger->process_id, ledger->entry.facts.count);
    ledger->entry.texts[ENTRY_ID] = ledger->id;
}

/* A clock that was set back makes nobody wait for long. */
bool ledger_remote_rests(struct ledger *ledger, int64_t now_ms)
{
    struct ledger_key key = ledger_key_kind(KIND_META);
    struct ledger_meta basis;
    ledger_load(ledger, &key, &basis, sizeof basis);
    return now_ms < basis.rest_ms && basis.rest_ms - now_ms < REST_MAX_MS;
}

void ledger_remote_note_gone(struct ledger *ledger, int64_t since_ms)
{
    struct ledger_key key = ledger_key_kind(KIND_META);
    struct ledger_meta basis;
    int64_t now_ms = clock_wall_us() / 1000;
    ledger_load(ledger, &key, &basis, sizeof basis);
    basis.rest_ms = now_ms + redis_link_pause_us((now_ms - since_ms) * 1000) / 1000;
    ledger_store(ledger, &key, &basis, sizeof basis);
}

bool ledger_remote_owes(const struct ledger *ledger, const struct ledger_entry *entry)
{
    struct settlement settlement;
    return ledger->redis && entry->texts[ENTRY_ID] && ledger_settlement(entry, &settlement);
}

bool ledger_remote_pay(struct ledger *ledger, const struct ledger_entry *entry)
{
    struct settlement settlement;
    return !ledger_settlement(entry, &settlement) ||
           ledger_redis_settle(ledger->redis, entry->texts[ENTRY_ID], &settlement, LEDGER_REDIS_CLOCK);
}

void ledger_remote_keep(struct ledger *ledger, const struct ledger_entry *entry)
{
    struct ledger_key basis_key = ledger_key_kind(KIND_META), key = ledger_key_kind(KIND_OWED);
    struct ledger_meta basis;
    struct ledger_entry kept = *entry;
    kept.line = NULL;
    kept.line_length = 0;
    ledger_load(ledger, &basis_key, &basis, sizeof basis);
    if (basis.owed >= OWED_MAX) {
        log_error("the ledger cannot keep what Redis has not been told: request %s is only in the usage log",
                  entry->texts[ENTRY_REQUEST_ID] ? entry->texts[ENTRY_REQUEST_ID] : "");
        return;
    }
    basis.owed++;
    ledger_key_add_name(&key, entry->texts[ENTRY_ID]);
    ledger_put_entry(ledger, &key, &kept);
    ledger_store(ledger, &basis_key, &basis, sizeof basis);
}

/* ---- what was kept ---- */

/* Some of it, copied: Redis is told while nobody has to wait for us. */
struct batch {
    struct ledger_key keys[BATCH];
    size_t ends[BATCH], count; /* where the entries end within `bytes` */
    struct buffer bytes;
};

static void collect(struct ledger *ledger, struct batch *batch)
{
    struct ledger_key key = ledger_key_kind(KIND_OWED);
    struct ledger_bytes value;
    for (; batch->count < BATCH && ledger_lmdb_seek(ledger->lmdb, &key, &value) && key.bytes[0] == KIND_OWED;
         ledger_key_next(&key)) {
        if (!buffer_append(&batch->bytes, value.at, value.length))
            return;
        batch->keys[batch->count] = key;
        batch->ends[batch->count++] = batch->bytes.length;
    }
}

/* Whoever else has the same batch at this moment does no harm: it counts once. One of another version, which
 * nobody can read, counts as told. */
static bool pay_one(struct ledger *ledger, const struct batch *batch, size_t index)
{
    struct ledger_entry entry;
    size_t begin = index ? batch->ends[index - 1] : 0;
    return !ledger_entry_read(&entry, batch->bytes.bytes + begin, batch->ends[index] - begin) ||
           ledger_remote_pay(ledger, &entry);
}

static void remove_paid(struct ledger *ledger, const struct batch *batch, size_t paid)
{
    struct ledger_key basis_key = ledger_key_kind(KIND_META);
    struct ledger_meta basis;
    ledger_load(ledger, &basis_key, &basis, sizeof basis);
    for (size_t i = 0; i < paid; i++) {
        basis.owed -= basis.owed > 0 && ledger_lmdb_get(ledger->lmdb, &batch->keys[i]).at;
        ledger_lmdb_remove(ledger->lmdb, &batch->keys[i]);
    }
    ledger_store(ledger, &basis_key, &basis, sizeof basis);
}

/* True: there may be more. */
static bool pay_batch(struct ledger *ledger, struct batch *batch)
{
    int64_t now_ms = clock_wall_us() / 1000;
    size_t paid = 0;
    batch->count = 0;
    if (!ledger_enter(ledger))
        return false;
    if (!ledger_remote_rests(ledger, now_ms))
        collect(ledger, batch);
    ledger_lmdb_abort(ledger->lmdb);
    while (paid < batch->count && pay_one(ledger, batch, paid))
        paid++;
    if (!batch->count || !ledger_enter(ledger))
        return false;
    remove_paid(ledger, batch, paid);
    if (paid < batch->count)
        ledger_remote_note_gone(ledger, now_ms);
    return ledger_leave(ledger) && paid == BATCH;
}

void ledger_remote_pay_kept(struct ledger *ledger)
{
    struct batch batch;
    bool more = ledger->redis && !ledger_redis_rests(ledger->redis);
    while (more) {
        buffer_init(&batch.bytes, BATCH_BYTES);
        more = pay_batch(ledger, &batch);
        buffer_free(&batch.bytes);
    }
}
