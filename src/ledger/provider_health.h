/* The health of providers, as all processes of this host share it: breakers and cool-downs. */
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

/* The health of one target, as one exchange has read it. */
struct provider_health {
    /* set by the caller */
    struct ledger *ledger;
    const struct breaker_settings *rules;
    const char *provider, *base_url; /* a provider at another address counts as another provider */
    const char *model;               /* NULL: no model is named */
    bool own_key;                    /* the operator's key: all clients share its limits */
    /* read from the ledger */
    bool known; /* false: the ledger is down, and all providers count as healthy */
    bool probe; /* this exchange is the breaker's probe */
    struct provider_health_note note;
};

/* Reads the note from the ledger. Changes nothing. */
void provider_health_look(struct provider_health *health);

/* Returns true if a request may go to the target. `again`: this exchange has just made an attempt there,
 * and observes the delay that the provider asked for. Otherwise fails with unavailable or rate_limit, with
 * the remaining time. */
bool provider_health_allows(struct provider_health *health, bool again, struct failure *why) MUST_CHECK;

/* True if the breaker is open in the note that was last read. */
bool provider_health_is_open(const struct provider_health *health);

/* Sets how long the provider gets no requests at all, and how long some of its models get none; 0 if they
 * get requests now. */
void provider_health_left(const struct provider_health *health, int64_t *open_us, int64_t *cool_us);

/* Reports the result of an attempt. Writes to the ledger only if the result changes the note. */
void provider_health_report(struct provider_health *health, enum breaker_news news);

/* Starts a cool-down, because the provider accepts no requests for the model for `delay_ms`. */
void provider_health_start_cooldown(struct provider_health *health, int64_t delay_ms);

#endif
