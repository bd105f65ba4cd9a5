/* Exchanges whose accounts are in Redis: their names in Redis, and the exchanges whose outcome Redis does
 * not have yet.
 *
 * Such an exchange has its entry in the file of this host like any other, so recovery can settle it in
 * Redis when its process is dead. Redis settles each name once, no matter how often and by which process
 * the settlement is sent. */
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

#define OWED_MAX 100000 /* about 30 MB */
#define PAUSE_MAX_MS 10000
#define BATCH 128 /* each batch takes the lock twice */
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

/* Half of the name is random and belongs to the process, because another host could have a process of the
 * same number. */
void ledger_remote_name(struct ledger_exchange *exchange)
{
    struct ledger *ledger = exchange->ledger;
    if (!ledger->redis)
        return;
    if (!*ledger->process_id)
        digest_random_name(ledger->process_id);
    snprintf(exchange->remote_id, sizeof exchange->remote_id, "%s-%" PRIu64, ledger->process_id,
             exchange->entry.status.number);
    exchange->entry.remote_id = exchange->remote_id;
}

/* If the clock was set back, the pause does not become longer. */
bool ledger_remote_pauses(struct ledger *ledger, int64_t now_ms)
{
    struct ledger_meta meta = ledger_load_meta(ledger);
    return now_ms < meta.redis_retry_ms && meta.redis_retry_ms - now_ms < PAUSE_MAX_MS;
}

void ledger_remote_pause(struct ledger *ledger, int64_t since_ms)
{
    struct ledger_meta meta = ledger_load_meta(ledger);
    int64_t now_ms = clock_wall_us() / 1000;
    meta.redis_retry_ms = now_ms + redis_link_pause_us((now_ms - since_ms) * 1000) / 1000;
    ledger_store_meta(ledger, &meta);
}

bool ledger_remote_owes(const struct ledger *ledger, const struct ledger_entry *entry)
{
    struct settlement settlement;
    return ledger->redis && entry->remote_id && ledger_settlement(entry, &settlement);
}

bool ledger_remote_settle(struct ledger *ledger, const struct ledger_entry *entry)
{
    struct settlement settlement;
    return !ledger_settlement(entry, &settlement) ||
           ledger_redis_settle(ledger->redis, entry->remote_id, &settlement, LEDGER_REDIS_CLOCK);
}

void ledger_remote_keep(struct ledger *ledger, const struct ledger_entry *entry)
{
    struct ledger_key key = ledger_key_kind(KIND_OWED);
    struct ledger_meta meta = ledger_load_meta(ledger);
    struct ledger_entry kept = *entry;
    kept.line = NULL;
    kept.line_length = 0;
    if (meta.owed >= OWED_MAX) {
        log_error("the ledger cannot keep what Redis has not been told: request %s is only in the usage log",
                  entry->facts.request_id ? entry->facts.request_id : "");
        return;
    }
    meta.owed++;
    ledger_key_add_name(&key, entry->remote_id);
    ledger_put_entry(ledger, &key, &kept);
    ledger_store_meta(ledger, &meta);
}

/* ---- kept exchanges ---- */

/* Copies of some kept exchanges, because Redis is called outside of the transaction. */
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

/* Another process may send the same batch at this moment; Redis counts it once. An entry of another version
 * cannot be read and counts as settled. */
static bool settle_one(struct ledger *ledger, const struct batch *batch, size_t index)
{
    struct ledger_entry entry;
    size_t begin = index ? batch->ends[index - 1] : 0;
    return !ledger_entry_read(&entry, batch->bytes.bytes + begin, batch->ends[index] - begin) ||
           ledger_remote_settle(ledger, &entry);
}

static void remove_settled(struct ledger *ledger, const struct batch *batch, size_t settled)
{
    struct ledger_meta meta = ledger_load_meta(ledger);
    for (size_t i = 0; i < settled; i++) {
        meta.owed -= meta.owed > 0 && ledger_lmdb_get(ledger->lmdb, &batch->keys[i]).at;
        ledger_lmdb_remove(ledger->lmdb, &batch->keys[i]);
    }
    ledger_store_meta(ledger, &meta);
}

/* True: there may be more. */
static bool settle_batch(struct ledger *ledger, struct batch *batch)
{
    int64_t now_ms = clock_wall_us() / 1000;
    size_t settled = 0;
    batch->count = 0;
    if (!ledger_txn_begin(ledger))
        return false;
    if (!ledger_remote_pauses(ledger, now_ms))
        collect(ledger, batch);
    ledger_txn_abort(ledger);
    while (settled < batch->count && settle_one(ledger, batch, settled))
        settled++;
    if (!batch->count || !ledger_txn_begin(ledger))
        return false;
    remove_settled(ledger, batch, settled);
    if (settled < batch->count)
        ledger_remote_pause(ledger, now_ms);
    return ledger_txn_commit(ledger) && settled == BATCH;
}

void ledger_remote_settle_kept(struct ledger *ledger)
{
    struct batch batch;
    bool more = ledger->redis && !ledger_redis_pauses(ledger->redis);
    while (more) {
        buffer_init(&batch.bytes, BATCH_BYTES);
        more = settle_batch(ledger, &batch);
        buffer_free(&batch.bytes);
    }
}
