/* Rebuilds the ledger from the usage log, of which it is the sum.
 *
 * A checkpoint in the log replaces all accounts that were read before it. Open exchanges are counted from
 * their entries: their reservations are entered again. If a settled exchange has no line in the log, the line
 * in its entry counts. Processes may append lines of settled exchanges at any time. The rebuild therefore
 * collects the settled exchanges first, strikes off those whose lines it finds in the log, and counts the
 * others last.
 *
 * A log may be large, and a transaction keeps all processes waiting. So a ledger that is in use is rebuilt in
 * two steps. First the log, up to where it ends now, is read into a ledger of its own. Then one transaction
 * replaces the accounts by those, and reads what has been written since. An exchange that is settled between
 * the two has its line in that rest, or only in its entry. If the log is rotated meanwhile, both steps are
 * done again. A ledger that was just made is filled in one transaction: until then there are no accounts to
 * judge a request by. */
#include "ledger/ledger_rebuild.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "config/settings.h"
#include "format/json.h"
#include "ledger/ledger_accounts.h"
#include "ledger/ledger_aside.h"
#include "ledger/ledger_checkpoint.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_series.h"
#include "ledger/logged_outcome.h"
#include "ledger/quota.h"
#include "usage/price.h"
#include "usage/usage_log.h"
#include "usage/usage_log_entry.h"
#include "usage/usage_log_reader.h"

#define OLD_NAME_SIZE 256
#define ATTEMPTS 3
#define ROWS_MAX (SIZE_MAX / 4)
#define LINES_AT_ONCE 10000 /* in a transaction aside, between which the file can grow */

struct late;

struct rebuild {
    struct ledger *ledger; /* that is filled now */
    struct rebuild_summary *summary;
    struct arena *arena;  /* for data that lasts as long as the rebuild */
    const char **pending; /* exchanges that the checkpoint includes; NULL once found */
    size_t pending_count;
    struct late *late;
    size_t uncommitted; /* lines, in the ledger aside */
    bool aside, failed;
};

/* A settled exchange. */
struct late {
    struct late *next;
    const char *id;
    char *line;    /* NULL: it has been found in the log */
    size_t length; /* without the line feed */
    bool aside;    /* in its first part */
};

/* ---- from the log ---- */

static void read_pending(struct rebuild *rebuild, struct json_value balance)
{
    struct json_value list = ledger_checkpoint_pending(balance), rest = json_elements(list), id;
    size_t count = 0;
    while (json_next_element(&rest, &id))
        count++;
    if (!count)
        return;
    rebuild->pending = arena_alloc(rebuild->arena, count * sizeof *rebuild->pending);
    rebuild->pending_count = count;
    rest = json_elements(list);
    for (size_t i = 0; json_next_element(&rest, &id); i++)
        rebuild->pending[i] = json_string(rebuild->arena, id, NULL);
}

static bool take_balance(void *context, const struct json_value *balance)
{
    struct rebuild *rebuild = context;
    struct arena *arena = arena_create();
    if (ledger_checkpoint_begins(*balance)) {
        ledger_drop_accounts(rebuild->ledger);
        rebuild->pending_count = 0;
    }
    bool whole = ledger_checkpoint_read(rebuild->ledger, arena, *balance);
    read_pending(rebuild, *balance);
    arena_destroy(arena);
    return whole;
}

/* As version 0.1.0 named a pending exchange. */
static void write_old_name(const struct exchange_facts *facts, char name[static OLD_NAME_SIZE])
{
    char ts[CLOCK_TEXT_SIZE];
    clock_format(facts->wall_us, ts);
    snprintf(name, OLD_NAME_SIZE, "%s %s", ts, facts->request_id);
}

static bool was_pending(struct rebuild *rebuild, const struct exchange_facts *facts)
{
    char old_name[OLD_NAME_SIZE];
    const char *name = facts->id;
    if (!rebuild->pending_count)
        return false;
    if (!name) {
        write_old_name(facts, old_name);
        name = old_name;
    }
    for (size_t i = 0; i < rebuild->pending_count; i++)
        if (rebuild->pending[i] && strcmp(rebuild->pending[i], name) == 0) {
            rebuild->pending[i] = NULL;
            return true;
        }
    return false;
}

/* Counts requests of the client's day that were not refused, and lists of models. */
static void count_request_of_day(struct ledger *ledger, const struct usage_log_entry *entry, int64_t began_ms)
{
    const struct exchange_facts *facts = &entry->facts;
    bool refused = entry->end && strcmp(entry->end, "refused") == 0;
    struct ledger_accounts accounts;
    if (!facts->client || (refused && !entry->provider_status))
        return;
    ledger_accounts_fetch(ledger, facts->client, false, NULL, &accounts);
    quota_count_request(accounts.client, began_ms);
    ledger_accounts_put(ledger, &accounts);
}

