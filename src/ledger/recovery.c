/* Finishes exchanges whose process has died (orphans), and writes lines that wait for the usage log.
 *
 * The first process to find an orphan takes it over: in one transaction the entry is settled and moves from
 * the key of the dead process to a key of the living process. So two processes never have the same orphan,
 * and if the second process dies as well, a third process finds the orphan under the key of the second.
 *
 * A line that the dead process had prepared may or may not be in the log. Recovery searches for the line
 * from the position where the log ended when the line was made. If no line was prepared, recovery makes the
 * line. The log is searched between two transactions, so that no process waits for the disk: the second
 * transaction goes on only if the entry is still as the first one found it. */
#include "ledger/recovery.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "ledger/ledger_accounts.h"
#include "ledger/ledger_backlog.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_remote.h"
#include "ledger/ledger_series.h"
#include "ledger/logged_outcome.h"
#include "usage/exchange_end.h"
#include "usage/price.h"
#include "usage/token_usage.h"
#include "usage/usage_line.h"
#include "usage/usage_log.h"
#include "usage/usage_log_entry.h"
#include "usage/usage_log_search.h"

#define BYTES_MAX (USAGE_LINE_MAX + 64 * 1024)
#define ORPHANS_MAX 1000 /* per call, because a request may be waiting for this process */
#define LOOK_EVERY_US 100000
#define HOUR_US INT64_C(3600000000)
#define TAKEN_SLOT SIZE_MAX /* no exchange of this process's own has this slot */

/* ---- searching ---- */

/* The processes of another container cannot be seen, but have a mark as long as they live. On another
 * machine, or where there are no marks, an exchange counts as orphaned after an hour. */
static bool is_dead(const struct ledger *ledger, const struct ledger_entry *entry)
{
    const struct process_identity *owner = &entry->status.owner;
    switch (process_identity_state(owner, &ledger->own)) {
    case PROCESS_DEAD:
        return true;
    case PROCESS_ELSEWHERE:
        if (owner->boot == ledger->own.boot &&
            ledger_lmdb_lacks_mark(ledger->lmdb, process_identity_digest(owner)))
            return true;
        return clock_wall_us() - entry->facts.wall_us > HOUR_US;
    default:
        return false;
    }
}

static bool is_own(const struct ledger *ledger, const struct ledger_entry *entry)
{
    return memcmp(&entry->status.owner, &ledger->own, sizeof ledger->own) == 0;
}

/* An orphan, or an exchange whose line waits for the log. */
struct found {
    enum ledger_kind kind;
    struct ledger_key key;
    struct buffer bytes; /* the entry as it is stored */
};

/* Copies the first such entry of this kind. */
static bool find_entry(struct ledger *ledger, enum ledger_kind kind, struct found *found,
                       struct ledger_entry *entry)
{
    struct ledger_bytes value;
    struct ledger_key key = ledger_key_kind(kind);
    for (; ledger_lmdb_seek(ledger->lmdb, &key, &value) && key.bytes[0] == kind; ledger_key_next(&key)) {
        if (!ledger_entry_read(entry, value.at, value.length)) {
            ledger_lmdb_remove(ledger->lmdb, &key); /* of another version, which cannot be read */
            continue;
        }
        if (kind == KIND_OPEN && (is_own(ledger, entry) || !is_dead(ledger, entry)))
            continue;
        found->kind = kind;
        found->key = key;
        buffer_consume(&found->bytes, found->bytes.length);
        return buffer_append(&found->bytes, value.at, value.length) &&
               ledger_entry_read(entry, found->bytes.bytes, found->bytes.length);
    }
    return false;
}

/* Another process may have taken the entry over since. */
static bool is_unchanged(struct ledger *ledger, const struct found *found)
{
    struct ledger_bytes value = ledger_lmdb_get(ledger->lmdb, &found->key);
    return value.at && value.length == found->bytes.length &&
           memcmp(value.at, found->bytes.bytes, value.length) == 0;
}

