/* Checkpoints: lines at the beginning of a usage log that sum up all older logs.
 *
 * The ledger is the sum of the usage log, but logs are rotated, old logs are deleted, and a log may be
 * emptied in place. So each new log begins with the sum of the older logs. usage_log_head()
 * tells the ledger which log continues its accounts. Another log may already have records, because a process
 * was writing a line while the log was emptied. The checkpoint then follows these records, and the accounts
 * include them. A line holds a limited number of accounts: several lines, numbered by "part", make one
 * checkpoint. Its name in the log is "balance". */
#include "ledger/ledger_checkpoint.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "config/settings.h"
#include "format/json_write.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_series.h"
#include "usage/usage_log.h"

#define LINE_SIZE (128 * 1024)
#define ITEM_MAX (8 * 1024) /* bytes of one account, with its name escaped */
#define RUNS_MAX 10000      /* that a checkpoint holds: those that were used last */

/* A number of a stored record, by its name in the line. */
struct member {
    const char *name;
    size_t offset;
};

#define CLIENT(name)                                                                                         \
    {                                                                                                        \
#name, offsetof(struct client_account, name)                                                         \
    }
#define RUN(name)                                                                                            \
    {                                                                                                        \
#name, offsetof(struct run_account, name)                                                            \
    }
#define SUM(name)                                                                                            \
    {                                                                                                        \
#name, offsetof(struct series, name)                                                                 \
    }

