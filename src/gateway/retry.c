/* Decides whether another attempt follows a failed attempt, and at which target. */
#include "gateway/retry.h"

#include "base/base.h"
#include "base/failure.h"
#include "config/settings_types.h"

#define FIRST_PAUSE_MS 500
#define DOUBLINGS_MAX 20

/* Returns a random part of `most`, so that clients that failed together do not retry together. */
static int64_t jitter(const struct retry_history *history, int64_t most)
{
    return most * history->random / UINT16_MAX;
}

/* True if the client did not cause the failure: the provider refuses the gateway's own account, or an alias
 * names a model that does not exist. Another target may succeed. */
static bool is_own_fault(const struct failure *failure, const struct retry_history *history)
{
    switch (failure->reason) {
    case FAILURE_AUTHENTICATION:
    case FAILURE_PERMISSION:
    case FAILURE_QUOTA_EXHAUSTED:
        return !history->client_key;
    case FAILURE_MODEL_NOT_FOUND:
        return history->has_alias;
    default:
        return false;
    }
}

/* A provider that was silent for the whole timeout would probably be silent again. A 504 is an answer. */
static bool was_silent(const struct failure *failure)
{
    return failure->reason == FAILURE_TIMEOUT && failure->source == SOURCE_NETWORK;
}

/* The pause is never shorter than the delay that the provider named. Without a delay, the pause doubles each
 * time. */
static int64_t pause_ms(const struct retry_settings *rules, const struct failure *failure,
                        const struct retry_history *history)
{
    if (failure->retry_after_ms >= 0)
        return failure->retry_after_ms + jitter(history, failure->retry_after_ms / 10);
    size_t doublings = min_size(history->attempts_at_target - 1, DOUBLINGS_MAX);
    int64_t most = min_int64((int64_t)FIRST_PAUSE_MS << doublings, rules->max_wait_ms);
    return most / 2 + jitter(history, most / 2);
}

/* The same target is asked again only while an attempt is left for each target that has not been asked. */
static struct retry_decision same_or_next(const struct retry_settings *rules, const struct failure *failure,
                                          const struct retry_history *history)
{
    int64_t wait_ms = pause_ms(rules, failure, history);
    size_t most = max_size((size_t)rules->max_attempts, history->targets);
    bool fits_budget = !rules->budget_ms || history->since_failure_ms + wait_ms < rules->budget_ms;
    bool may_repeat = history->attempts < most && fits_budget &&
                      history->attempts_at_target <= (size_t)rules->same_target &&
                      failure->retry_after_ms <= rules->max_wait_ms;
    if (may_repeat && history->attempts + history->targets_left < most)
        return (struct retry_decision){RETRY_SAME_TARGET, wait_ms, false};
    return (struct retry_decision){RETRY_NEXT_TARGET, wait_ms, may_repeat};
}

/* The target never saw the attempt. Without an alias the attempt counts all the same. */
static bool may_connect_again(const struct retry_settings *rules, const struct retry_history *history)
{
    return history->attempts < (size_t)rules->max_attempts || history->targets > 1;
}

struct retry_decision retry_decide(const struct retry_settings *rules, const struct failure *failure,
                                   const struct retry_history *history)
{
    enum retry_action action;
    if (failure->source == SOURCE_GATEWAY)
        action = RETRY_NOT;
    else if (history->dead_connection)
        action = may_connect_again(rules, history) ? RETRY_FRESH_CONNECTION : RETRY_NOT;
    else if (failure->reason == FAILURE_CONTEXT_LENGTH)
        action = RETRY_LARGER_TARGET;
    else if (!failure->retryable)
        action = is_own_fault(failure, history) ? RETRY_NEXT_TARGET : RETRY_NOT;
    else if (was_silent(failure) || history->held)
        action = RETRY_NEXT_TARGET;
    else
        return same_or_next(rules, failure, history);
    return (struct retry_decision){.action = action};
}
