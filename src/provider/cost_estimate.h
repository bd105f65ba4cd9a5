/* Estimates the cost of a request before it is sent. */
#ifndef PENSTOCK_PROVIDER_COST_ESTIMATE_H
#define PENSTOCK_PROVIDER_COST_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

#include "format/json.h"

struct alias_settings;
struct arena;
struct prices;
struct settings;
struct target;

/* Money in billionths of a USD. */
struct cost_estimate {
    int64_t prompt_tokens;   /* estimated */
    int64_t prompt_cost;     /* upper bound; 0: no price is known */
    int64_t completion_cost; /* cost of one token */
    int64_t completion_max;  /* in tokens; -1: the request sets no bound */
};

/* Estimates a request whose body has `length` bytes; `body` is absent if it is not in memory. `answers` is
 * true if a model generates the answer, and false for an embedding. If an alias has several targets, the most
 * expensive one counts. */
struct cost_estimate cost_estimate_make(const struct settings *settings, struct prices *prices,
                                        struct arena *arena, const struct target *target,
                                        struct json_value body, int64_t length, bool answers);

#endif
