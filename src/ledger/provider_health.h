/* The health of providers, as all processes of this host know it: breakers and cool-downs. */
#ifndef PENSTOCK_LEDGER_PROVIDER_HEALTH_H
#define PENSTOCK_LEDGER_PROVIDER_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "ledger/breaker.h"

struct breaker_settings;
struct failure;
struct ledger;

/* The note in the ledger about a provider. */
struct provider_health_note {
    struct breaker breaker;
    int64_t cool_until_us; /* since 1970: the end of the longest cool-down of its models */
};

/* What one exchange knows about one target. */
struct provider_health {
    /* set by the caller */
    struct ledger *ledger;
    const struct breaker_settings *rules;
    const char *provider, *base_url; /* at another address the provider is another one */
    const char *model;               /* NULL: none is named */
    bool own_key;                    /* the operator's key: all clients share its limits */
    /* read from the ledger */
    bool known; /* false: the ledger is down, and all providers count as healthy */
    bool probe; /* this exchange is the breaker's probe */
    struct provider_health_note note;
};

/* Reads the note and changes nothing. */
void provider_health_look(struct provider_health *health);

/* May a request go to the target? `again`: this exchange has just made an attempt there, and keeps the delay
 * that the provider asked for. If not, `why` is unavailable or rate_limit, with the time that is left. */
bool provider_health_allows(struct provider_health *health, bool again, struct failure *why) MUST_CHECK;

/* Is the breaker open, by the note as it was last read? */
bool provider_health_is_open(const struct provider_health *health);

/* How long the provider gets no requests at all, and how long some of its models get none; 0: not at all. */
void provider_health_left(const struct provider_health *health, int64_t *open_us, int64_t *cool_us);

/* Reports the result of an attempt. The ledger is written to only if that changes something. */
void provider_health_report(struct provider_health *health, enum breaker_news news);

/* The provider wants no requests for the model for a while. */
void provider_health_start_cooldown(struct provider_health *health, int64_t delay_ms);

#endif
