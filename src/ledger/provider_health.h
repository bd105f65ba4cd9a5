/* The health of providers and their models, as all processes of this host share it. */
#ifndef PENSTOCK_LEDGER_PROVIDER_HEALTH_H
#define PENSTOCK_LEDGER_PROVIDER_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "ledger/breaker.h"

struct breaker_settings;
struct failure;
struct ledger;

/* Something that lasts until a success, and that the error log reports once: a refused key or an empty
 * account. Only a success of the same model ends it, because another model may not be concerned. */
struct complaint {
    int64_t since_us; /* 0: there is none */
    uint64_t model;   /* digest of the model that was asked */
};

/* The notes in the ledger: of a provider, of one of its models, of a model asked with one key. */
struct provider_note {
    struct breaker breaker; /* open: no connection can be made */
    uint64_t key;           /* digest of the operator's key that the complaints are about */
    struct complaint refused, empty;
};

struct model_note {
    struct breaker breaker; /* open: the model fails */
};

/* The health of one target, as one exchange has read it. */
struct provider_health {
    /* set by the caller */
    struct ledger *ledger;
    const struct breaker_settings *rules;
    const char *provider, *base_url; /* a provider at another address counts as another provider */
    const char *model;               /* NULL: no model is named */
    uint64_t key;                    /* digest of the key that the request uses */
    bool own_key;                    /* that key is the operator's */
    /* read from the ledger */
    bool known; /* false: the ledger is down, and all targets count as healthy */
    bool probes_provider, probes_model,
        looks; /* this exchange is the probe of the breaker, of the cool-down */
    struct provider_note provider_note;
    struct model_note model_note;
    struct cooldown cooldown;
};

/* Reads the notes from the ledger. Changes nothing. */
void provider_health_look(struct provider_health *health);

/* Returns true if a request may go to the target. `again`: this exchange has just made an attempt there,
 * and observes the delay that the provider asked for. Otherwise fails with unavailable or rate_limit, with
 * the remaining time. */
bool provider_health_allows(struct provider_health *health, bool again, struct failure *why) MUST_CHECK;

/* The same without becoming a probe, for a request that may go to another target. */
bool provider_health_would_allow(struct provider_health *health, struct failure *why) MUST_CHECK;

/* True if a breaker of the target is open in the notes that were last read. */
bool provider_health_is_open(const struct provider_health *health);

/* Reports the result of an attempt (NULL: its answer has begun to pass to the client). `reached` is false if
 * no connection was made. A rate limit with a delay starts a cool-down. Writes to the ledger only if the
 * result changes the notes; the error log reports breakers that open and close, refused keys and empty
 * accounts. */
void provider_health_report(struct provider_health *health, const struct failure *result, bool reached);

/* Withdraws from a probe, because the attempt had no result. */
void provider_health_withdraw(struct provider_health *health);

#endif
