/* What a request may cost, told before it is sent. */
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
    int64_t prompt_cost;     /* at most; 0: nobody knows a price */
    int64_t completion_cost; /* of one token */
    int64_t completion_most; /* tokens; -1: the request sets no bound */
};

/* Of a request with this body (absent: it is not held) of `length` bytes; `answers`: in tokens of its own, as
 * a chat, and not as an embedding. Where several targets may answer, it is told for the dearest. */
struct cost_estimate cost_estimate_make(const struct settings *settings, struct prices *prices,
                                        struct arena *arena, const struct target *target,
                                        struct json_value body, int64_t length, bool answers);

#endif
