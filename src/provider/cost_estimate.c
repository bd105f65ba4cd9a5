/* Estimates the cost of a request before it is sent.
 *
 * The bound on costs must hold although not every model has a public tokenizer. A text never has more tokens
 * than bytes, so the length of the body bounds the cost of the prompt. For limits on tokens per minute, an
 * estimate of four bytes per token is sufficient. The length of the answer is bounded only if the request
 * sets a bound. */
#include "provider/cost_estimate.h"

#include <string.h>

#include "base/base.h"
#include "base/failure.h"
#include "config/settings.h"
#include "routing/target.h"
#include "usage/price.h"
#include "usage/price_file.h"
#include "usage/request_bounds.h"

#define BYTES_PER_TOKEN 4
#define BILLIONTHS_PER_TOKEN 1000 /* at a price of one USD per million tokens */

static void raise_cost(struct cost_estimate *estimate, const struct price *price, int64_t length,
                       bool answers)
{
    double input = max_double(price->input, price->cache_write), output = max_double(price->output, 0);
    int64_t prompt_cost = round_up(max_double(input, 0) * BILLIONTHS_PER_TOKEN * (double)length);
    int64_t completion_cost = answers ? round_up(output * BILLIONTHS_PER_TOKEN) : 0;
    if (prompt_cost > estimate->prompt_cost)
        estimate->prompt_cost = prompt_cost;
    if (completion_cost > estimate->completion_cost)
        estimate->completion_cost = completion_cost;
}

struct cost_estimate cost_estimate_make(const struct settings *settings, struct prices *prices,
                                        struct arena *arena, const struct target *target,
                                        struct json_value body, int64_t length, bool answers)
{
    struct price price;
    struct target other;
    struct failure ignored;
    struct cost_estimate estimate = {
        .prompt_tokens = (length + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN,
        .completion_max = answers ? request_completion_max(body) : 0,
    };
    if (target->model &&
        price_find(prices, target->provider->name, target->provider->preset_name, target->model, &price))
        raise_cost(&estimate, &price, length, answers);
    for (size_t i = 0; target->alias && i < target->alias->targets.count; i++)
        if (target_find(settings, arena, target->alias->targets.items[i], &other, &ignored) && other.model &&
            price_find(prices, other.provider->name, other.provider->preset_name, other.model, &price))
            raise_cost(&estimate, &price, length, answers);
    return estimate;
}
