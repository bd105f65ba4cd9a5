/* Sums of requests by hour, client, provider and model: for the status page, metrics and reports.
 *
 * Clients may invent names of models. A model has a row of its own if a provider has answered for it or if
 * the settings name it, and only a few names may wait for that; all others are summed up under one name. If
 * an hour has too many rows all the same, those that have not been used for the longest time make room. */
#include "ledger/ledger_series.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/settings_types.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_query.h"
#include "ledger/series_table.h"
#include "usage/exchange_facts.h"
#include "usage/price.h"

#define HOUR_MS INT64_C(3600000)
#define ROWS_MAX 2000
#define UNPROVEN_MAX 100 /* rows of models for which no provider has answered yet */
#define SHARE_FREED 8    /* of the rows, one in so many makes room at a time */
#define OTHERS "(others)"
#define HOURS_KEPT (92 * 24)
#define FORGOTTEN_AT_ONCE 200 /* rows in one transaction, for which other processes wait */

static struct ledger_key hour_key(int64_t hour)
{
    struct ledger_key key = ledger_key_kind(KIND_SERIES);
    ledger_key_add_number(&key, (uint64_t)hour);
    return key;
}

static struct ledger_key row_key(int64_t hour, const struct exchange_facts *facts, const char *model)
{
    struct ledger_key key = hour_key(hour);
    ledger_key_add_name(&key, facts->client);
    ledger_key_add_name(&key, facts->provider);
    ledger_key_add_name(&key, model);
    return key;
}

/* A provider that failed and did not report tokens is assumed to have billed nothing. */
static bool is_unpriced(const struct exchange_facts *facts, enum failure_reason reason)
{
    bool used = reason == FAILURE_NONE || facts->usage.prompt >= 0;
    return facts->cost == COST_UNKNOWN && facts->provider && used;
}

static void add(struct series *series, const struct exchange_facts *facts, enum failure_reason reason)
{
    static const int64_t bounds_ms[] = SERIES_BOUNDS;
    _Static_assert(sizeof bounds_ms / sizeof *bounds_ms == SERIES_CLASSES - 1, "one class beyond the bounds");
    size_t class = 0;
    while (class < SERIES_CLASSES - 1 && facts->duration_us > bounds_ms[class] * 1000)
        class ++;
    series->requests++;
    series->errors += reason != FAILURE_NONE;
    series->reasons[reason]++;
    series->classes[class]++;
    series->duration_us += facts->duration_us > 0 ? facts->duration_us : 0;
    series->prompt_tokens += facts->usage.prompt > 0 ? facts->usage.prompt : 0;
    series->completion_tokens += facts->usage.completion > 0 ? facts->usage.completion : 0;
    series->cost += facts->cost > 0 ? facts->cost : 0;
    series->unpriced += is_unpriced(facts, reason);
}

/* The names follow the hour, one after the other. */
static bool read_key(const struct ledger_key *key, struct series_key *names)
{
    const unsigned char *at = key->bytes + 1, *end = key->bytes + key->length;
    const char **texts[] = {&names->client, &names->provider, &names->model};
    names->hour = 0;
    for (int i = 0; i < 8; i++)
        names->hour = names->hour << 8 | *at++;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const unsigned char *stop = at < end ? memchr(at, '\0', (size_t)(end - at)) : NULL;
        if (!stop)
            return false;
        *texts[i] = (const char *)at;
        at = stop + 1;
    }
    return true;
}

/* ---- which names have a row ---- */

