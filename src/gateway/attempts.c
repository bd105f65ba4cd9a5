/* Tries one target after the other until one of them answers (contract, section 8).
 *
 * Any target may answer as long as the client has seen nothing of an answer. After a failed attempt retry.c
 * decides what comes next, and this file carries out the decision: pause and try again, or switch to the next
 * target behind the alias. Targets with an open breaker and targets that cool down are passed over, and may
 * be asked later. During a pause the client may leave, and a stream's client gets keepalives. */
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
#include "routing/passthrough.h"
#include "routing/route.h"
#include "upstream/upstream.h"
#include "usage/exchange_end.h"

struct attempts {
    struct exchange *exchange;
    struct relay_job job;      /* of the last attempt */
    size_t order[TARGETS_MAX]; /* positions of the targets behind the alias, the first to ask first */
    bool over[TARGETS_MAX];    /* by place in `order`: the target was asked, or it cannot take the request */
    size_t count, place;       /* number of targets; place of the current one */
    bool larger;               /* only targets with a larger context can take the request */
    bool unprepared;           /* the request is prepared for another target than the current one */
    size_t attempts_at_target; /* at the current target */
    int64_t body_read;         /* bytes of the client's body that were read before the first attempt */
    int64_t first_failure_us;  /* clock_monotonic_us() after the first failed attempt; 0: none has failed */
    int64_t soonest_ms; /* time until the first unavailable target is available; -1: none was unavailable */
    bool client_gone;   /* the client left between two attempts */
};

/* ---- the targets ---- */

static uint32_t random32(void)
{
    uint32_t number = 0;
    return getrandom(&number, sizeof number, 0) == (ssize_t)sizeof number ? number : 0;
}

static void open_targets(struct attempts *attempts)
{
    const struct alias_settings *alias = attempts->exchange->setup.target.alias;
    attempts->count = 1;
    if (!alias)
        return;
    attempts->count = min_size(alias->targets.count, TARGETS_MAX);
    target_draw_order(alias, attempts->order, random32);
}

/* True if the target at the place may still be asked. A target without an alias is never one of several. */
static bool is_left(const struct attempts *attempts, size_t place)
{
    const struct alias_settings *alias = attempts->exchange->setup.target.alias;
    return alias && !attempts->over[place] &&
           (!attempts->larger || target_is_larger(alias, attempts->order[place]));
}

static size_t count_left(const struct attempts *attempts)
{
    size_t left = 0;
    for (size_t i = 0; i < attempts->count; i++)
        left += is_left(attempts, i);
    return left;
}

static bool find_target(struct attempts *attempts, size_t place, struct target *target)
{
    const struct exchange *exchange = attempts->exchange;
    bool found = target_at(exchange->services->settings, exchange->arena, exchange->client_request.model,
                           attempts->order[place], target);
    if (!found)
        attempts->over[place] = true;
    return found;
}

static bool note_unavailable(struct attempts *attempts, const struct failure *why)
{
    if (why->retry_after_ms >= 0 && (attempts->soonest_ms < 0 || why->retry_after_ms < attempts->soonest_ms))
        attempts->soonest_ms = why->retry_after_ms;
    return false;
}

/* Checks the breakers and the cool-down, which all processes share. */
static bool is_available(struct attempts *attempts, struct failure *why)
{
    return provider_health_allows(&attempts->exchange->setup.health, false, why) ||
           note_unavailable(attempts, why);
}

/* Makes the target at the place the current one. The targets share the request's body, so the request to
 * another target is lost. */
static bool prepare_target(struct attempts *attempts, size_t place, const struct target *target,
                           struct failure *why)
{
    attempts->unprepared = place != attempts->place;
    if (attempt_set_target(attempts->exchange, target, why) && attempt_prepare(attempts->exchange, why))
        return true;
    attempts->over[place] = true;
    return false;
}

static bool try_place(struct attempts *attempts, size_t place)
{
    struct exchange *exchange = attempts->exchange;
    struct failure ignored;
    struct target target;
    if (!find_target(attempts, place, &target))
        return false;
    if (!attempt_may_ask(exchange, &target, &ignored)) {
        attempts->over[place] = ignored.reason != FAILURE_UNAVAILABLE && ignored.reason != FAILURE_RATE_LIMIT;
        return note_unavailable(attempts, &ignored);
    }
    if (!prepare_target(attempts, place, &target, &ignored) || !is_available(attempts, &ignored))
        return false;
    attempts->place = place;
    attempts->unprepared = false;
    attempts->attempts_at_target = 0;
    return true;
}