/* Counts requests that a run has made to a provider; those about the run, and refused ones, do not count. */
static void count_requests(struct ledger *ledger, const struct usage_log_entry *entry)
{
    struct ledger_key key = ledger_named_key(KIND_RUN, entry->facts.run_id);
    struct run_account run;
    if (!entry->facts.run_id || !entry->facts.provider || (entry->end && strcmp(entry->end, "refused") == 0))
        return;
    ledger_load(ledger, &key, &run, sizeof run);
    run.requests++;
    ledger_store(ledger, &key, &run, sizeof run);
}

static void reset_run_errors(struct ledger *ledger, const char *name)
{
    struct ledger_key key = ledger_named_key(KIND_RUN, name);
    struct run_account run;
    ledger_load(ledger, &key, &run, sizeof run);
    run.errors = 0;
    ledger_store(ledger, &key, &run, sizeof run);
}

static void count_entry(struct rebuild *rebuild, const struct usage_log_entry *entry)
{
    struct ledger *ledger = rebuild->ledger;
    const struct exchange_facts *facts = &entry->facts;
    struct ledger_outcome outcome = logged_outcome(entry);
    if (was_pending(rebuild, facts))
        return;
    int64_t ended_us = facts->wall_us + (facts->duration_us > 0 ? facts->duration_us : 0);
    struct ledger_entry settled = {
        .facts = exchange_facts_without_results(facts), /* its tokens no longer count in any minute */
        .status = {.outcome = outcome, .run_limits = ledger->settings->runs},
    };
    settled.facts.cost = facts->cost;
    if (facts->run_id && logged_run_reset(entry))
        reset_run_errors(ledger, facts->run_id);
    count_request_of_day(ledger, entry, facts->wall_us / 1000);
    count_requests(ledger, entry);
    ledger_settle_accounts(ledger, &settled, ended_us / 1000);
    ledger_series_add(ledger, facts, &outcome, ended_us / 1000);
    rebuild->summary->records++;
    if (facts->cost != COST_UNKNOWN)
        rebuild->summary->cost += facts->cost;
}

static struct late *find_late(const struct rebuild *rebuild, const char *id)
{
    struct late *late = rebuild->late;
    while (id && late && strcmp(late->id, id) != 0)
        late = late->next;
    return id ? late : NULL;
}

/* The file of the ledger aside can grow only between two transactions. */
static bool let_aside_grow(struct rebuild *rebuild)
{
    struct failure nothing;
    struct ledger_lmdb *lmdb = rebuild->ledger->lmdb;
    if (!rebuild->aside || ++rebuild->uncommitted < LINES_AT_ONCE)
        return true;
    rebuild->uncommitted = 0;
    rebuild->failed = !ledger_lmdb_commit(lmdb, &nothing) || !ledger_lmdb_begin(lmdb, &nothing);
    return !rebuild->failed;
}

static bool take_entry(void *context, const struct usage_log_entry *entry)
{
    struct rebuild *rebuild = context;
    struct late *late = find_late(rebuild, entry->facts.id);
    if (late && late->aside && !rebuild->aside)
        return true; /* it was glued to a torn line, and is written again in the rest */
    if (late) {
        late->line = NULL;
        late->aside = rebuild->aside;
    }
    count_entry(rebuild, entry);
    return let_aside_grow(rebuild);
}

static void complain(void *context, const struct failure *why)
{
    (void)context;
    log_warning("%s", why->message);
}

/* ---- from open exchanges ---- */

static void enter_reservation(struct ledger *ledger, const struct ledger_entry *entry)
{
    struct ledger_accounts accounts;
    ledger_accounts_fetch(ledger, entry->facts.client, false, entry->facts.run_id, &accounts);
    if (accounts.client) {
        accounts.client->concurrent++;
        accounts.client->reserved += entry->status.reserved;
        accounts.client->answer_tokens += entry->status.answer_tokens;
    }
    if (accounts.run)
        accounts.run->reserved += entry->status.reserved;
    ledger_accounts_put(ledger, &accounts);
}