static bool is_in(const struct string_list *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

/* True if the target is "PROVIDER:MODEL" or "PROVIDER/MODEL", with or without parameters, or just the model.
 */
static bool is_target(const char *target, const struct exchange_facts *facts)
{
    size_t provider = strlen(facts->provider), model = strlen(facts->model);
    bool has_provider = strncmp(target, facts->provider, provider) == 0 &&
                        (target[provider] == ':' || target[provider] == '/');
    const char *name = has_provider ? target + provider + 1 : target;
    return strncmp(name, facts->model, model) == 0 && (!name[model] || name[model] == '?');
}

static bool is_in_settings(const struct settings *settings, const struct exchange_facts *facts)
{
    for (size_t i = 0; i < settings->provider_count; i++)
        if (strcmp(settings->providers[i].name, facts->provider) == 0 &&
            is_in(&settings->providers[i].models, facts->model))
            return true;
    for (size_t i = 0; i < settings->alias_count; i++)
        for (size_t k = 0; k < settings->aliases[i].targets.count; k++)
            if (is_target(settings->aliases[i].targets.items[k], facts))
                return true;
    return false;
}

static bool is_proven(const struct ledger *ledger, const struct exchange_facts *facts,
                      const struct ledger_outcome *outcome)
{
    return outcome->answered || !facts->model || !facts->provider || is_in_settings(ledger->settings, facts);
}

/* False for failures that suggest that the client has made up the model. */
static bool may_exist(enum failure_reason reason)
{
    return reason != FAILURE_MODEL_NOT_FOUND && reason != FAILURE_INVALID_REQUEST &&
           reason != FAILURE_OTHER && reason != FAILURE_PERMISSION && reason != FAILURE_BAD_REQUEST;
}

/* ---- rows ---- */

/* The key of an hour without names holds this. */
struct series_count {
    int64_t rows, unproven; /* rows but for those of OTHERS; those that are not proven */
};

struct walk {
    struct ledger *ledger;
    int64_t hour;
    struct ledger_key key;
    struct series_key names;
    struct series series;
};

static struct walk walk_open(struct ledger *ledger, int64_t hour)
{
    struct walk walk = {.ledger = ledger, .hour = hour, .key = hour_key(hour)};
    ledger_key_next(&walk.key); /* not the count */
    return walk;
}

/* Finds the next row but for those of OTHERS. Rows of an older version are removed. */
static bool walk_next(struct walk *walk)
{
    struct ledger_bytes value;
    while (ledger_lmdb_seek(walk->ledger->lmdb, &walk->key, &value) && walk->key.bytes[0] == KIND_SERIES &&
           read_key(&walk->key, &walk->names) && walk->names.hour == walk->hour) {
        bool is_old = value.length != sizeof walk->series;
        if (!is_old && strcmp(walk->names.model, OTHERS) != 0) {
            memcpy(&walk->series, value.at, sizeof walk->series);
            return true;
        }
        if (is_old)
            ledger_lmdb_remove(walk->ledger->lmdb, &walk->key);
        ledger_key_next(&walk->key);
    }
    return false;
}

static int compare_times(const void *one, const void *other)
{
    int64_t first = *(const int64_t *)one, second = *(const int64_t *)other;
    return first < second ? -1 : first > second;
}

/* Returns the time of the last use of the newest row that has to go. */
static int64_t find_oldest(struct ledger *ledger, int64_t hour)
{
    int64_t times[ROWS_MAX];
    size_t count = 0;
    struct walk walk = walk_open(ledger, hour);
    for (; count < ROWS_MAX && walk_next(&walk); ledger_key_next(&walk.key))
        times[count++] = walk.series.used_ms;
    if (!count)
        return -1;
    qsort(times, count, sizeof *times, compare_times);
    return times[count / SHARE_FREED];
}

static void move_to_others(struct walk *walk)
{
    struct ledger_key others = hour_key(walk->hour);
    struct series sum;
    ledger_key_add_name(&others, walk->names.client);
    ledger_key_add_name(&others, walk->names.provider);
    ledger_key_add_name(&others, OTHERS);
    ledger_load(walk->ledger, &others, &sum, sizeof sum);
    series_add(&sum, &walk->series);
    ledger_store(walk->ledger, &others, &sum, sizeof sum);
    ledger_lmdb_remove(walk->ledger->lmdb, &walk->key);
}

static void make_room(struct ledger *ledger, int64_t hour, struct series_count *count)
{
    int64_t oldest_ms = find_oldest(ledger, hour);
    struct walk walk = walk_open(ledger, hour);
    struct series_count left = {0};
    int64_t moved = 0;
    for (; walk_next(&walk); ledger_key_next(&walk.key)) {
        if (walk.series.used_ms <= oldest_ms && moved <= ROWS_MAX / SHARE_FREED) {
            move_to_others(&walk);
            moved++;
            continue;
        }
        left.rows++;
        left.unproven += !walk.series.answered;
    }
    *count = left;
}

/* Reserves a place for a new row. Returns false if the model must be counted among the others. */
static bool reserve_row(struct ledger *ledger, int64_t hour, bool proven, bool possible)
{
    struct ledger_key key = hour_key(hour);
    struct series_count count;
    ledger_load(ledger, &key, &count, sizeof count);
    if (!proven && (!possible || count.unproven >= UNPROVEN_MAX))
        return false;
    if (count.rows >= ROWS_MAX)
        make_room(ledger, hour, &count);
    count.rows++;
    count.unproven += !proven;
    ledger_store(ledger, &key, &count, sizeof count);
    return true;
}

/* A row that is proven now gives its place among the unproven ones back. */
static void note_proof(struct ledger *ledger, int64_t hour)
{
    struct ledger_key key = hour_key(hour);
    struct series_count count;
    ledger_load(ledger, &key, &count, sizeof count);
    count.unproven -= count.unproven > 0;
    ledger_store(ledger, &key, &count, sizeof count);
}

/* Returns false, and zeros, if there is no such row. */
static bool load_row(struct ledger *ledger, const struct ledger_key *key, struct series *series)
{
    struct ledger_bytes bytes = ledger_lmdb_get(ledger->lmdb, key);
    bool found = bytes.length == sizeof *series;
    if (found)
        memcpy(series, bytes.at, sizeof *series);
    else
        *series = (struct series){0};
    return found;
}

/* What is added to the rows of one exchange. */
struct addition {
    const struct exchange_facts *facts;
    const struct ledger_outcome *outcome;
    int64_t now_ms;
    bool proven; /* the model may have a row of its own in any case */
    bool others; /* it is counted among the others */
};

static void add_to_row(struct ledger *ledger, struct addition *addition, int64_t hour)
{
    const struct exchange_facts *facts = addition->facts;
    const struct ledger_outcome *outcome = addition->outcome;
    struct ledger_key key = row_key(hour, facts, addition->others ? OTHERS : facts->model);
    struct series series;
    if (!load_row(ledger, &key, &series) && !addition->others &&
        !reserve_row(ledger, hour, addition->proven, may_exist(outcome->reason))) {
        addition->others = true;
        key = row_key(hour, facts, OTHERS);
        load_row(ledger, &key, &series);
    }
    if (outcome->answered && series.requests && !series.answered)
        note_proof(ledger, hour);
    add(&series, facts, outcome->reason);
    series.answered += outcome->answered;
    series.used_ms = addition->now_ms;
    ledger_store(ledger, &key, &series, sizeof series);
}

/* A model that has a row in the totals has one in the hour, too. */
void ledger_series_add(struct ledger *ledger, const struct exchange_facts *facts,
                       const struct ledger_outcome *outcome, int64_t now_ms)
{
    struct addition addition = {
        .facts = facts,
        .outcome = outcome,
        .now_ms = now_ms,
        .proven = is_proven(ledger, facts, outcome),
        .others = facts->model && strcmp(facts->model, OTHERS) == 0,
    };
    add_to_row(ledger, &addition, SERIES_TOTALS);
    addition.proven = true;
    add_to_row(ledger, &addition, now_ms / HOUR_MS);
}

bool ledger_series_walk(struct ledger *ledger, int64_t from_hour,
                        bool (*take)(void *context, const struct series_key *key,
                                     const struct series *series),
                        void *context)
{
    if (ledger_is_absent(ledger))
        return true;
    if (!ledger_txn_begin(ledger))
        return false;
    struct ledger_key key = hour_key(from_hour);
    struct ledger_bytes value;
    bool more = true;
    while (more && ledger_lmdb_seek(ledger->lmdb, &key, &value) && key.bytes[0] == KIND_SERIES) {
        struct series series;
        struct series_key names;
        if (value.length == sizeof series && read_key(&key, &names)) {
            memcpy(&series, value.at, sizeof series);
            more = take(context, &names, &series);
        }
        ledger_key_next(&key);
    }
    ledger_txn_abort(ledger);
    return true;
}

void ledger_series_forget(struct ledger *ledger)
{
    struct ledger_key key = hour_key(SERIES_TOTALS + 1);
    struct ledger_key kept = hour_key(clock_wall_us() / 1000 / HOUR_MS - HOURS_KEPT);
    struct ledger_bytes value;
    int rows = 0;
    if (!ledger_txn_begin(ledger))
        return;
    while (rows < FORGOTTEN_AT_ONCE && ledger_lmdb_seek(ledger->lmdb, &key, &value) &&
           key.bytes[0] == KIND_SERIES && memcmp(key.bytes, kept.bytes, kept.length) < 0) {
        ledger_lmdb_remove(ledger->lmdb, &key);
        rows++;
    }
    if (rows)
        ledger_txn_commit(ledger);
    else
        ledger_txn_abort(ledger);
}
