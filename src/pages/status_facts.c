/* The facts that /status and /metrics show: the state of this host and the usage of its clients.
 *
 * No request can be counted while the ledger is read. The facts are therefore copied out of the ledger before
 * the response is written, and the hours are read one by one. */
#include "pages/status_facts.h"

#include <string.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/clock.h"
#include "base/services.h"
#include "config/settings.h"
#include "ledger/health_list.h"
#include "ledger/ledger.h"
#include "ledger/ledger_query.h"
#include "ledger/quota.h"
#include "usage/usage_log.h"

#define HOUR_US INT64_C(3600000000)

struct reading {
    struct status_facts *facts;
    struct arena *arena;
    int64_t hour; /* the hour being read */
    struct series *sum;
};

static void add(struct series_table *table, struct arena *arena, const struct series_key *key,
                const struct series *series)
{
    struct series_row row = {key->client, key->provider, key->model, *series};
    series_table_add(table, arena, &row);
}

static bool take_total(void *context, const struct series_key *key, const struct series *series)
{
    struct reading *reading = context;
    if (key->hour != SERIES_TOTALS)
        return false;
    add(&reading->facts->totals, reading->arena, key, series);
    return true;
}

static bool take_hour(void *context, const struct series_key *key, const struct series *series)
{
    struct reading *reading = context;
    if (key->hour != reading->hour)
        return false;
    series_add(reading->sum, series);
    add(&reading->facts->day, reading->arena, key, series);
    return true;
}

static bool read_series(struct reading *reading, struct ledger *ledger, enum status_span span)
{
    if (span == STATUS_TOTALS)
        return ledger_series_walk(ledger, SERIES_TOTALS, take_total, reading);
    bool readable = true;
    for (size_t i = 0; i < STATUS_HOURS && readable; i++) {
        reading->hour = reading->facts->now_us / HOUR_US - STATUS_HOURS + 1 + (int64_t)i;
        reading->sum = &reading->facts->hours[i];
        readable = ledger_series_walk(ledger, reading->hour, take_hour, reading);
    }
    return readable;
}

static int64_t count_unpriced(const struct series_table *table, const char *client)
{
    int64_t count = 0;
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->rows[i].client, client) == 0)
            count += table->rows[i].series.unpriced;
    return count;
}

static void read_clients(struct reading *reading, const struct services *services)
{
    const struct settings *settings = services->settings;
    struct status_facts *facts = reading->facts;
    facts->clients = arena_alloc(reading->arena, settings->client_count * sizeof *facts->clients);
    for (size_t i = 0; i < settings->client_count; i++) {
        struct status_client *client = &facts->clients[facts->client_count];
        client->client = &settings->clients[i];
        if (!ledger_client(services->ledger, client->client->name, &client->account))
            return; /* the next clients would wait for the same store */
        quota_roll_windows(&client->account, facts->now_us / 1000);
        client->unpriced = count_unpriced(&facts->day, client->client->name) +
                           count_unpriced(&facts->totals, client->client->name);
        facts->client_count++;
    }
}

static void raise_breaker(struct status_breaker *breaker, const struct status_breaker *by)
{
    breaker->failures = max_int64(breaker->failures, by->failures);
    breaker->open = breaker->open || by->open;
}

/* The row of this name, or else one that is closed if `open`; NULL: there is none. The last row is kept for
 * the other models. */
static struct status_breaker *find_breaker(struct status_facts *facts, const struct status_breaker *wanted,
                                           bool open)
{
    for (size_t i = 0; i < facts->breaker_count; i++) {
        struct status_breaker *breaker = &facts->breakers[i];
        bool is_it = strcmp(breaker->provider, wanted->provider) == 0 &&
                     strcmp(breaker->model, wanted->model) == 0;
        if (open ? !breaker->open && i < STATUS_BREAKERS - 1 : is_it)
            return breaker;
    }
    return NULL;
}