static void note_late(struct rebuild *rebuild, const struct ledger_entry *entry)
{
    struct late *late = arena_alloc(rebuild->arena, sizeof *late);
    const char *id = entry->facts.id;
    *late = (struct late){
        .next = rebuild->late,
        .id = arena_copy(rebuild->arena, id, strlen(id)),
        .line = arena_copy(rebuild->arena, entry->line, entry->line_length),
        .length = entry->line_length - 1,
    };
    rebuild->late = late;
}

/* True if the sums include the exchange. Without Redis, an exchange in the state OWED is settled in the
 * accounts later. */
static bool is_counted(const struct ledger *ledger, const struct ledger_entry *entry)
{
    return entry->status.state == LEDGER_SETTLED || (entry->status.state == LEDGER_OWED && ledger->redis);
}

static void collect_late(struct rebuild *rebuild, enum ledger_kind kind)
{
    struct ledger_lmdb *lmdb = rebuild->ledger->lmdb;
    struct ledger_key key = ledger_key_kind(kind);
    struct ledger_bytes value;
    for (; ledger_lmdb_seek(lmdb, &key, &value) && key.bytes[0] == kind; ledger_key_next(&key)) {
        struct ledger_entry entry;
        if (ledger_entry_read(&entry, value.at, value.length) && is_counted(rebuild->ledger, &entry) &&
            entry.line && entry.facts.id && !find_late(rebuild, entry.facts.id))
            note_late(rebuild, &entry);
    }
}

/* Skips exchanges that the checkpoint names as pending: its sums include them, even if the log with their
 * lines was deleted. */
static void count_late(struct rebuild *rebuild)
{
    for (struct late *late = rebuild->late; late; late = late->next) {
        struct usage_log_entry entry;
        struct json_value balance;
        if (late->line && usage_log_entry_read(late->line, late->length, rebuild->arena, &entry, &balance) ==
                              LOG_LINE_ENTRY)
            count_entry(rebuild, &entry);
    }
}

/* Works on a copy, because the accounts are written to the same table. */
static void take_reservation(struct rebuild *rebuild, struct ledger_bytes value)
{
    struct arena *arena = arena_create();
    struct ledger_entry entry;
    const char *copy = arena_copy(arena, value.at, value.length);
    if (ledger_entry_read(&entry, copy, value.length) && entry.status.state == LEDGER_RESERVED)
        enter_reservation(rebuild->ledger, &entry);
    arena_destroy(arena);
}

static void take_reservations(struct rebuild *rebuild)
{
    struct ledger_lmdb *lmdb = rebuild->ledger->lmdb;
    struct ledger_key key = ledger_key_kind(KIND_OPEN);
    struct ledger_bytes value;
    for (; ledger_lmdb_seek(lmdb, &key, &value) && key.bytes[0] == KIND_OPEN; ledger_key_next(&key))
        take_reservation(rebuild, value);
}

/* ---- the rebuild ---- */

static void store_meta(struct ledger *ledger, struct usage_log *log, int64_t since_ms)
{
    struct ledger_meta meta = ledger_load_meta(ledger);
    meta.since_ms = since_ms;
    meta.boot = ledger->own.boot;
    meta.layout = ledger_layout();
    meta.log_head = usage_log_end(log).head;
    ledger_store_meta(ledger, &meta);
}

static void collect_all_late(struct rebuild *rebuild)
{
    collect_late(rebuild, KIND_OPEN);
    collect_late(rebuild, KIND_UNLOGGED);
}

static struct usage_log_reader_ops taker_of(struct rebuild *rebuild)
{
    return (struct usage_log_reader_ops){
        .entry = take_entry, .balance = take_balance, .complain = complain, .context = rebuild};
}

/* In one transaction. */
static void fill(struct ledger *ledger, const char *path, struct usage_log *log,
                 struct rebuild_summary *summary)
{
    struct failure nothing;
    struct usage_log_summary read = {0};
    struct rebuild rebuild = {.ledger = ledger, .summary = summary, .arena = arena_create()};
    struct usage_log_reader_ops taker = taker_of(&rebuild);
    int64_t began_ms = clock_wall_us() / 1000;
    collect_all_late(&rebuild);
    ledger_drop_accounts(ledger);
    if (*path && usage_log_read(path, INT64_MIN, &taker, &read, &nothing))
        summary->torn = read.torn;
    count_late(&rebuild);
    take_reservations(&rebuild);
    store_meta(ledger, log, began_ms); /* later lines may not have been read */
    arena_destroy(rebuild.arena);
}

/* ---- the rebuild of a ledger in use ---- */

