/* Circuit breakers and cool-downs: the state and its rules.
 *
 * A closed breaker counts consecutive failures and opens when they reach the limit. Once it has been open for
 * its time it lets one request through, the probe, whose result closes the breaker or opens it again. A
 * cool-down that is longer than the longest allowed ends in the same way. provider_health.c keeps the state,
 * and shares it among processes. */
#include "ledger/breaker.h"

#include "base/base.h"
#include "base/clock.h"
#include "base/failure.h"
#include "config/settings_types.h"

#define AGAIN_US 1000000 /* a request that waits for a probe of a living process looks again so soon */

/* Returns how long to wait for the result of the pending probe, 0 if there is none. A process whose state is
 * unknown has the time that a breaker stays open. */
static int64_t probe_left(const struct probe *probe, const struct breaker_view *view)
{
    if (!probe->since_us)
        return 0;
    int64_t open_us = view->rules->open_for_ms * 1000, longest_us = view->rules->longest_ms * 1000;
    int64_t usual = clock_left_us(probe->since_us, open_us, view->now_us);
    int64_t most = clock_left_us(probe->since_us, max_int64(longest_us, open_us), view->now_us);
    if (!most)
        return 0;
    switch (process_identity_state(&probe->process, view->own)) {
    case PROCESS_DEAD:
        return 0;
    case PROCESS_ALIVE:
        return usual ? usual : min_int64(most, AGAIN_US);
    case PROCESS_ELSEWHERE:
        break;
    }
    return usual;
}

static void begin_probe(struct probe *probe, const struct breaker_view *view)
{
    *probe = (struct probe){view->now_us, *view->own};
}

/* ---- breakers ---- */

bool breaker_lets(const struct breaker *breaker, const struct breaker_view *view, int64_t *left_us)
{
    *left_us = 0;
    if (!view->rules->failures || !breaker->opened_us)
        return true;
    *left_us = clock_left_us(breaker->opened_us, view->rules->open_for_ms * 1000, view->now_us);
    if (!*left_us)
        *left_us = probe_left(&breaker->probe, view);
    return *left_us == 0;
}

bool breaker_take(struct breaker *breaker, const struct breaker_view *view, int64_t *left_us)
{
    if (!breaker_lets(breaker, view, left_us))
        return false;
    if (breaker->opened_us && view->rules->failures)
        begin_probe(&breaker->probe, view);
    return true;
}

/* The gateway's own failures, and failures that no repetition would cure, say nothing about a provider that
 * was not reached. */
static bool is_silent_on_provider(const struct failure *failure, bool reached)
{
    return failure->source == SOURCE_GATEWAY || (!reached && !failure->retryable);
}

enum breaker_news breaker_judge_provider(const struct failure *failure, bool reached)
{
    if (failure->reason == FAILURE_NONE)
        return BREAKER_SERVED;
    if (is_silent_on_provider(failure, reached))
        return BREAKER_UNKNOWN;
    return reached ? BREAKER_SERVED : BREAKER_FAILED;
}

/* A failure that is not retryable is a mistake in the request, even if its status is 500. */
enum breaker_news breaker_judge_model(const struct failure *failure, bool reached)
{
    if (failure->reason == FAILURE_NONE)
        return BREAKER_SERVED;
    if (!reached || is_silent_on_provider(failure, reached))
        return BREAKER_UNKNOWN;
    bool refused = failure->provider_status >= 400 && failure->provider_status <= 499;
    bool counts = failure->category == CATEGORY_TRANSIENT && failure->retryable && !refused;
    return counts ? BREAKER_FAILED : BREAKER_REFUSED;
}

/* While the breaker is closed. */
static bool count(struct breaker *breaker, const struct breaker_view *view, enum breaker_news news)
{
    int64_t before = breaker->failures;
    if (news == BREAKER_SERVED)
        breaker->failures = 0;
    else if (news == BREAKER_FAILED && breaker->failures < INT32_MAX)
        breaker->failures++;
    if (breaker->failures >= view->rules->failures)
        breaker->opened_us = view->now_us;
    return breaker->failures != before;
}

/* A probe that has only begun to answer closes the breaker on trial: the next failure opens it again. */
static void close_breaker(struct breaker *breaker, const struct breaker_view *view, enum breaker_news news)
{
    *breaker = (struct breaker){.failures = news == BREAKER_BEGUN ? view->rules->failures - 1 : 0};
}

bool breaker_hear(struct breaker *breaker, const struct breaker_view *view, enum breaker_news news,
                  bool probe)
{
    if (!view->rules->failures)
        return false;
    if (!breaker->opened_us)
        return count(breaker, view, news);
    if (!probe)
        return false;
    if (news == BREAKER_SERVED || news == BREAKER_BEGUN || news == BREAKER_REFUSED)
        close_breaker(breaker, view, news);
    breaker->probe = (struct probe){0};
    if (news == BREAKER_FAILED)
        breaker->opened_us = view->now_us;
    return true;
}

/* ---- cool-downs ---- */

void cooldown_set(struct cooldown *cooldown, const struct breaker_view *view, int64_t delay_ms)
{
    *cooldown = (struct cooldown){
        .since_us = view->now_us,
        .until_us = view->now_us + min_int64(delay_ms, view->rules->longest_ms) * 1000,
        .asked_us = view->now_us + delay_ms * 1000,
    };
}

static bool is_cooling(const struct cooldown *cooldown, const struct breaker_view *view)
{
    return clock_left_us(cooldown->since_us, cooldown->asked_us - cooldown->since_us, view->now_us) > 0;
}

/* The bound is applied again here, because a reload may have lowered it. */
bool cooldown_lets(const struct cooldown *cooldown, const struct breaker_view *view, int64_t *left_us)
{
    int64_t length_us = min_int64(cooldown->until_us - cooldown->since_us, view->rules->longest_ms * 1000);
    *left_us = 0;
    if (!is_cooling(cooldown, view))
        return true;
    *left_us = clock_left_us(cooldown->since_us, length_us, view->now_us);
    if (!*left_us)
        *left_us = probe_left(&cooldown->look, view);
    return *left_us == 0;
}

bool cooldown_take(struct cooldown *cooldown, const struct breaker_view *view, int64_t *left_us)
{
    if (!cooldown_lets(cooldown, view, left_us))
        return false;
    if (is_cooling(cooldown, view))
        begin_probe(&cooldown->look, view);
    return true;
}

bool cooldown_hear(struct cooldown *cooldown, enum breaker_news news)
{
    if (!cooldown->look.since_us)
        return false;
    if (news == BREAKER_UNKNOWN || news == BREAKER_FAILED)
        cooldown->look = (struct probe){0};
    else
        *cooldown = (struct cooldown){0};
    return true;
}
