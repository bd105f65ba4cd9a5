/* What the usage log says and what the ledger says, side by side. */
#include "truth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/failure.h"
#include "config/settings_types.h"
#include "ledger/ledger.h"
#include "ledger/ledger_checkpoint.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_query.h"
#include "ledger/ledger_series.h"
#include "ledger/recovery.h"
#include "usage/price.h"
#include "usage/usage_log.h"
#include "usage/usage_log_entry.h"
#include "usage/usage_log_reader.h"

const char *truth_redis = "";
enum truth_key truth_key;

struct settings truth_settings(const char *folder)
{
    return (struct settings){.state_dir = (char *)(uintptr_t)folder,
                             .ledger = (char *)(uintptr_t)truth_redis};
}

/* ---- the log ---- */

static void count_client(struct truth *truth, const struct usage_log_entry *entry)
{
    int64_t cost = entry->facts.cost == COST_UNKNOWN ? 0 : entry->facts.cost;
    truth->cost += cost;
    for (size_t i = 0; entry->facts.client && i < TRUTH_CLIENTS; i++) {
        if (!*truth->clients[i].name)
            snprintf(truth->clients[i].name, sizeof truth->clients[i].name, "%s", entry->facts.client);
        if (strcmp(truth->clients[i].name, entry->facts.client) != 0)
            continue;
        truth->clients[i].cost += cost;
        truth->clients[i].lines++;
        return;
    }
}

static const char *key_of(const struct usage_log_entry *entry)
{
    const char *key = entry->facts.request_id;
    if (truth_key == TRUTH_RECORD)
        key = entry->facts.id;
    if (truth_key == TRUTH_RUN) /* a process may die before it has read the run */
        key = entry->facts.run_id ? entry->facts.run_id : entry->facts.id;
    return key;
}

static bool take(void *context, const struct usage_log_entry *entry)
{
    struct truth *truth = context;
    text_format(&truth->ids, "%s\n", key_of(entry));
    truth->lines++;
    truth->crashed += entry->end && strcmp(entry->end, "crashed") == 0;
    count_client(truth, entry);
    return true;
}

