/* Prepares, opens and closes the services that a process needs to run exchanges. */
#include "gateway/gateway.h"

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/services.h"
#include "config/settings.h"
#include "ledger/ledger.h"
#include "ledger/ledger_checkpoint.h"
#include "ledger/recovery.h"
#include "upstream/upstream.h"
#include "upstream/upstream_hub.h"
#include "usage/price.h"
#include "usage/usage_log.h"

#define KEPT_CONNECTIONS 4 /* for each exchange that may run at a time */

/* Created by gateway_share() in a parent and used by gateway_open() in its children, each of which owns a
 * copy. Both are NULL in a process without such a parent. The process then creates its own hub at once,
 * and reads the prices when they are needed. */
static struct upstream_hub *shared_hub;
static struct prices *shared_prices;

/* A memory page that a child writes to is no longer shared, so all that can be written before the fork is
 * written here. */
void gateway_prepare(void)
{
    unsigned char digest[DIGEST_BYTES];
    char now[CLOCK_TEXT_SIZE];
    memory_prepare();
    upstream_prepare();
    digest_sha256("", 0, digest);
    clock_format(clock_wall_us(), now);
}

static struct prices *find_prices(const struct settings *settings)
{
    return prices_create(settings->prices, DATADIR "/penstock/prices.conf");
}

/* The prices may change at each reload. The hub does not depend on the settings. */
void gateway_share(const struct settings *settings)
{
    prices_free(shared_prices);
    shared_prices = find_prices(settings);
    prices_read(shared_prices);
    if (shared_hub)
        return;
    memory_settle(); /* so that the memory that each child writes to is contiguous */
    shared_hub = upstream_hub_prewarm();
}

/* Writes the sums of the earlier usage logs at the beginning of a new usage log. */
static void begin_log(void *context)
{
    struct services *services = context;
    ledger_checkpoint_write(services->ledger, services->usage_log);
}

void gateway_open(struct services *services, const struct settings *settings, struct loop *loop,
                  size_t exchanges)
{
    *services = (struct services){
        .settings = settings,
        .loop = loop,
        .hub = shared_hub ? shared_hub : upstream_hub_create(),
        .usage_log = usage_log_open(settings->usage_path),
        .prices = shared_prices ? shared_prices : find_prices(settings),
        .ledger = ledger_open(settings),
        .key_digests = memory_alloc(settings->provider_count + 1, sizeof(uint64_t)),
    };
    ledger_wait_in(services->ledger, loop);
    upstream_hub_attach(services->hub, loop, exchanges * KEPT_CONNECTIONS);
    usage_log_when_begun(services->usage_log, begin_log, services);
}

struct services gateway_services_for_exchange(const struct services *services)
{
    struct services own = *services;
    own.upstream = upstream_create(services->hub, services->loop);
    return own;
}

void gateway_close(struct services *services)
{
    upstream_hub_destroy(services->hub);
    ledger_close(services->ledger);
    usage_log_close(services->usage_log);
    prices_free(services->prices);
    free(services->key_digests);
}

/* Recovery needs neither an upstream nor prices. */
void gateway_recover(const struct settings *settings)
{
    struct services services = {.ledger = ledger_open(settings),
                                .usage_log = usage_log_open(settings->usage_path)};
    usage_log_when_begun(services.usage_log, begin_log, &services);
    recovery_run(services.ledger, services.usage_log);
    ledger_checkpoint_write(services.ledger, services.usage_log); /* if the log was emptied meanwhile */
    usage_log_close(services.usage_log);
    ledger_close(services.ledger);
}
