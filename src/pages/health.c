/* How this host is: what /healthz says.
 *
 * Anybody may ask, so it tells states and counts, and no paths. */
#include "pages/health.h"

#include <stdint.h>

#include "base/services.h"
#include "config/settings.h"
#include "format/json_write.h"
#include "ledger/ledger_orphans.h"
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

/* Lines that wait in the ledger until the usage log can be written, and lines that are on standard error
 * only. Asking for them also finds out whether the ledger can be used. */
static bool put_ledger(const struct services *services, struct json_writer *writer)
{
    int64_t waiting = -1, lost = -1, owed;
    const char *fault;
    bool works = ledger_works(services->ledger, &fault, &owed);
    bool known = ledger_unlogged(services->ledger, &waiting, &lost) && works;
    json_put_string(writer, "ledger", known ? "ok" : "down");
    json_put_string(writer, "ledger_fault", fault);
    json_put_count(writer, "ledger_owed", owed);
    json_put_count(writer, "records_waiting", waiting);
    json_put_count(writer, "records_lost", lost);
    return known || services->settings->ledger_down == LEDGER_DOWN_ALLOW;
}

/* Down, the ledger refuses only those who have limits. */
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
    bool logged = !usage_log_fault(services->usage_log);
    json_put_string(&writer, "version", PACKAGE_VERSION);
    json_put_string(&writer, "way", services->mode);
    if (services->pool_facts)
        put_pool(services, &writer);
    bool accounts = put_ledger(services, &writer) || !has_limits(services->settings);
    bool well = accounts && (logged || !services->settings->log_required);
    json_put_string(&writer, "usage_log", logged ? "ok" : "failing");
    json_put_string(&writer, "status", well ? "ok" : "failing");
    json_write_end(&writer);
    return well;
}
