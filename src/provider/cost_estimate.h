/* What a request may cost, estimated before it is sent. */
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
    int64_t prompt_tokens;   /* probably */
    int64_t prompt_cost;     /* at most; 0: no price is known */
    int64_t completion_cost; /* of one token */
    int64_t completion_max;  /* tokens; -1: the request sets no bound */
};

/* For a request with this body (absent: it is not in memory) of `length` bytes; `answers`: the answer has
 * tokens of its own, unlike that of an embedding. Where an alias has several targets, the most expensive one
 * counts. */
struct cost_estimate cost_estimate_make(const struct settings *settings, struct prices *prices,
                                        struct arena *arena, const struct target *target,
                                        struct json_value body, int64_t length, bool answers);

#endif
