/* Sums of requests by hour, client, provider and model: for the status page, metrics and reports.
 *
 * Clients may invent names of models. So an hour has at most ROWS_MAX rows, and further models are summed up
 * under one name. */
#include "ledger/ledger_series.h"

#include <string.h>

#include "base/clock.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_query.h"
#include "usage/exchange_facts.h"
#include "usage/price.h"

#define HOUR_MS INT64_C(3600000)
#define ROWS_MAX 2000
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

/* The key of an hour without names holds the number of its rows. */
static bool has_room(struct ledger *ledger, int64_t hour)
{
    struct ledger_key key = hour_key(hour);
    int64_t rows;
    ledger_load(ledger, &key, &rows, sizeof rows);
    if (rows >= ROWS_MAX)
        return false;
    rows++;
    ledger_store(ledger, &key, &rows, sizeof rows);
    return true;
}

static void add_row(struct ledger *ledger, const struct exchange_facts *facts, enum failure_reason reason,
                    int64_t hour)
{
    struct ledger_key key = row_key(hour, facts, facts->model);
    struct series series;
    if (!ledger_lmdb_get(ledger->lmdb, &key).at && !has_room(ledger, hour))
        key = row_key(hour, facts, OTHERS);
    ledger_load(ledger, &key, &series, sizeof series);
    add(&series, facts, reason);
    ledger_store(ledger, &key, &series, sizeof series);
}

void ledger_series_add(struct ledger *ledger, const struct exchange_facts *facts, enum failure_reason reason,
                       int64_t now_ms)
{
    add_row(ledger, facts, reason, now_ms / HOUR_MS);
    add_row(ledger, facts, reason, SERIES_TOTALS);
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
