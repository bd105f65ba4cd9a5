/* One request, and the providers that are tried for its answer. */
#include "tries.h"

#include "asking.h"
#include "clock.h"
#include "exchange_shape.h"
#include "gateway.h"
#include "relay.h"
#include "upstream.h"

/* One try at the target; its line in the record. */
static bool attempt(struct exchange *exchange, const struct upstream_request *request, struct failure *why)
{
    struct record *record = &exchange->record;
    struct attempt *attempt = &record->attempts[record->attempt_count++];
    int64_t started_us = clock_monotonic_us();
    exchange->job.heading = asking_heading(exchange);
    exchange->job.refusal = asking_refusal(exchange);
    bool answered = relay_run(&exchange->job, request, why);
    const struct upstream_answer *answer = upstream_answer(exchange->gateway->upstream);
    *attempt = (struct attempt){
        .provider = record->provider,
        .model = record->model,
        .status = answer->status,
        .reason = answered ? exchange->job.failure.reason : why->reason,
        .duration_us = clock_monotonic_us() - started_us,
    };
    return answered;
}

/* A kept connection may die under a request that nobody will answer (contract, section 8): once more, on a
 * fresh one. */
static bool died_unheard(const struct exchange *exchange, const struct failure *why)
{
    const struct upstream_answer *answer = upstream_answer(exchange->gateway->upstream);
    return why->reason == FAILURE_UPSTREAM_CUT && answer->reused && answer->first_byte_us < 0;
}

bool tries_run(struct exchange *exchange, struct failure *why)
{
    struct upstream_request request;
    if (!asking_prepare(exchange, &request, why))
        return false;
    bool answered = attempt(exchange, &request, why);
    if (!answered && !request.rest && died_unheard(exchange, why)) {
        request.fresh = true;
        answered = attempt(exchange, &request, why);
    }
    return answered;
}