/* Switches to the first target that has not been asked, is available and can take the request. Returns false
 * if there is none; the exchange then keeps its last target. */
static bool try_next_target(struct attempts *attempts)
{
    struct exchange *exchange = attempts->exchange;
    const struct attempt_setup last = exchange->setup;
    for (size_t i = 0; i < attempts->count; i++)
        if (is_left(attempts, i) && try_place(attempts, i))
            return true;
    exchange->setup = last;
    exchange->record.facts.provider = last.target.provider->name;
    exchange->record.facts.model = last.target.model;
    return false;
}

/* True if another target could be asked after a timeout at the current one. */
static bool can_move_on(struct attempts *attempts)
{
    struct failure ignored;
    struct target target;
    for (size_t i = 0; i < attempts->count; i++)
        if (i != attempts->place && is_left(attempts, i) && find_target(attempts, i, &target) &&
            attempt_may_ask(attempts->exchange, &target, &ignored))
            return true;
    return false;
}

/* True if the target has no key or must not be used now. The request itself is valid, and another target may
 * accept it. */
static bool is_fault_of_target(const struct failure *why)
{
    return strcmp(why->code, PROVIDER_KEY_MISSING) == 0 || why->reason == FAILURE_AUTHENTICATION ||
           why->reason == FAILURE_UNAVAILABLE || why->reason == FAILURE_RATE_LIMIT ||
           why->reason == FAILURE_FORBIDDEN; /* it has no price */
}

/* Finds the first target in order that can be resolved; the client's request was accepted for one. */
static bool choose_first_place(struct attempts *attempts, struct failure *why)
{
    struct exchange *exchange = attempts->exchange;
    const struct target *chosen = &exchange->setup.target;
    struct target target;
    if (!chosen->alias)
        return true;
    while (attempts->place + 1 < attempts->count && !find_target(attempts, attempts->place, &target))
        attempts->place++;
    if (attempts->order[attempts->place] == chosen->index)
        return true;
    return attempt_set_target(exchange, &target, why);
}

/* Prepares the first target, or else the next one. If all targets are unavailable, the failure's delay is the
 * time until the first of them is available. */
static bool prepare_first_target(struct attempts *attempts, struct failure *why)
{
    if (!choose_first_place(attempts, why))
        return false;
    if (attempt_prepare(attempts->exchange, why) && is_available(attempts, why))
        return true;
    if (is_fault_of_target(why) && try_next_target(attempts))
        return true;
    if (why->retryable && attempts->soonest_ms >= 0)
        why->retry_after_ms = attempts->soonest_ms;
    return false;
}

/* ---- one attempt ---- */

/* True if a kept connection was dead. The provider may never have seen the request and is not at fault. */
static bool failed_on_dead_connection(const struct exchange *exchange, const struct failure *why)
{
    const struct upstream_answer *answer = upstream_answer(exchange->services->upstream);
    return why->reason == FAILURE_UPSTREAM_CUT && answer->reused && answer->head.first_byte_us < 0;
}

/* True if a connection to the provider was made. */
static bool was_reached(const struct exchange *exchange, const struct failure *why)
{
    const struct upstream_answer *answer = upstream_answer(exchange->services->upstream);
    switch (why->reason) {
    case FAILURE_CONNECT:
    case FAILURE_DNS:
    case FAILURE_TLS:
        return false;
    case FAILURE_TIMEOUT:
        return why->source != SOURCE_NETWORK || answer->headers_done || answer->reached;
    default:
        return true;
    }
}

/* Reports the result of the attempt to the breakers and the cool-down. `why` is NULL after an answer. */
static void report_result(struct exchange *exchange, const struct failure *why)
{
    struct provider_health *health = &exchange->setup.health;
    const struct failure *failure = why ? why : &exchange->result.failure;
    bool unknown = why ? failed_on_dead_connection(exchange, why) : exchange->result.end == END_CLIENT_GONE;
    bool is_reachable = was_reached(exchange, failure);
    if (exchange->route->counts && is_reachable)
        unknown = true; /* providers limit counts by themselves: they say nothing about the model */
    if (unknown)
        provider_health_withdraw(health);
    else
        provider_health_report(health, failure, is_reachable);
}