/* ---- the line ---- */

/* Outside of a transaction. Leaves the line empty if there is none. Looks at the log and at that of then
 * only: the process has died with the exchange open, so it has hardly written the line. */
static void find_line(const char *log, const struct ledger_entry *orphan, struct buffer *line)
{
    struct buffer begin;
    buffer_init(&begin, BYTES_MAX);
    if (orphan->facts.id && usage_line_begin(&begin, orphan->facts.id) &&
        !usage_log_find(log, &orphan->status.place, INT64_MAX, begin.bytes, begin.length, line))
        buffer_consume(line, line->length);
    buffer_free(&begin);
}

/* Takes the results from the line and the names from the entry. */
static void take_results(struct ledger_entry *orphan, const struct buffer *line)
{
    struct arena *arena = arena_create();
    char *copy = arena_copy(arena, line->bytes, line->length);
    struct usage_log_entry logged;
    struct json_value balance;
    if (usage_log_entry_read(copy, line->length - 1, arena, &logged, &balance) == LOG_LINE_ENTRY) {
        orphan->facts.duration_us = logged.facts.duration_us;
        orphan->facts.usage = logged.facts.usage;
        orphan->facts.cost = logged.facts.cost;
        orphan->status.outcome = logged_outcome(&logged);
    }
    arena_destroy(arena);
}

static void set_place(struct ledger_entry *entry, const struct usage_log_position *log_end)
{
    entry->status.place = *log_end;
    entry->status.placed_us = clock_wall_us() - LEDGER_PLACE_SLACK_US;
}

/* Files of the log that were last written before that time do not hold the line. */
static int64_t placed_us(const struct ledger_entry *entry)
{
    return entry->status.placed_us ? entry->status.placed_us : entry->facts.wall_us;
}

/* How long the request took and what came of it is unknown. */
static bool compose_line(const struct ledger_entry *orphan, struct buffer *line)
{
    struct record record = {
        .facts = orphan->facts,
        .end = END_CRASHED,
        .bytes_in = -1,
        .bytes_out = -1,
        .connect_us = -1,
        .ttfb_us = -1,
        .pid = orphan->status.owner.pid,
    };
    if (orphan->facts.cost != COST_UNKNOWN)
        record.facts.usage.source = USAGE_ESTIMATED;
    return usage_line_put(line, &record);
}

/* The dead process did not settle the exchange, but may have written its line while it could not reach the
 * ledger. If there is no line, the amount that may have been billed before the process died counts, because
 * a budget must hold after a crash, too. */
static bool settle(struct ledger *ledger, const struct usage_log_position *log_end,
                   struct ledger_entry *orphan, struct buffer *line)
{
    struct entry_status *status = &orphan->status;
    int64_t now_ms = clock_wall_us() / 1000;
    orphan->facts = exchange_facts_without_results(&orphan->facts);
    if (status->reserved_ms && status->reserved > 0)
        orphan->facts.cost = status->reserved;
    status->outcome = (struct ledger_outcome){.reason = FAILURE_OTHER, .lost = true};
    if (line->length) {
        take_results(orphan, line);
    } else {
        set_place(orphan, log_end); /* the line is made now, so no older log has it */
        if (!compose_line(orphan, line))
            return false;
    }
    status->state = ledger_remote_owes(ledger, orphan) ? LEDGER_OWED : LEDGER_SETTLED;
    ledger_settle_accounts(ledger, orphan, now_ms);
    ledger_series_add(ledger, &orphan->facts, &status->outcome, now_ms);
    orphan->line = line->bytes;
    orphan->line_length = line->length;
    return true;
}

/* ---- taking over ---- */

/* Moves the entry to a key of this process. Reads the caller's copy back, because the stored entry has the
 * line. */
