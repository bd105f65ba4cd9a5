/* What a process needs to run exchanges: prepared before it is forked, opened by it, closed at its end. */
#include "gateway/gateway.h"

#include <stddef.h>
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
#include "usage/price.h"
#include "usage/usage_log.h"

/* Made by gateway_share() in a parent, found by gateway_open() in its children, each of which owns a copy. In
 * a process without such a parent both are NULL, and it makes its own: the upstream at once, the prices when
 * it needs them. */
static struct upstream *shared_upstream;
static struct prices *shared_prices;

/* A page that a process writes to becomes its own, so whatever can be written before the fork is. */
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

/* The prices may be other ones at each reload; the upstream depends on no setting. */
void gateway_share(const struct settings *settings)
{
    prices_free(shared_prices);
    shared_prices = find_prices(settings);
    prices_read(shared_prices);
    if (shared_upstream)
        return;
    memory_settle(); /* so that what each child will write to lies together */
    shared_upstream = upstream_prewarm();
}

/* A usage log that was just created begins with the sums of the earlier ones. */
static void begin_log(void *context)
{
    struct services *services = context;
    ledger_checkpoint_write(services->ledger, services->usage_log);
}

void gateway_open(struct services *services, const struct settings *settings)
{
    *services = (struct services){
        .settings = settings,
        .upstream = shared_upstream ? shared_upstream : upstream_create(),
        .usage_log = usage_log_open(settings->usage_path),
        .prices = shared_prices ? shared_prices : find_prices(settings),
        .ledger = ledger_open(settings),
        .stop = -1,
    };
    usage_log_when_begun(services->usage_log, begin_log, services);
}

void gateway_close(struct services *services)
{
    upstream_destroy(services->upstream);
    ledger_close(services->ledger);
    usage_log_close(services->usage_log);
    prices_free(services->prices);
    if (services->stop >= 0)
        close(services->stop);
}

/* Without an upstream and prices, which it does not need. */
void gateway_recover(const struct settings *settings)
{
    struct services services = {.ledger = ledger_open(settings),
                                .usage_log = usage_log_open(settings->usage_path)};
    usage_log_when_begun(services.usage_log, begin_log, &services);
    recovery_run(services.ledger, services.usage_log);
    usage_log_close(services.usage_log);
    ledger_close(services.ledger);
}
