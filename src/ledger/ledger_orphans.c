/* What processes that are dead have left in the ledger, and what waits for the usage log.
 *
 * Whoever finds such an exchange first makes it his own: it moves from the key of the dead process to one of
 * the living, and is settled, in one transaction. So two finders never have the same, and if this one dies as
 * well, the next finds it under his name. */
#include "ledger/ledger_orphans.h"

#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "ledger/ledger_accounts.h"
#include "ledger/ledger_backlog.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_outcome.h"
#include "ledger/ledger_remote.h"
#include "ledger/ledger_series.h"
#include "usage/price.h"

#define HOUR_US INT64_C(3600000000)

/* The own key of a process with one byte more: what it has taken over. */
static struct ledger_key taken_key(const struct ledger *ledger)
{
    struct ledger_key key = ledger_own_key(ledger);
    ledger_key_next(&key);
    return key;
}

bool ledger_recovery_is_due(struct ledger *ledger)
{
    bool due = ledger->sweep_due;
    ledger->sweep_due = false;
    return due;
}

/* Into another container's processes nobody can see: what is an hour old there counts as left behind. */
static bool is_dead(const struct ledger *ledger, const struct ledger_entry *entry)
{
    switch (process_identity_state(&entry->facts.owner, &ledger->own)) {
    case PROCESS_DEAD:
        return true;
    case PROCESS_ELSEWHERE:
        return clock_wall_us() - entry->facts.wall_us > HOUR_US;
    default:
        return false;
    }
}

static bool is_own(const struct ledger *ledger, const struct ledger_entry *entry)
{
    return memcmp(&entry->facts.owner, &ledger->own, sizeof ledger->own) == 0;
}

/* Copies the first entry of that kind which is nobody's any more; `key` is where it lies. What a process that
 * lives has put aside for the log waits for anybody. */
static bool find(struct ledger *ledger, enum ledger_kind kind, struct ledger_key *key,
                 struct ledger_entry *entry, struct buffer *bytes)
{
    struct ledger_bytes value;
    *key = ledger_key_kind(kind);
    for (; ledger_lmdb_seek(ledger->lmdb, key, &value) && key->bytes[0] == kind; ledger_key_next(key)) {
        if (!ledger_entry_read(entry, value.at, value.length)) {
            ledger_lmdb_remove(ledger->lmdb, key); /* of another version: nobody can tell what it is */
            continue;
        }
        if (kind == KIND_OPEN && (is_own(ledger, entry) || !is_dead(ledger, entry)))
            continue;
        buffer_consume(bytes, bytes->length);
        return buffer_append(bytes, value.at, value.length) &&
               ledger_entry_read(entry, bytes->bytes, bytes->length);
    }
    return false;
}

static void count(struct ledger *ledger, enum ledger_kind kind)
{
    struct ledger_key key = ledger_key_kind(KIND_META);
    struct ledger_meta basis;
    ledger_load(ledger, &key, &basis, sizeof basis);
    if (kind == KIND_OPEN)
        basis.crashed++;
    else if (basis.unlogged > 0)
        basis.unlogged--;
    ledger_store(ledger, &key, &basis, sizeof basis);
}

/* What may have been billed before the process died counts: a budget that only holds while nothing crashes is
 * none. */
static struct ledger_outcome outcome_of(const struct ledger_entry *entry)
{
    bool may_be_billed = entry->facts.claimed && entry->facts.reserved > 0;
    return (struct ledger_outcome){
        .client = entry->texts[ENTRY_CLIENT],
        .run = entry->texts[ENTRY_RUN],
        .provider = entry->texts[ENTRY_PROVIDER],
        .model = entry->texts[ENTRY_MODEL],
        .reason = FAILURE_OTHER,
        .prompt_tokens = -1,
        .completion_tokens = -1,
        .cost = may_be_billed ? entry->facts.reserved : COST_UNKNOWN,
    };
}

static void settle(struct ledger *ledger, struct ledger_entry *entry, const struct ledger_outcome *outcome)
{
    int64_t now_ms = clock_wall_us() / 1000;
    ledger_note_outcome(entry, outcome);
    entry->facts.state = ledger_remote_owes(ledger, entry) ? ENTRY_OWED : ENTRY_SETTLED;
    ledger_settle_accounts(ledger, entry, now_ms);
    ledger_series_add(ledger, outcome, now_ms);
}

/* Its process has done all but, maybe, write its line and tell Redis. */
static bool is_settled(const struct ledger_entry *entry)
{
    return entry->facts.state == ENTRY_SETTLED || entry->facts.state == ENTRY_OWED;
}