/* Reads the log up to `until`, and leaves the accounts in `rows`. */
static bool read_aside(struct rebuild *rebuild, const char *path, const struct usage_log_position *until,
                       struct usage_log_position *rest, struct buffer *rows)
{
    struct ledger aside, *ledger = rebuild->ledger;
    struct usage_log_reader_ops taker = taker_of(rebuild);
    struct usage_log_summary read = {0};
    struct failure nothing;
    if (!ledger_aside_open(ledger, &aside))
        return false;
    rebuild->ledger = &aside;
    rebuild->aside = true;
    bool good = ledger_lmdb_begin(aside.lmdb, &nothing) &&
                usage_log_read_until(path, until, &taker, &read, rest) && !rebuild->failed &&
                ledger_copy_accounts(&aside, rows);
    rebuild->summary->torn = read.torn;
    rebuild->ledger = ledger;
    rebuild->aside = false;
    ledger_lmdb_close(aside.lmdb);
    return good;
}

/* In one transaction. */
static bool replace_accounts(struct rebuild *rebuild, const char *path, const struct usage_log_position *rest,
                             struct buffer *rows)
{
    struct usage_log_reader_ops taker = taker_of(rebuild);
    struct usage_log_summary read = {0};
    collect_all_late(rebuild);
    ledger_drop_accounts(rebuild->ledger);
    ledger_put_accounts(rebuild->ledger, rows);
    bool good = usage_log_read_rest(path, rest, &taker, &read);
    rebuild->summary->torn += read.torn;
    count_late(rebuild);
    take_reservations(rebuild);
    return good;
}

/* The place comes before the settled exchanges: what is settled later is written behind it. */
static bool rebuild_in_steps(struct rebuild *rebuild, const char *path, struct usage_log *log,
                             struct buffer *rows)
{
    struct ledger *ledger = rebuild->ledger;
    struct usage_log_position until = usage_log_place(log), rest;
    int64_t began_ms = clock_wall_us() / 1000;
    usage_log_forget_place(log);
    if (!until.inode || !ledger_txn_begin(ledger))
        return false;
    collect_all_late(rebuild);
    ledger_txn_abort(ledger);
    if (!read_aside(rebuild, path, &until, &rest, rows) || !ledger_txn_begin(ledger))
        return false;
    if (!replace_accounts(rebuild, path, &rest, rows)) {
        ledger_txn_abort(ledger);
        return false;
    }
    store_meta(ledger, log, began_ms);
    return ledger_txn_commit(ledger);
}

/* Returns false if the log was rotated meanwhile, or if something failed. */
static bool try_in_steps(struct ledger *ledger, const char *path, struct usage_log *log,
                         struct rebuild_summary *summary)
{
    struct rebuild rebuild = {.ledger = ledger, .summary = summary, .arena = arena_create()};
    struct buffer rows;
    *summary = (struct rebuild_summary){0};
    buffer_init(&rows, ROWS_MAX);
    bool done = rebuild_in_steps(&rebuild, path, log, &rows);
    buffer_free(&rows);
    arena_destroy(rebuild.arena);
    return done;
}

bool ledger_rebuild(struct ledger *ledger, const char *path, struct usage_log *log,
                    struct rebuild_summary *summary, struct failure *why)
{
    *summary = (struct rebuild_summary){0};
    if (usage_log_place(log).size == 0)
        ledger_checkpoint_write(ledger, log);
    for (int attempt = 0; *path && attempt < ATTEMPTS; attempt++)
        if (try_in_steps(ledger, path, log, summary))
            return true;
    *summary = (struct rebuild_summary){0};
    if (!ledger_txn_begin(ledger))
        return fail(why, FAILURE_UNAVAILABLE, "%s", ledger->fault);
    fill(ledger, path, log, summary);
    return ledger_txn_commit(ledger) || fail(why, FAILURE_UNAVAILABLE, "%s", ledger->fault);
}

void ledger_rebuild_if_needed(struct ledger *ledger, const char *path, struct usage_log *log)
{
    struct rebuild_summary summary = {0};
    if (!ledger->rebuild_due || !ledger_txn_begin(ledger))
        return;
    ledger->rebuild_due = false;
    struct ledger_meta meta = ledger_load_meta(ledger);
    if (ledger_is_sound(ledger, &meta)) { /* another process has rebuilt it since */
        ledger_txn_abort(ledger);
        return;
    }
    fill(ledger, path, log, &summary);
    if (!ledger_txn_commit(ledger))
        return;
    ledger_checkpoint_write(ledger, log); /* if the log is empty, and older ones are not */
    if (summary.records)
        log_warning("the ledger is made anew from the usage log: %zu records, %zu torn lines",
                    summary.records, summary.torn);
}
