/* Lists and lifts the breakers and cool-downs that the ledger notes. */
#ifndef PENSTOCK_LEDGER_HEALTH_LIST_H
#define PENSTOCK_LEDGER_HEALTH_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "ledger/health_name.h"

struct breaker_settings;
struct ledger;

struct health_item {
    enum health_kind kind;
    char provider[HEALTH_NAME_SIZE];
    char model[HEALTH_NAME_SIZE]; /* "" in a note about a provider; a long name is shown as a digest */
    int64_t failures;             /* consecutive, of a breaker */
    bool open;                    /* the breaker is open, or the model cools down */
    int64_t left_us;              /* time until the next request is let through */
};

/* Visits every breaker and cool-down that is open or has failures. Returns false if the ledger is down. */
bool health_list(struct ledger *ledger, const struct breaker_settings *rules,
                 void (*visit)(void *context, const struct health_item *item), void *context) MUST_CHECK;

/* Removes the breakers, cool-downs and complaints about a provider (NULL: all) and its model (NULL: all),
 * and visits those that were open. A model's provider keeps its own breaker. Returns false if the ledger is
 * down. */
bool health_forget(struct ledger *ledger, const struct breaker_settings *rules, const char *provider,
                   const char *model, void (*visit)(void *context, const struct health_item *item),
                   void *context) MUST_CHECK;

#endif