/* Where there was no log when the exchange began, its line may be anywhere in that of now; one that has
 * waited for the log is not in it yet. */
static void note_place(struct ledger_entry *entry, const struct usage_log_position *now)
{
    if (entry->facts.place.inode)
        return;
    entry->facts.place = *now;
    if (!is_settled(entry))
        entry->facts.place.size = 0;
}

/* What is made now is in no log before this one. */
static bool put_line(const struct orphan_ops *ops, struct ledger_entry *entry, struct ledger_outcome *outcome,
                     struct buffer *line)
{
    if (ops->find(ops->context, entry, outcome, line))
        return true;
    entry->facts.place = ops->place;
    return ops->compose(entry, outcome, line);
}

static bool finish(struct ledger *ledger, const struct orphan_ops *ops, struct ledger_entry *entry,
                   struct buffer *line)
{
    note_place(entry, &ops->place);
    if (is_settled(entry))
        return true;
    struct ledger_outcome outcome = outcome_of(entry);
    if (!put_line(ops, entry, &outcome, line))
        return false;
    settle(ledger, entry, &outcome);
    entry->line = line->bytes;
    entry->line_length = line->length;
    return true;
}

/* Moves it under the name of this process. The copy that the caller gets is read back: it has the line. */
static bool move(struct ledger *ledger, const struct ledger_key *from, struct ledger_entry *entry,
                 struct buffer *bytes)
{
    struct ledger_key to = taken_key(ledger);
    entry->facts.owner = ledger->own;
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

/* What was taken before and is not done yet: the ledger was down then. */
static bool take_again(struct ledger *ledger, struct ledger_entry *remains, struct buffer *bytes)
{
    struct ledger_key key = taken_key(ledger);
    struct ledger_bytes value = ledger_lmdb_get(ledger->lmdb, &key);
    buffer_consume(bytes, bytes->length);
    return value.at && buffer_append(bytes, value.at, value.length) &&
           ledger_entry_read(remains, bytes->bytes, bytes->length) && remains->line;
}

static bool take_new(struct ledger *ledger, const struct orphan_ops *ops, struct ledger_entry *remains,
                     struct buffer *bytes)
{
    struct ledger_key key;
    struct buffer line;
    enum ledger_kind kind = KIND_OPEN;
    bool found = find(ledger, kind, &key, remains, bytes);
    if (!found) {
        kind = KIND_UNLOGGED;
        found = find(ledger, kind, &key, remains, bytes);
    }
    if (!found)
        return false;
    buffer_init(&line, bytes->ceiling);
    bool crashed = !is_settled(remains);
    bool taken = finish(ledger, ops, remains, &line) && move(ledger, &key, remains, bytes);
    if (crashed || kind == KIND_UNLOGGED)
        count(ledger, kind);
    buffer_free(&line);
    return taken;
}

bool ledger_orphans_take(struct ledger *ledger, const struct orphan_ops *ops, struct ledger_entry *remains,
                         struct buffer *bytes)
{
    if (!ledger_enter(ledger))
        return false;
    bool again = take_again(ledger, remains, bytes);
    if (!again && take_new(ledger, ops, remains, bytes))
        return ledger_leave(ledger);
    ledger_lmdb_abort(ledger->lmdb);
    return again;
}

/* Redis is told while nobody has to wait for it. Without one, what an earlier one was owed counts here. */
void ledger_orphans_done(struct ledger *ledger, const struct ledger_entry *remains, bool written)
{
    struct ledger_key key = taken_key(ledger);
    struct ledger_entry left = *remains;
    bool was_owed = left.facts.state == ENTRY_OWED;
    if (was_owed && (!ledger->redis || ledger_remote_pay(ledger, remains)))
        left.facts.state = ENTRY_SETTLED;
    if (!ledger_enter(ledger))
        return;
    if (was_owed)
        ledger_settle_accounts(ledger, &left, clock_wall_us() / 1000);
    if (!written)
        ledger_keep_line(ledger, &left);
    else if (left.facts.state == ENTRY_OWED)
        ledger_remote_keep(ledger, &left);
    ledger_lmdb_remove(ledger->lmdb, &key);
    ledger_leave(ledger);
}

bool ledger_unlogged(struct ledger *ledger, int64_t *waiting, int64_t *lost)
{
    struct ledger_key key = ledger_key_kind(KIND_META);
    struct ledger_meta basis;
    if (!ledger_enter(ledger))
        return false;
    ledger_load(ledger, &key, &basis, sizeof basis);
    ledger_lmdb_abort(ledger->lmdb);
    *waiting = basis.unlogged;
    *lost = basis.lost;
    return true;
}