static bool make_attempt(struct attempts *attempts, struct failure *why)
{
    struct exchange *exchange = attempts->exchange;
    struct record *record = &exchange->record;
    struct attempt *attempt = &record->attempts[record->attempt_count++]; /* the count is in a header */
    int64_t started_us = clock_monotonic_us();
    attempts->attempts_at_target++;
    attempts->over[attempts->place] = true;
    attempt_set_limits(exchange, can_move_on(attempts));
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

/* ---- after a failure ---- */

/* Prepares the current target again, if the request was prepared for another target meanwhile. */
static bool prepare_again(struct attempts *attempts)
{
    struct exchange *exchange = attempts->exchange;
    const struct target target = exchange->setup.target;
    struct failure ignored;
    if (!attempts->unprepared)
        return true;
    attempts->unprepared = false;
    return attempt_set_target(exchange, &target, &ignored) && attempt_prepare(exchange, &ignored);
}

/* Do not retry through an open breaker, even if this failure just opened it. */
static bool retry_same_target(struct attempts *attempts, int64_t pause_ms, struct failure *why)
{
    struct exchange *exchange = attempts->exchange;
    struct failure ignored;
    if (provider_health_is_open(&exchange->setup.health))
        return try_next_target(attempts);
    enum relay_event event = relay_pause(&attempts->job, &exchange->result, pause_ms, why);
    attempts->client_gone = event == RELAY_CLIENT_GONE;
    if (event != RELAY_TIMEOUT)
        return false;
    return (prepare_again(attempts) && provider_health_allows(&exchange->setup.health, true, &ignored)) ||
           try_next_target(attempts);
}

static bool retry_on_fresh_connection(struct attempts *attempts)
{
    attempts->exchange->setup.prepared.upstream.fresh = true;
    attempts->attempts_at_target--; /* the target never saw that attempt */
    return true;
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
        .targets = attempts->count,
        .targets_left = count_left(attempts),
        .since_failure_ms = (now_us - attempts->first_failure_us) / 1000,
        .has_alias = setup->target.alias,
        .client_key = provider_takes_key(setup->target.provider, &setup->provider_data),
        .dead_connection = failed_on_dead_connection(exchange, why),
        .held = exchange->result.held,
        .random = (uint16_t)random32(),
    };
    return retry_decide(&exchange->services->settings->retry, why, &history);
}

/* A body that is not held in memory cannot be sent again once a part of it has been read. */
static bool can_send_again(const struct attempts *attempts)
{
    const struct exchange *exchange = attempts->exchange;
    return exchange->record.attempt_count < ATTEMPTS_MAX &&
           (!exchange->setup.prepared.upstream.rest || exchange->request.body_read == attempts->body_read);
}

/* A request to a path without a route may create something each time it is sent. */
static bool may_repeat(const struct exchange *exchange)
{
    return exchange->route->kind != ROUTE_OTHER || passthrough_is_safe(&exchange->request);
}

/* Prepares the exchange for another attempt. Returns false if the last failure is final. */
static bool prepare_retry(struct attempts *attempts, struct failure *why)
{
    if (!can_send_again(attempts))
        return false;
    struct retry_decision decision = decide(attempts, why);
    if (decision.action != RETRY_FRESH_CONNECTION && !may_repeat(attempts->exchange))
        return false;
    switch (decision.action) {
    case RETRY_FRESH_CONNECTION:
        return retry_on_fresh_connection(attempts);
    case RETRY_SAME_TARGET:
        return retry_same_target(attempts, decision.wait_ms, why);
    case RETRY_LARGER_TARGET:
        attempts->larger = true;
        return try_next_target(attempts);
    case RETRY_NEXT_TARGET:
        return try_next_target(attempts) ||
               (decision.same_if_none && retry_same_target(attempts, decision.wait_ms, why));
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
    open_targets(&attempts);
    exchange->first_attempt_us = clock_monotonic_us();
    if (!prepare_first_target(&attempts, why))
        return false;
    while (!make_attempt(&attempts, why)) {
        int64_t cost = accounting_attempt_cost(exchange); /* before the target changes */
        bool affordable = cost <= 0 || accounting_reserve_attempt(exchange);
        if (!affordable || !prepare_retry(&attempts, why))
            return end_without_answer(&attempts, why);
        if (cost > 0 && cost < INT64_MAX - exchange->wasted_cost)
            exchange->wasted_cost += cost;
    }
    return true;
}
