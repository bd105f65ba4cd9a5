/* Tries one target after the other until one of them answers (contract, section 8).
 *
 * Any target may answer as long as the client has seen nothing of an answer. After a failed attempt retry.c
 * decides what comes next, and this file carries out the decision: pause and try again, or switch to the next
 * target behind the alias. During a pause the client may leave, and a stream's client gets keepalives. */
#include "gateway/attempts.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/services.h"
#include "config/settings.h"
#include "gateway/attempt_setup.h"
#include "gateway/exchange_accounting.h"
#include "gateway/exchange_internal.h"
#include "gateway/retry.h"
#include "relay/relay.h"
#include "upstream/upstream.h"
#include "usage/exchange_end.h"

struct attempts {
    struct exchange *exchange;
    struct relay_job job;      /* of the last attempt */
    size_t target_index;       /* position of the current target behind its alias */
    size_t attempts_at_target; /* at the current target */
    int64_t body_read;         /* bytes of the client's body that were read before the first attempt */
    int64_t first_failure_us;  /* clock_monotonic_us() after the first failed attempt; 0: none has failed */
    int64_t soonest_ms; /* time until the first unavailable target is available; -1: none was unavailable */
    bool client_gone;   /* the client left between two attempts */
};

/* ---- one attempt ---- */

/* True if a kept connection was dead. The provider may never have seen the request and is not at fault. */
static bool failed_on_dead_connection(const struct exchange *exchange, const struct failure *why)
{
    const struct upstream_answer *answer = upstream_answer(exchange->services->upstream);
    return why->reason == FAILURE_UPSTREAM_CUT && answer->reused && answer->head.first_byte_us < 0;
}

/* Reports the result of the attempt to the breaker and the cool-down. `why` is NULL after an answer. */
static void report_result(struct exchange *exchange, const struct failure *why)
{
    struct provider_health *health = &exchange->setup.health;
    const struct failure *failure = why ? why : &exchange->result.failure;
    bool unknown = why ? failed_on_dead_connection(exchange, why) : exchange->result.end == END_CLIENT_GONE;
    provider_health_report(health, unknown ? BREAKER_UNKNOWN : breaker_judge(failure));
    if (failure->reason == FAILURE_RATE_LIMIT && failure->retryable)
        provider_health_start_cooldown(health, failure->retry_after_ms);
}

static bool make_attempt(struct attempts *attempts, struct failure *why)
{
    struct exchange *exchange = attempts->exchange;
    struct record *record = &exchange->record;
    struct attempt *attempt = &record->attempts[record->attempt_count++]; /* the count is in a header */
    int64_t started_us = clock_monotonic_us();
    attempts->attempts_at_target++;
    dialect_begin(&exchange->setup.dialect, exchange->arena);
    attempts->job = attempt_job(exchange);
    bool answered = relay_run(&attempts->job, &exchange->result, why);
    *attempt = (struct attempt){
        .provider = record->facts.provider,
        .model = record->facts.model,
        .status = upstream_answer(exchange->services->upstream)->head.status,
        .reason = answered ? exchange->result.failure.reason : why->reason,
        .duration_us = clock_monotonic_us() - started_us,
    };
    report_result(exchange, answered ? NULL : why);
    return answered;
}

/* ---- the next target ---- */

/* Checks the breaker and the cool-downs, which all processes share. */
static bool is_available(struct attempts *attempts, struct failure *why)
{
    if (provider_health_allows(&attempts->exchange->setup.health, false, why))
        return true;
    if (attempts->soonest_ms < 0 || why->retry_after_ms < attempts->soonest_ms)
        attempts->soonest_ms = why->retry_after_ms;
    return false;
}

/* Finds the next target after `*index`. If `larger` is true, finds the next target with a larger context. */
static bool find_next_target(const struct exchange *exchange, const struct alias_settings *alias,
                             size_t *index, bool larger, struct target *target)
{
    while (alias && ++*index < alias->targets.count)
        if ((!larger || target_is_larger(alias, *index)) &&
            target_at(exchange->services->settings, exchange->arena, exchange->client_request.model, *index,
                      target))
            return true;
    return false;
}

/* Switches to the next available target that can take the request. Returns false if there is none. The
 * exchange then keeps its last target but cannot send again, because the targets share the request's body,
 * and the last candidate has changed it. */
static bool try_next_target(struct attempts *attempts, bool larger)
{
    struct exchange *exchange = attempts->exchange;
    const struct attempt_setup last = exchange->setup;
    size_t index = attempts->target_index;
    struct target target;
    struct failure ignored;
    while (find_next_target(exchange, last.target.alias, &index, larger, &target))
        if (attempt_set_target(exchange, &target, &ignored) && attempt_prepare(exchange, &ignored) &&
            is_available(attempts, &ignored)) {
            attempts->target_index = index;
            attempts->attempts_at_target = 0;
            return true;
        }
    exchange->setup = last;
    exchange->record.facts.provider = last.target.provider->name;
    exchange->record.facts.model = last.target.model;
    return false;
}