static bool move(struct ledger *ledger, const struct ledger_key *from, struct ledger_entry *entry,
                 struct buffer *bytes)
{
    struct ledger_key to = ledger_slot_key(ledger, TAKEN_SLOT);
    entry->status.owner = ledger->own;
    size_t size = ledger_entry_size(entry);
    struct buffer copy;
    buffer_init(&copy, bytes->ceiling);
    char *room = buffer_room(&copy, size);
    if (room) {
        ledger_entry_write(entry, room);
        buffer_fill(&copy, size);
        ledger_put_entry(ledger, &to, entry);
        ledger_lmdb_remove(ledger->lmdb, from);
    }
    buffer_free(bytes);
    *bytes = copy;
    return room && ledger_entry_read(entry, bytes->bytes, bytes->length);
}

/* An entry that this process took over before and could not finish, because the ledger was down. */
static bool take_again(struct ledger *ledger, struct ledger_entry *taken, struct buffer *bytes)
{
    struct ledger_key key = ledger_slot_key(ledger, TAKEN_SLOT);
    struct ledger_bytes value = ledger_lmdb_get(ledger->lmdb, &key);
    buffer_consume(bytes, bytes->length);
    return value.at && buffer_append(bytes, value.at, value.length) &&
           ledger_entry_read(taken, bytes->bytes, bytes->length) && taken->line;
}

static void count(struct ledger *ledger, enum ledger_kind kind)
{
    struct ledger_meta meta = ledger_load_meta(ledger);
    if (kind == KIND_OPEN)
        meta.crashed++;
    else if (meta.unlogged > 0)
        meta.unlogged--;
    ledger_store_meta(ledger, &meta);
}

/* There was no log when the exchange began, so its line may be anywhere in the present log; a line that has
 * waited for the log is not in the log yet. */
static void complete_place(struct ledger_entry *entry, const struct usage_log_position *log_end)
{
    if (entry->status.place.inode)
        return;
    set_place(entry, log_end);
    if (!ledger_entry_is_over(entry))
        entry->status.place.size = 0;
}

enum looked { NOTHING, TAKEN, FOUND };

/* Finds an entry that this process took over before, or else one to take over. */
static enum looked look(struct ledger *ledger, struct ledger_entry *entry, struct found *found)
{
    if (!ledger_txn_begin(ledger))
        return NOTHING;
    if (take_again(ledger, entry, &found->bytes)) {
        ledger_txn_abort(ledger);
        return TAKEN;
    }
    bool any = find_entry(ledger, KIND_OPEN, found, entry) || find_entry(ledger, KIND_UNLOGGED, found, entry);
    return ledger_txn_commit(ledger) && any ? FOUND : NOTHING;
}

/* Within a transaction. Afterwards the entry and its line are in found->bytes. */
static bool settle_and_move(struct ledger *ledger, const struct usage_log_position *log_end,
                            struct ledger_entry *entry, struct found *found, struct buffer *line)
{
    bool over = ledger_entry_is_over(entry);
    if (!is_unchanged(ledger, found) || !(over || settle(ledger, log_end, entry, line)))
        return false;
    if (!over || found->kind == KIND_UNLOGGED)
        count(ledger, found->kind);
    return move(ledger, &found->key, entry, &found->bytes);
}

/* The line that was found outlives the call only within found->bytes. `is_new`: the line is in no log. */
static bool take_over(struct ledger *ledger, const char *log, const struct usage_log_position *log_end,
                      struct ledger_entry *entry, struct found *found, bool *is_new)
{
    struct buffer line;
    buffer_init(&line, BYTES_MAX);
    complete_place(entry, log_end);
    bool over = ledger_entry_is_over(entry);
    if (!over)
        find_line(log, entry, &line);
    *is_new = found->kind == KIND_UNLOGGED || (!over && !line.length);
    bool taken = ledger_txn_begin(ledger);
    if (taken && !settle_and_move(ledger, log_end, entry, found, &line)) {
        ledger_txn_abort(ledger);
        taken = false;
    }
    buffer_free(&line);
    return taken && ledger_txn_commit(ledger);
}

