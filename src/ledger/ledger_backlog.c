/* The backlog: exchanges that ended while the ledger was down, and lines that wait for the usage log.
 *
 * Requests do not fail while the ledger is down, so exchanges end that the ledger does not record. The
 * process keeps these exchanges in memory and enters them with its next successful transaction. If the
 * process dies before that, the file holds an open exchange, and recovery finds its line in the log. */
#include "ledger/ledger_backlog.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "ledger/ledger_accounts.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_remote.h"
#include "ledger/ledger_series.h"

#define BACKLOG_MAX 256
#define UNLOGGED_MAX 10000

struct backlog_item {
    struct backlog_item *next;
    bool unsettled, unlogged;
    int64_t since_ms; /* since 1970 */
    size_t size;
    char entry[];
};

void ledger_backlog_add(struct ledger *ledger, const struct ledger_entry *entry, bool unsettled,
                        bool unlogged)
{
    struct ledger_entry kept = *entry;
    if (ledger->backlog_count == BACKLOG_MAX) {
        ledger->lost += unlogged;
        return;
    }
    if (!unlogged)
        kept.line_length = 0;
    size_t size = ledger_entry_size(&kept);
    struct backlog_item *item = memory_alloc(1, sizeof *item + size);
    item->unsettled = unsettled;
    item->unlogged = unlogged;
    item->since_ms = clock_wall_us() / 1000;
    item->size = size;
    ledger_entry_write(&kept, item->entry);
    item->next = ledger->backlog;
    ledger->backlog = item;
    ledger->backlog_count++;
}

/* If the ledger was rebuilt since, the rebuild has read the line. */
static bool is_known(struct ledger *ledger, const struct backlog_item *item)
{
    return !item->unlogged && ledger_load_meta(ledger).since_ms > item->since_ms;
}

static void apply(struct ledger *ledger, const struct backlog_item *item)
{
    struct ledger_entry entry;
    if (!ledger_entry_read(&entry, item->entry, item->size))
        return;
    int64_t ended_ms = entry.facts.wall_us / 1000 + entry.facts.duration_us / 1000;
    if (item->unsettled && !is_known(ledger, item)) {
        ledger_settle_accounts(ledger, &entry, ended_ms);
        ledger_series_add(ledger, &entry.facts, &entry.status.outcome, ended_ms);
    }
    if (item->unlogged)
        ledger_unlogged_put(ledger, &entry);
    else if (entry.status.state == LEDGER_OWED)
        ledger_remote_keep(ledger, &entry);
}

void ledger_backlog_apply(struct ledger *ledger)
{
    for (const struct backlog_item *item = ledger->backlog; item; item = item->next)
        apply(ledger, item);
    if (!ledger->lost)
        return;
    struct ledger_meta meta = ledger_load_meta(ledger);
    meta.lost += ledger->lost;
    ledger_store_meta(ledger, &meta);
}

void ledger_backlog_clear(struct ledger *ledger)
{
    while (ledger->backlog) {
        struct backlog_item *item = ledger->backlog;
        ledger->backlog = item->next;
        free(item);
    }
    ledger->backlog_count = 0;
    ledger->lost = 0;
}

/* A process and its count identify an exchange that the process began. An exchange that was taken over has
 * the count of another process, so the time is part of the key. */
static struct ledger_key unlogged_key(const struct ledger_entry *entry)
{
    struct ledger_key key = ledger_key_kind(KIND_UNLOGGED);
    ledger_key_add_process(&key, &entry->status.owner);
    ledger_key_add_number(&key, entry->status.number);
    ledger_key_add_number(&key, (uint64_t)entry->facts.wall_us);
    return key;
}

/* The log had no room for the line, so the line is not at its recorded place. */
void ledger_unlogged_put(struct ledger *ledger, const struct ledger_entry *entry)
{
    struct ledger_key key = unlogged_key(entry);
    struct ledger_meta meta = ledger_load_meta(ledger);
    struct ledger_entry kept = *entry;
    kept.status.place = (struct usage_log_position){0};
    if (meta.unlogged < UNLOGGED_MAX) {
        meta.unlogged++;
        ledger_put_entry(ledger, &key, &kept);
    } else {
        meta.lost++;
    }
    ledger_store_meta(ledger, &meta);
}