/* True if the target has no key or must not be used now. The request itself is valid, and another target may
 * accept it. */
static bool is_fault_of_target(const struct failure *why)
{
    return strcmp(why->code, PROVIDER_KEY_MISSING) == 0 || why->reason == FAILURE_AUTHENTICATION ||
           why->reason == FAILURE_UNAVAILABLE || why->reason == FAILURE_RATE_LIMIT;
}

/* Prepares the chosen target, or else the next target. If all targets are unavailable, the failure's delay is
 * the time until the first of them is available. */
static bool prepare_first_target(struct attempts *attempts, struct failure *why)
{
    if (attempt_prepare(attempts->exchange, why) && is_available(attempts, why))
        return true;
    if (is_fault_of_target(why) && try_next_target(attempts, false))
        return true;
    if (why->retryable && attempts->soonest_ms >= 0)
        why->retry_after_ms = attempts->soonest_ms;
    return false;
}

/* ---- after a failure ---- */

/* Do not retry through an open breaker, even if this failure just opened it. */
static bool retry_same_target(struct attempts *attempts, int64_t pause_ms, struct failure *why)
{
    struct exchange *exchange = attempts->exchange;
    struct provider_health *health = &exchange->setup.health;
    struct failure ignored;
    if (provider_health_is_open(health))
        return try_next_target(attempts, false);
    enum relay_event event = relay_pause(&attempts->job, &exchange->result, pause_ms, why);
    attempts->client_gone = event == RELAY_CLIENT_GONE;
    if (event != RELAY_TIMEOUT)
        return false;
    return provider_health_allows(health, true, &ignored) || try_next_target(attempts, false);
}

static bool retry_on_fresh_connection(struct attempts *attempts)
{
    attempts->exchange->setup.prepared.upstream.fresh = true;
    attempts->attempts_at_target--; /* the target never saw that attempt */
    return true;
}

static uint16_t random16(void)
{
    uint16_t number = 0;
    return getrandom(&number, sizeof number, 0) == (ssize_t)sizeof number ? number : 0;
}

static struct retry_decision decide(struct attempts *attempts, const struct failure *why)
{
    const struct exchange *exchange = attempts->exchange;
    const struct attempt_setup *setup = &exchange->setup;
    int64_t now_us = clock_monotonic_us();
    if (!attempts->first_failure_us)
        attempts->first_failure_us = now_us;
    struct retry_history history = {
        .attempts = exchange->record.attempt_count,
        .attempts_at_target = attempts->attempts_at_target,
        .since_failure_ms = (now_us - attempts->first_failure_us) / 1000,
        .has_alias = setup->target.alias,
        .client_key = provider_takes_key(setup->target.provider, &setup->provider_data),
        .dead_connection = failed_on_dead_connection(exchange, why),
        .random = random16(),
    };
    return retry_decide(&exchange->services->settings->retry, why, &history);
}

/* A body that is not held in memory cannot be sent again once a part of it has been read. */
static bool can_send_body_again(const struct attempts *attempts)
{
    const struct exchange *exchange = attempts->exchange;
    return !exchange->setup.prepared.upstream.rest || exchange->request.body_read == attempts->body_read;
}

/* Prepares the exchange for another attempt. Returns false if the last failure is final. */
static bool prepare_retry(struct attempts *attempts, struct failure *why)
{
    if (!can_send_body_again(attempts))
        return false;
    struct retry_decision decision = decide(attempts, why);
    switch (decision.action) {
    case RETRY_FRESH_CONNECTION:
        return retry_on_fresh_connection(attempts);
    case RETRY_SAME_TARGET:
        return retry_same_target(attempts, decision.wait_ms, why);
    case RETRY_NEXT_TARGET:
        return try_next_target(attempts, false);
    case RETRY_LARGER_TARGET:
        return try_next_target(attempts, true);
    case RETRY_NOT:
        break;
    }
    return false;
}

/* Returns false if the response has not begun; the caller then makes the failure the response. */
static bool end_without_answer(struct attempts *attempts, const struct failure *why)
{
    struct exchange *exchange = attempts->exchange;
    if (attempts->client_gone)
        return true;
    if (!exchange->response.begun)
        return false;
    /* The client has seen nothing of the failed answer. */
    dialect_begin(&exchange->setup.dialect, exchange->arena);
    relay_fail(&attempts->job, &exchange->result, why);
    return true;
}

bool attempts_run(struct exchange *exchange, struct failure *why)
{
    struct attempts attempts = {
        .exchange = exchange, .body_read = exchange->request.body_read, .soonest_ms = -1};
    exchange->first_attempt_us = clock_monotonic_us();
    if (!prepare_first_target(&attempts, why))
        return false;
    while (!make_attempt(&attempts, why)) {
        int64_t cost = accounting_attempt_cost(exchange); /* before the target changes */
        if (!prepare_retry(&attempts, why))
            return end_without_answer(&attempts, why);
        if (cost > 0 && cost < INT64_MAX - exchange->wasted_cost)
            exchange->wasted_cost += cost;
    }
    return true;
}
