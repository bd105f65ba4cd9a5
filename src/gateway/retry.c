/* What comes after a failed try: the same target once more, the next one, or the client is told. */
#include "gateway/retry.h"

#include "base/failure.h"
#include "config/retry_settings.h"

#define FIRST_PAUSE_MS 500
#define DOUBLINGS_MAX 20
#define LUCK_MAX 65535

static struct retry_verdict verdict(enum retry_move move)
{
    return (struct retry_verdict){.move = move};
}

/* A part of `most`, at random: those who failed together do not come back together. */
static int64_t jitter(const struct retry_history *history, int64_t most)
{
    return most * history->luck / LUCK_MAX;
}

static bool is_over(const struct retry_settings *rules, const struct retry_history *history)
{
    bool late = rules->budget_ms > 0 && history->since_ms >= rules->budget_ms;
    return history->tries >= (size_t)rules->max_attempts || late;
}

/* What is between this target and us is no matter of the caller's, and another one may well do: our account
 * is refused or empty, or an alias names a model that is not there. */
static bool is_ours(const struct failure *failure, const struct retry_history *history)
{
    switch (failure->reason) {
    case FAILURE_AUTHENTICATION:
    case FAILURE_PERMISSION:
    case FAILURE_QUOTA_EXHAUSTED:
        return !history->client_key;
    case FAILURE_MODEL_NOT_FOUND:
        return history->alias;
    default:
        return false;
    }
}

/* Whoever was silent for so long would be so again. */
static bool went_silent(const struct failure *failure)
{
    return failure->reason == FAILURE_TIMEOUT && failure->source == SOURCE_NETWORK;
}

/* Never before the time that the provider named; without one twice as long each time. */
static int64_t pause_of(const struct retry_settings *rules, const struct failure *failure,
                        const struct retry_history *history)
{
    if (failure->retry_after_ms >= 0)
        return failure->retry_after_ms + jitter(history, failure->retry_after_ms / 10);
    size_t doublings = history->here - 1 < DOUBLINGS_MAX ? history->here - 1 : DOUBLINGS_MAX;
    int64_t most = (int64_t)FIRST_PAUSE_MS << doublings;
    if (most > rules->max_wait_ms)
        most = rules->max_wait_ms;
    return most / 2 + jitter(history, most / 2);
}

static struct retry_verdict once_more(const struct retry_settings *rules, const struct failure *failure,
                                      const struct retry_history *history)
{
    int64_t wait_ms = pause_of(rules, failure, history);
    bool fits = !rules->budget_ms || history->since_ms + wait_ms < rules->budget_ms;
    if (history->here > (size_t)rules->same_target || failure->retry_after_ms > rules->max_wait_ms || !fits)
        return verdict(RETRY_NEXT);
    return (struct retry_verdict){RETRY_HERE, wait_ms};
}

struct retry_verdict retry_decide(const struct retry_settings *rules, const struct failure *failure,
                                  const struct retry_history *history)
{
    if (failure->source == SOURCE_GATEWAY || is_over(rules, history))
        return verdict(RETRY_NOT);
    if (history->unheard)
        return verdict(RETRY_FRESH);
    if (failure->reason == FAILURE_CONTEXT_LENGTH)
        return verdict(RETRY_LARGER);
    if (!failure->retryable)
        return verdict(is_ours(failure, history) ? RETRY_NEXT : RETRY_NOT);
    return went_silent(failure) ? verdict(RETRY_NEXT) : once_more(rules, failure, history);
}