/* The periods that the account has left stand there only if there are any. */
#define PAST(list, index)                                                                                    \
    {#list #index, offsetof(struct client_account, list[index].key)},                                        \
        {#list #index "_spent", offsetof(struct client_account, list[index].spent)},                         \
    {                                                                                                        \
#list #index "_requests", offsetof(struct client_account, list[index].requests)                      \
    }

static const struct member client_numbers[] = {
    CLIENT(day),         CLIENT(month),        CLIENT(spent_day), CLIENT(spent_month),
    CLIENT(spent_total), CLIENT(requests_day), PAST(days, 0),     PAST(days, 1),
    PAST(days, 2),       PAST(days, 3),        PAST(days, 4),     PAST(days, 5),
    PAST(days, 6),       PAST(months, 0),      PAST(months, 1),   PAST(months, 2)};
#define ALWAYS 6 /* of those */
_Static_assert(PAST_DAYS == 7 && PAST_MONTHS == 3, "the checkpoint has all past periods");
static const struct member run_numbers[] = {RUN(spent), RUN(errors), RUN(requests), RUN(error_ms),
                                            RUN(used_ms)};
static const struct member sum_numbers[] = {SUM(requests),          SUM(errors), SUM(prompt_tokens),
                                            SUM(completion_tokens), SUM(cost),   SUM(unpriced),
                                            SUM(duration_us)};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* One kind of account: its name in the line, and its members there. */
struct account_kind {
    enum ledger_kind key;
    const char *list;
    const char *names[3];
    size_t name_count;
    const struct member *numbers;
    size_t number_count, size;
};

static const struct account_kind account_kinds[] = {
    {KIND_CLIENT,
     "clients",
     {"client"},
     1,
     client_numbers,
     COUNT(client_numbers),
     sizeof(struct client_account)},
    {KIND_RUN, "runs", {"run_id"}, 1, run_numbers, COUNT(run_numbers), sizeof(struct run_account)},
    {KIND_SERIES,
     "sums",
     {"client", "provider", "model"},
     3,
     sum_numbers,
     COUNT(sum_numbers),
     sizeof(struct series)},
};

/* ---- writing ---- */

struct checkpoint {
    struct ledger *ledger;
    struct usage_log *log;
    struct buffer line;
    int part;
    const char *list; /* the list that is open in the line; NULL: none */
    size_t items;     /* number of items in the list */
};

static bool put(struct checkpoint *checkpoint, const char *text)
{
    return buffer_append(&checkpoint->line, text, strlen(text));
}

static bool open_line(struct checkpoint *checkpoint)
{
    char now[CLOCK_TEXT_SIZE];
    clock_format(clock_wall_us(), now);
    checkpoint->list = NULL;
    return buffer_format(&checkpoint->line, "{\"balance\":{\"ts\":\"%s\",\"part\":%d", now,
                         checkpoint->part++);
}

static bool close_line(struct checkpoint *checkpoint)
{
    bool ok = (!checkpoint->list || put(checkpoint, "]")) && put(checkpoint, "}}\n");
    bool written = ok && usage_log_continue(checkpoint->log, checkpoint->line.bytes, checkpoint->line.length);
    buffer_consume(&checkpoint->line, checkpoint->line.length);
    return written;
}

/* Before an item: begins a new line if this one is full, and the list if it is not open yet. */
static bool make_room(struct checkpoint *checkpoint, const char *list)
{
    bool full = checkpoint->line.length > LINE_SIZE;
    if (full && !(close_line(checkpoint) && open_line(checkpoint)))
        return false;
    if (checkpoint->list == list)
        return put(checkpoint, ",");
    bool closed = !checkpoint->list || put(checkpoint, "]");
    checkpoint->list = list;
    return closed && buffer_format(&checkpoint->line, ",\"%s\":[", list);
}

/* A key holds the names one after the other; in the key of a sum, they follow the eight bytes of the hour. */
static void put_names(struct json_writer *writer, const struct account_kind *kind,
                      const struct ledger_key *key)
{
    const char *at = (const char *)key->bytes + (kind->key == KIND_SERIES ? 9 : 1);
    for (size_t i = 0; i < kind->name_count; i++) {
        json_put_string(writer, kind->names[i], at);
        at += strlen(at) + 1;
    }
}

static bool put_account(struct checkpoint *checkpoint, const struct account_kind *kind,
                        const struct ledger_key *key, struct ledger_bytes value)
{
    if (!make_room(checkpoint, kind->list))
        return false;
    struct json_writer writer = json_write_begin(&checkpoint->line);
    put_names(&writer, kind, key);
    for (size_t i = 0; i < kind->number_count; i++) {
        int64_t number;
        memcpy(&number, (const char *)value.at + kind->numbers[i].offset, sizeof number);
        if (number || i < ALWAYS || kind->key != KIND_CLIENT)
            json_put_count(&writer, kind->numbers[i].name, number);
    }
    json_write_end(&writer);
    return writer.ok;
}

static struct ledger_key first_key(const struct account_kind *kind)
{
    struct ledger_key key = ledger_key_kind(kind->key);
    if (kind->key == KIND_SERIES)
        ledger_key_add_number(&key, SERIES_TOTALS);
    return key;
}

/* When the run was last used, which decides whether a checkpoint has room for it. */
static int64_t use_of(struct ledger_bytes value)
{
    struct run_account run;
    memcpy(&run, value.at, sizeof run);
    return run.used_ms;
}

static int compare_uses(const void *one, const void *other)
{
    const int64_t *first = one, *second = other;
    return *first < *second ? -1 : *first > *second;
}

/* Returns since when the runs have been used for which a checkpoint has room. */
static int64_t oldest_use(struct ledger *ledger)
{
    struct ledger_key key = ledger_key_kind(KIND_RUN);
    struct ledger_bytes value;
    int64_t *uses = NULL, oldest = 0;
    size_t count = 0, room = 0;
    for (; ledger_lmdb_seek(ledger->lmdb, &key, &value) && key.bytes[0] == KIND_RUN; ledger_key_next(&key)) {
        if (value.length != sizeof(struct run_account))
            continue;
        if (count == room)
            uses = memory_resize(uses, room = 2 * room + RUNS_MAX, sizeof *uses);
        uses[count++] = use_of(value);
    }
    if (count > RUNS_MAX) {
        qsort(uses, count, sizeof *uses, compare_uses);
        oldest = uses[count - RUNS_MAX];
    }
    free(uses);
    return oldest;
}

static bool put_accounts(struct checkpoint *checkpoint, const struct account_kind *kind)
{
    struct ledger_key first = first_key(kind), key = first;
    struct ledger_bytes value;
    struct ledger_lmdb *lmdb = checkpoint->ledger->lmdb;
    int64_t now_ms = clock_wall_us() / 1000, expire_ms = checkpoint->ledger->settings->runs.expire_ms;
    int64_t since_ms = kind->key == KIND_RUN ? oldest_use(checkpoint->ledger) : 0;
    if (kind->key == KIND_RUN && expire_ms && now_ms - expire_ms > since_ms)
        since_ms = now_ms - expire_ms;
    bool ok = true;
    while (ok && ledger_lmdb_seek(lmdb, &key, &value) && memcmp(key.bytes, first.bytes, first.length) == 0) {
        if (value.length == kind->size && (kind->key != KIND_RUN || use_of(value) >= since_ms))
            ok = put_account(checkpoint, kind, &key, value);
        ledger_key_next(&key);
    }
    return ok;
}

/* Settled exchanges whose lines may follow this line or may be in an older log. */
static bool put_pending(struct checkpoint *checkpoint, enum ledger_kind kind)
{
    struct ledger_key key = ledger_key_kind(kind);
    struct ledger_bytes value;
    bool ok = true;
    for (; ok && ledger_lmdb_seek(checkpoint->ledger->lmdb, &key, &value) && key.bytes[0] == kind;
         ledger_key_next(&key)) {
        struct ledger_entry entry;
        if (!ledger_entry_read(&entry, value.at, value.length) || !ledger_entry_is_over(&entry) ||
            !entry.facts.id)
            continue;
        ok = make_room(checkpoint, "pending") &&
             json_quote(&checkpoint->line, entry.facts.id, strlen(entry.facts.id));
    }
    return ok;
}

/* Counts the requests that the accounts include. */
static int64_t count_settled(struct ledger *ledger)
{
    struct ledger_key key = ledger_key_kind(KIND_SERIES), first;
    struct ledger_bytes value;
    int64_t count = 0;
    ledger_key_add_number(&key, SERIES_TOTALS);
    first = key;
    for (; ledger_lmdb_seek(ledger->lmdb, &key, &value) && memcmp(key.bytes, first.bytes, first.length) == 0;
         ledger_key_next(&key)) {
        struct series series;
        if (value.length != sizeof series)
            continue;
        memcpy(&series, value.at, sizeof series);
        count += series.requests;
    }
    return count;
}

/* Counts exchanges that are settled, and whose lines may not be in any log yet. */
static int64_t count_pending(struct ledger *ledger, enum ledger_kind kind)
{
    struct ledger_key key = ledger_key_kind(kind);
    struct ledger_bytes value;
    int64_t count = 0;
    for (; ledger_lmdb_seek(ledger->lmdb, &key, &value) && key.bytes[0] == kind; ledger_key_next(&key)) {
        struct ledger_entry entry;
        count += ledger_entry_read(&entry, value.at, value.length) && ledger_entry_is_over(&entry);
    }
    return count;
}

/* True if records that the accounts include are not in this log. A ledger that knows no log yet takes one
 * that has records for its own. */
static bool is_needed(struct ledger *ledger, const struct ledger_meta *meta,
                      const struct usage_log_position *end)
{
    if (!end->inode || (end->size && !end->head))
        return false;
    if (meta->log_head)
        return end->head != meta->log_head;
    return end->size == 0 &&
           count_settled(ledger) > count_pending(ledger, KIND_OPEN) + count_pending(ledger, KIND_UNLOGGED);
}

/* Within a transaction. */
static bool write_all(struct checkpoint *checkpoint)
{
    bool ok = open_line(checkpoint);
    for (size_t i = 0; ok && i < COUNT(account_kinds); i++)
        ok = put_accounts(checkpoint, &account_kinds[i]);
    return ok && put_pending(checkpoint, KIND_OPEN) && put_pending(checkpoint, KIND_UNLOGGED) &&
           close_line(checkpoint);
}

void ledger_checkpoint_write(struct ledger *ledger, struct usage_log *log)
{
    struct checkpoint checkpoint = {.ledger = ledger, .log = log};
    ledger->checkpoint_due = false;
    if (!ledger_txn_begin(ledger))
        return;
    struct ledger_meta meta = ledger_load_meta(ledger);
    struct usage_log_position end = usage_log_end(log);
    bool ok = ledger_is_sound(ledger, &meta);
    buffer_init(&checkpoint.line, LINE_SIZE + ITEM_MAX);
    if (ok && is_needed(ledger, &meta, &end))
        ok = write_all(&checkpoint);
    buffer_free(&checkpoint.line);
    uint64_t head = usage_log_end(log).head;
    if (!ok || !head || head == meta.log_head) {
        ledger_txn_abort(ledger);
        return;
    }
    meta.log_head = head;
    ledger_store_meta(ledger, &meta);
    (void)ledger_txn_commit(ledger);
}

void ledger_checkpoint_write_when_due(struct ledger *ledger, struct usage_log *log)
{
    if (!ledger->checkpoint_due)
        return;
    (void)usage_log_place(log); /* may find the log begun anew and write the checkpoint itself */
    ledger_checkpoint_write(ledger, log);
}

/* ---- reading ---- */

static bool read_account(struct ledger *ledger, const struct account_kind *kind, struct arena *arena,
                         struct json_value account)
{
    struct ledger_key key = first_key(kind);
    for (size_t i = 0; i < kind->name_count; i++)
        ledger_key_add_name(&key, json_string(arena, json_get(account, kind->names[i]), NULL));
    char *record = ledger_lmdb_put(ledger->lmdb, &key, kind->size);
    if (!record)
        return false;
    memset(record, 0, kind->size);
    for (size_t i = 0; i < kind->number_count; i++) {
        int64_t number;
        if (json_integer(json_get(account, kind->numbers[i].name), &number))
            memcpy(record + kind->numbers[i].offset, &number, sizeof number);
    }
    return true;
}

bool ledger_checkpoint_read(struct ledger *ledger, struct arena *arena, struct json_value checkpoint)
{
    for (size_t i = 0; i < COUNT(account_kinds); i++) {
        struct json_value rest = json_elements(json_get(checkpoint, account_kinds[i].list)), account;
        while (json_next_element(&rest, &account))
            if (!read_account(ledger, &account_kinds[i], arena, account))
                return false;
    }
    return true;
}

bool ledger_checkpoint_begins(struct json_value checkpoint)
{
    int64_t part;
    return json_integer(json_get(checkpoint, "part"), &part) && part == 0;
}

struct json_value ledger_checkpoint_pending(struct json_value checkpoint)
{
    return json_get(checkpoint, "pending");
}