static int compare_ids(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static void count_doubles(struct truth *truth)
{
    char *copy = copy_bytes(text_words(&truth->ids), truth->ids.length), *at = copy;
    const char **ids = calloc(truth->lines + 1, sizeof *ids);
    if (!ids)
        give_up("no memory");
    for (size_t i = 0; i < truth->lines; i++) {
        ids[i] = at;
        at = strchr(at, '\n');
        *at++ = '\0';
    }
    qsort(ids, truth->lines, sizeof *ids, compare_ids);
    for (size_t i = 1; i < truth->lines; i++)
        if (strcmp(ids[i - 1], ids[i]) == 0 && truth->doubled++ < 5)
            printf("    two records of %s\n", ids[i]);
    free(ids);
    free(copy);
}

static void complain(void *context, const struct failure *why)
{
    (void)context;
    printf("    %s\n", why->message);
}

void truth_read(struct truth *truth, const char *log)
{
    struct usage_log_reader_ops taker = {.entry = take, .complain = complain, .context = truth};
    struct usage_log_summary summary;
    struct failure why;
    *truth = (struct truth){0};
    if (!usage_log_read(log, INT64_MIN, &taker, &summary, &why))
        return;
    truth->torn = summary.torn;
    count_doubles(truth);
}

void truth_free(struct truth *truth)
{
    text_free(&truth->ids);
}

size_t truth_count(const struct truth *truth, const char *id)
{
    const char *at = text_words(&truth->ids);
    size_t count = 0, length = strlen(id);
    while ((at = strstr(at, id))) {
        bool begins = at == truth->ids.bytes || at[-1] == '\n';
        count += begins && at[length] == '\n';
        at += length;
    }
    return count;
}

/* ---- the ledger ---- */

static size_t say_if(bool wrong, const char *what, const char *whose, int64_t is, int64_t ought)
{
    if (wrong)
        printf("    %s of %s: %" PRId64 " in the ledger, not %" PRId64 "\n", what, whose, is, ought);
    return wrong;
}

static size_t differ(const char *what, const char *whose, int64_t is, int64_t ought)
{
    return say_if(is != ought, what, whose, is, ought);
}

static size_t compare_client(struct ledger *ledger, const char *name, int64_t cost)
{
    struct client_account account;
    if (!ledger_client(ledger, name, &account))
        return say_if(true, "the account", name, 0, 1);
    return differ("spent in all", name, account.spent_total, cost) +
           differ("set aside", name, account.reserved, 0) + differ("running", name, account.concurrent, 0);
}

struct sums {
    int64_t requests, cost;
};

static bool add_totals(void *context, const struct series_key *key, const struct series *series)
{
    struct sums *sums = context;
    if (key->hour != SERIES_TOTALS)
        return false;
    sums->requests += series->requests;
    sums->cost += series->cost;
    return true;
}

/* Exchanges of the dead, or of which a line waits; those that are settled and logged are left by the living.
 */
static int64_t count_kind(struct ledger *ledger, enum ledger_kind kind)
{
    struct ledger_key key = ledger_key_kind(kind);
    struct ledger_bytes value;
    int64_t count = 0;
    if (!ledger_txn_begin(ledger))
        return -1;
    for (; ledger_lmdb_seek(ledger->lmdb, &key, &value) && key.bytes[0] == kind; ledger_key_next(&key)) {
        struct ledger_entry entry;
        bool known = ledger_entry_read(&entry, value.at, value.length);
        bool alive = known && process_identity_state(&entry.status.owner, &ledger->own) == PROCESS_ALIVE;
        count += !alive || entry.status.state != LEDGER_SETTLED;
    }
    ledger_txn_abort(ledger);
    return count;
}

int64_t truth_left(const char *folder)
{
    struct settings settings = truth_settings(folder);
    struct ledger *ledger = ledger_open(&settings);
    int64_t left = count_kind(ledger, KIND_OPEN) + count_kind(ledger, KIND_UNLOGGED);
    ledger_close(ledger);
    return left;
}

int64_t truth_owed(const char *folder)
{
    struct settings settings = truth_settings(folder);
    struct ledger *ledger = ledger_open(&settings);
    int64_t owed = count_kind(ledger, KIND_OWED);
    ledger_close(ledger);
    return owed;
}

size_t truth_compare(const struct truth *truth, const char *folder)
{
    struct settings settings = truth_settings(folder);
    struct ledger *ledger = ledger_open(&settings);
    struct sums sums = {0};
    size_t wrong = 0;
    if (!ledger_series_walk(ledger, SERIES_TOTALS, add_totals, &sums))
        wrong += say_if(true, "the file", "the ledger", 0, 1);
    wrong += differ("requests", "all", sums.requests, (int64_t)truth->lines);
    wrong += differ("cost", "all", sums.cost, truth->cost);
    wrong += differ("open exchanges", "the dead", count_kind(ledger, KIND_OPEN), 0);
    wrong += differ("waiting lines", "the log", count_kind(ledger, KIND_UNLOGGED), 0);
    wrong += differ("owed exchanges", "Redis", count_kind(ledger, KIND_OWED), 0);
    for (size_t i = 0; i < TRUTH_CLIENTS && *truth->clients[i].name; i++)
        wrong += compare_client(ledger, truth->clients[i].name, truth->clients[i].cost);
    ledger_close(ledger);
    return wrong;
}

int64_t truth_requests(const char *folder)
{
    struct settings settings = truth_settings(folder);
    struct ledger *ledger = ledger_open(&settings);
    struct sums sums = {0};
    if (!ledger_series_walk(ledger, SERIES_TOTALS, add_totals, &sums))
        give_up("the ledger cannot be read");
    ledger_close(ledger);
    return sums.requests;
}

static bool print_series(void *context, const struct series_key *key, const struct series *series)
{
    if (key->hour != SERIES_TOTALS)
        return false;
    text_format(context, "      %s %s %s: %" PRId64 " requests, %" PRId64 " errors, cost %" PRId64 "\n",
                key->client, key->provider, key->model, series->requests, series->errors, series->cost);
    return true;
}

void truth_print(const char *folder, struct text *words)
{
    struct settings settings = truth_settings(folder);
    struct ledger *ledger = ledger_open(&settings);
    if (!ledger_series_walk(ledger, SERIES_TOTALS, print_series, words))
        give_up("the ledger cannot be read");
    ledger_close(ledger);
}

static void begin_log(void *context)
{
    struct truth_services *services = context;
    ledger_checkpoint_write(services->ledger, services->log);
}

void truth_open(struct truth_services *services, const struct settings *settings, const char *log)
{
    services->ledger = ledger_open(settings);
    services->log = usage_log_open(log);
    usage_log_when_begun(services->log, begin_log, services);
}

void truth_close(struct truth_services *services)
{
    usage_log_close(services->log);
    ledger_close(services->ledger);
}

void truth_recover(const char *folder, const char *log)
{
    struct settings settings = truth_settings(folder);
    struct truth_services services;
    truth_open(&services, &settings, log);
    recovery_run(services.ledger, services.log);
    ledger_checkpoint_write(services.ledger, services.log);
    truth_close(&services);
}