/* Redis is called outside of the transaction. If Redis is no longer configured, outcomes that it was owed
 * count in the file. */
static void finish(struct ledger *ledger, const struct ledger_entry *taken, bool logged)
{
    struct ledger_key key = ledger_slot_key(ledger, TAKEN_SLOT);
    struct ledger_entry finished = *taken;
    bool was_owed = taken->status.state == LEDGER_OWED;
    if (was_owed && (!ledger->redis || ledger_remote_settle(ledger, taken)))
        finished.status.state = LEDGER_SETTLED;
    if (!ledger_txn_begin(ledger))
        return;
    if (was_owed)
        ledger_settle_accounts(ledger, &finished, clock_wall_us() / 1000);
    if (!logged)
        ledger_unlogged_put(ledger, &finished);
    else if (finished.status.state == LEDGER_OWED)
        ledger_remote_keep(ledger, &finished);
    ledger_lmdb_remove(ledger->lmdb, &key);
    ledger_txn_commit(ledger);
}

/* Returns false if nothing is left to do, or if nothing can be done now. */
static bool recover_one(struct ledger *ledger, struct usage_log *log, struct found *found)
{
    struct ledger_entry taken;
    struct usage_log_position log_end = usage_log_place(log);
    enum looked looked = look(ledger, &taken, found);
    if (looked == NOTHING)
        return false;
    bool is_new = false;
    if (looked == FOUND && !take_over(ledger, usage_log_path(log), &log_end, &taken, found, &is_new))
        return !ledger_fault(ledger); /* another process was faster */
    bool logged = usage_log_write_once(log, is_new ? NULL : &taken.status.place, placed_us(&taken),
                                       taken.line, taken.line_length);
    finish(ledger, &taken, logged);
    return logged;
}

void recovery_run(struct ledger *ledger, struct usage_log *log)
{
    struct found found;
    if (ledger->recovering)
        return; /* two tasks would find the same entry under TAKEN_SLOT */
    ledger->recovering = true;
    buffer_init(&found.bytes, BYTES_MAX);
    for (int i = 0; i < ORPHANS_MAX && recover_one(ledger, log, &found); i++)
        continue;
    buffer_free(&found.bytes);
    ledger_remote_settle_kept(ledger);
    ledger_series_forget(ledger);
    ledger_runs_forget(ledger);
    ledger->recovering = false;
}

void recovery_run_when_due(struct ledger *ledger, struct usage_log *log)
{
    if (!ledger->recovery_due)
        return;
    ledger->recovery_due = false;
    recovery_run(ledger, log);
}

static bool has_orphans(struct ledger *ledger)
{
    struct ledger_entry entry;
    struct found found;
    buffer_init(&found.bytes, BYTES_MAX);
    bool any = ledger_txn_begin(ledger);
    if (any) {
        any = find_entry(ledger, KIND_OPEN, &found, &entry);
        ledger_txn_abort(ledger);
    }
    buffer_free(&found.bytes);
    return any;
}

bool recovery_run_if_needed(struct ledger *ledger, struct usage_log *log)
{
    bool needed = has_orphans(ledger);
    if (needed)
        recovery_run(ledger, log);
    return needed;
}

/* A client at its limit may ask a thousand times a second, and each look holds the lock. */
bool recovery_may_change(struct ledger *ledger, struct usage_log *log, enum quota_verdict verdict)
{
    int64_t now_us = clock_monotonic_us();
    bool counts_reservations = verdict == QUOTA_CONCURRENT || verdict == QUOTA_RUN_BUSY ||
                               verdict == QUOTA_DAY || verdict == QUOTA_MONTH || verdict == QUOTA_TOTAL;
    if (!counts_reservations || (ledger->looked_us && now_us - ledger->looked_us < LOOK_EVERY_US))
        return false;
    ledger->looked_us = now_us;
    return recovery_run_if_needed(ledger, log);
}