/* A provider at two addresses has two breakers of one name. */
void status_facts_add_breaker(struct status_facts *facts, struct arena *arena,
                              const struct status_breaker *added)
{
    struct status_breaker *known = find_breaker(facts, added, false), row = *added;
    if (known) {
        raise_breaker(known, added);
        return;
    }
    row.provider = arena_copy(arena, added->provider, strlen(added->provider));
    row.model = arena_copy(arena, added->model, strlen(added->model));
    if (facts->breaker_count < STATUS_BREAKERS - 1) {
        facts->breakers[facts->breaker_count++] = row;
        return;
    }
    struct status_breaker *closed = row.open ? find_breaker(facts, added, true) : NULL;
    struct status_breaker *others = &facts->breakers[STATUS_BREAKERS - 1];
    if (facts->breaker_count < STATUS_BREAKERS)
        *others = (struct status_breaker){.provider = OTHER_MODELS, .model = OTHER_MODELS};
    facts->breaker_count = STATUS_BREAKERS;
    raise_breaker(others, closed ? closed : &row);
    if (closed)
        *closed = row;
}

static void read_pool(struct reading *reading, const struct services *services)
{
    struct status_facts *facts = reading->facts;
    facts->pool = services->pool_facts(services->pool_facts_context);
    facts->workers = arena_alloc(reading->arena, facts->pool.slots * sizeof *facts->workers);
    for (size_t slot = 0; slot < facts->pool.slots; slot++)
        if (services->pool_worker(services->pool_facts_context, slot, &facts->workers[facts->worker_count]))
            facts->worker_count++;
}

/* Adds a breaker or a cool-down to its provider. */
static void take_health(void *context, const struct health_item *item)
{
    const struct reading *reading = context;
    struct status_facts *facts = reading->facts;
    int64_t left_ms = item->left_us / 1000;
    for (size_t i = 0; i < facts->provider_count; i++) {
        struct status_provider *provider = &facts->providers[i];
        if (strcmp(provider->name, item->provider) != 0)
            continue;
        struct status_breaker breaker = {provider->name, item->model, item->failures, item->open};
        if (item->kind == HEALTH_MODEL)
            status_facts_add_breaker(facts, reading->arena, &breaker);
        provider->failures = max_int64(provider->failures, item->failures);
        if (item->open && item->kind == HEALTH_COOLDOWN)
            provider->cool_ms = max_int64(provider->cool_ms, left_ms);
        else if (item->open)
            provider->open_ms = max_int64(provider->open_ms, left_ms);
    }
}

static void read_providers(struct reading *reading, const struct services *services)
{
    const struct settings *settings = services->settings;
    struct status_facts *facts = reading->facts;
    facts->providers = arena_alloc(reading->arena, settings->provider_count * sizeof *facts->providers);
    for (size_t i = 0; i < settings->provider_count; i++)
        facts->providers[i] = (struct status_provider){.name = settings->providers[i].name};
    facts->provider_count = settings->provider_count;
    if (!health_list(services->ledger, &settings->breaker, take_health, reading))
        facts->provider_count = 0;
}

void status_facts_read(struct status_facts *facts, const struct services *services, struct arena *arena,
                       enum status_span span)
{
    *facts = (struct status_facts){.now_us = clock_wall_us(),
                                   .mode = services->mode,
                                   .has_pool = services->pool_facts,
                                   .waiting = -1,
                                   .lost = -1};
    struct reading reading = {.facts = facts, .arena = arena};
    if (facts->has_pool)
        read_pool(&reading, services);
    bool readable = read_series(&reading, services->ledger, span);
    if (!readable || !ledger_unlogged(services->ledger, &facts->waiting, &facts->lost))
        facts->waiting = facts->lost = -1;
    read_clients(&reading, services);
    read_providers(&reading, services);
    facts->ledger_fault = ledger_fault(services->ledger);
    facts->log_fault = usage_log_try(services->usage_log);
}

void status_facts_free(struct status_facts *facts)
{
    series_table_free(&facts->totals);
    series_table_free(&facts->day);
}
