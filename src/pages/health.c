/* GET /healthz: the state of this host.
 *
 * The page needs no key, so it shows states and counts but no paths. */
#include "pages/health.h"

#include <stdint.h>

#include "base/services.h"
#include "config/settings.h"
#include "format/json_write.h"
#include "ledger/ledger_query.h"
#include "ledger/quota.h"
#include "usage/usage_log.h"

static void put_pool(const struct services *services, struct json_writer *writer)
{
    struct pool_facts facts = services->pool_facts(services->pool_facts_context);
    json_put_count(writer, "workers", facts.workers);
    json_put_count(writer, "idle", facts.idle);
    json_put_count(writer, "busy", facts.busy);
    json_put_count(writer, "max_workers", facts.max_workers);
    json_put_count(writer, "generation", facts.generation);
}

/* Counts the records that wait in the ledger for the usage log, and the records that were only written to
 * standard error. Reading them also tests the ledger. */
static bool put_ledger(const struct services *services, struct json_writer *writer)
{
    int64_t waiting = -1, lost = -1, owed;
    const char *fault;
    bool works = ledger_works(services->ledger, &fault, &owed);
    bool usable = ledger_unlogged(services->ledger, &waiting, &lost) && works;
    json_put_string(writer, "ledger", usable ? "ok" : "down");
    json_put_string(writer, "ledger_fault", fault);
    json_put_count(writer, "ledger_owed", owed);
    json_put_count(writer, "records_waiting", waiting);
    json_put_count(writer, "records_lost", lost);
    return usable || services->settings->ledger_down == LEDGER_DOWN_ALLOW;
}

/* Without the ledger, only clients and runs with limits are refused. */
static bool has_limits(const struct settings *settings)
{
    for (size_t i = 0; i < settings->client_count; i++)
        if (quota_has_limits(&settings->clients[i].limits))
            return true;
    return settings->runs.max_cost != 0;
}

bool health_put(const struct services *services, struct buffer *body)
{
    struct json_writer writer = json_write_begin(body);
    bool log_ok = !usage_log_try(services->usage_log);
    json_put_string(&writer, "version", PACKAGE_VERSION);
    json_put_string(&writer, "way", services->mode);
    if (services->pool_facts)
        put_pool(services, &writer);
    bool accounts_ok = put_ledger(services, &writer) || !has_limits(services->settings);
    bool can_record = log_ok || !services->settings->log_required || usage_log_is_astray(services->usage_log);
    bool healthy = accounts_ok && can_record;
    json_put_string(&writer, "usage_log", log_ok ? "ok" : "failing");
    json_put_string(&writer, "status", !healthy ? "failing" : log_ok ? "ok" : "degraded");
    json_write_end(&writer);
    return healthy;
}
