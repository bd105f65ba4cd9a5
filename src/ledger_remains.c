/* What processes that are dead have left in the ledger, and what waits for the usage log.
 *
 * Whoever finds such an exchange first makes it his own: it moves from the key of the dead process to one of
 * the living, and is settled, in one transaction. So two finders never have the same, and if this one dies as
 * well, the next finds it under his name. */
#include "ledger_remains.h"

#include <string.h>

#include "buffer.h"
#include "clock.h"
#include "ledger_inside.h"
#include "ledger_outcome.h"
#include "ledger_series.h"
#include "price.h"

#define HOUR_US INT64_C(3600000000)

/* The own key of a process with one byte more: what it has taken over. */
static struct ledger_key taken_key(const struct ledger *ledger)
{
    struct ledger_key key = ledger_own_key(ledger);
    ledger_key_next(&key);
    return key;
}

bool ledger_sweep_is_due(struct ledger *ledger)
{
    bool due = ledger->sweep_due;
    ledger->sweep_due = false;
    return due;
}

/* Into another container's processes nobody can see: what is an hour old there counts as left behind. */
static bool is_dead(const struct ledger *ledger, const struct ledger_entry *entry)
{
    switch (process_name_life(&entry->facts.owner, &ledger->own)) {
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
    struct ledger_key key = ledger_key_kind(KIND_BASIS);
    struct ledger_basis basis;
    ledger_load(ledger, &key, &basis, sizeof basis);
    if (kind == KIND_OPEN)
        basis.crashed++;
    else if (basis.unlogged > 0)
        basis.unlogged--;
    ledger_store(ledger, &key, &basis, sizeof basis);
}

static void settle_crashed(struct ledger *ledger, struct ledger_entry *entry)
{
    int64_t now_ms = clock_wall_us() / 1000;
    struct ledger_outcome outcome = {
        .client = entry->texts[ENTRY_CLIENT],
        .provider = entry->texts[ENTRY_PROVIDER],
        .model = entry->texts[ENTRY_MODEL],
        .reason = FAILURE_OTHER,
        .prompt_tokens = -1,
        .completion_tokens = -1,
        .cost = entry->facts.cost,
    };
    ledger_settle_accounts(ledger, entry, now_ms);
    ledger_series_add(ledger, &outcome, now_ms);
}

/* What may have been billed before the process died counts: a budget that only holds while nothing crashes is
 * none. */
static bool finish(struct ledger *ledger, struct ledger_entry *entry, struct buffer *line,
                   bool (*compose)(const struct ledger_entry *dead, struct buffer *line))
{
    if (entry->facts.state == ENTRY_SETTLED)
        return true;
    bool may_be_billed = entry->facts.claimed && entry->facts.reserved > 0;
    entry->facts.cost = may_be_billed ? entry->facts.reserved : COST_UNKNOWN;
    entry->facts.state = ENTRY_SETTLED;
    entry->facts.place = (struct log_place){0}; /* it cannot have been written */
    if (!compose(entry, line))
        return false;
    settle_crashed(ledger, entry);
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

/* What was taken before and is not done yet: its line could not be written then. */
static bool take_again(struct ledger *ledger, struct ledger_entry *remains, struct buffer *bytes)
{
    struct ledger_key key = taken_key(ledger);
    struct ledger_bytes value = ledger_lmdb_get(ledger->lmdb, &key);
    buffer_consume(bytes, bytes->length);
    return value.at && buffer_append(bytes, value.at, value.length) &&
           ledger_entry_read(remains, bytes->bytes, bytes->length) && remains->line;
}

static bool take_new(struct ledger *ledger, struct ledger_entry *remains, struct buffer *bytes,
                     bool (*compose)(const struct ledger_entry *dead, struct buffer *line))
{
    struct ledger_key key;
    struct buffer line;
    enum ledger_kind kind = KIND_OPEN;
    bool found = find(ledger, kind, &key, remains, bytes);
    if (!found) {
        kind = KIND_UNSETTLED;
        found = find(ledger, kind, &key, remains, bytes);
    }
    if (!found)
        return false;
    buffer_init(&line, bytes->ceiling);
    bool crashed = remains->facts.state != ENTRY_SETTLED;
    bool taken = finish(ledger, remains, &line, compose) && move(ledger, &key, remains, bytes);
    if (crashed || kind == KIND_UNSETTLED)
        count(ledger, kind);
    buffer_free(&line);
    return taken;
}

bool ledger_remains_take(struct ledger *ledger, struct ledger_entry *remains, struct buffer *bytes,
                         bool (*compose)(const struct ledger_entry *dead, struct buffer *line))
{
    if (!ledger_enter(ledger))
        return false;
    bool again = take_again(ledger, remains, bytes);
    if (!again && take_new(ledger, remains, bytes, compose))
        return ledger_leave(ledger);
    ledger_lmdb_abort(ledger->lmdb);
    return again;
}

void ledger_remains_done(struct ledger *ledger)
{
    struct ledger_key key = taken_key(ledger);
    if (!ledger_enter(ledger))
        return;
    ledger_lmdb_remove(ledger->lmdb, &key);
    ledger_leave(ledger);
}

bool ledger_unlogged(struct ledger *ledger, int64_t *waiting, int64_t *lost)
{
    struct ledger_key key = ledger_key_kind(KIND_BASIS);
    struct ledger_basis basis;
    if (!ledger_enter(ledger))
        return false;
    ledger_load(ledger, &key, &basis, sizeof basis);
    ledger_lmdb_abort(ledger->lmdb);
    *waiting = basis.unlogged;
    *lost = basis.lost;
    return true;
}
