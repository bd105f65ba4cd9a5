/* In what condition the providers are, as far as the processes of this host have found out together. */
#ifndef PENSTOCK_LEDGER_PROVIDER_HEALTH_H
#define PENSTOCK_LEDGER_PROVIDER_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "ledger/breaker.h"

struct breaker_settings;
struct failure;
struct ledger;

/* What is known of a provider; a note of the ledger. */
struct provider_health_note {
    struct breaker breaker;
    int64_t cool_until_us; /* of the models that cool down the last one does so until then */
};

/* One exchange's view of one target. */
struct provider_health {
    /* given */
    struct ledger *ledger;
    const struct breaker_settings *rules;
    const char *provider, *base_url; /* another address may be another matter */
    const char *model;               /* NULL: none is named */
    bool own_key;                    /* the key is ours: its limits are those of others too */
    /* found */
    bool known; /* false: the ledger is down, and everybody counts as well */
    bool probe; /* this exchange is to find out */
    struct provider_health_note note;
};

/* Finds out, and changes nothing: for whoever only looks. */
void provider_health_look(struct provider_health *health);

/* May the target be asked? `again`: it has just been, and whatever it said of a delay is known. unavailable
 * or rate_limit, with the time that is left. */
bool provider_health_allows(struct provider_health *health, bool again, struct failure *why) MUST_CHECK;

/* Would it be refused, by what this exchange last heard of it? */
bool provider_health_is_open(const struct provider_health *health);

/* How long it will not be asked at all, and how long some of its models will not be; 0: it may be. */
void provider_health_left(const struct provider_health *health, int64_t *open_us, int64_t *cool_us);

/* What became of it. It is written down only if it changes something. */
void provider_health_report(struct provider_health *health, enum breaker_news news);

/* The provider asks not to be asked for the model for a while. */
void provider_health_start_cooldown(struct provider_health *health, int64_t delay_ms);

#endif
