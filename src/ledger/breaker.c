/* Circuit breakers of providers and cool-downs of their models: the state and its rules.
 *
 * A closed breaker counts consecutive failures and opens when they reach the limit. Once it has been open for
 * its time it lets one request through, the probe, whose result closes the breaker or opens it again.
 * provider_health.c keeps the state, and shares it among processes. */
#include "ledger/breaker.h"

#include "base/failure.h"
#include "config/settings_types.h"

#define LAG_US 1000000

/* How long a span of `length_us` from `since_us` still lasts. A span that begins more than LAG_US in the
 * future was made before the clock was set back, and is over. LAG_US is the time that a process may take
 * from reading the clock to this call. */
static int64_t left_of(int64_t since_us, int64_t length_us, int64_t now_us)
{
    int64_t age_us = now_us - since_us;
    if (age_us < -LAG_US || age_us >= length_us)
        return 0;
    return age_us > 0 ? length_us - age_us : length_us;
}

bool breaker_lets(const struct breaker *breaker, const struct breaker_settings *rules, int64_t now_us,
                  int64_t *left_us)
{
    int64_t open_us = rules->open_for_ms * 1000;
    *left_us = 0;
    if (!rules->failures || !breaker->opened_us)
        return true;
    int64_t open = left_of(breaker->opened_us, open_us, now_us);
    int64_t probed = breaker->probe_us ? left_of(breaker->probe_us, open_us, now_us) : 0;
    *left_us = open > probed ? open : probed;
    return *left_us == 0;
}

bool breaker_take(struct breaker *breaker, const struct breaker_settings *rules, int64_t now_us,
                  int64_t *left_us)
{
    if (!breaker_lets(breaker, rules, now_us, left_us))
        return false;
    if (breaker->opened_us)
        breaker->probe_us = now_us;
    return true;
}

enum breaker_news breaker_judge(const struct failure *failure)
{
    if (failure->reason == FAILURE_NONE)
        return BREAKER_SERVED;
    if (failure->source == SOURCE_GATEWAY)
        return BREAKER_UNKNOWN;
    bool refused = failure->provider_status >= 400 && failure->provider_status <= 499;
    return failure->category == CATEGORY_TRANSIENT && !refused ? BREAKER_FAILED : BREAKER_REFUSED;
}

/* While the breaker is closed. */
static bool count(struct breaker *breaker, const struct breaker_settings *rules, enum breaker_news news,
                  int64_t now_us)
{
    int32_t before = breaker->failures;
    if (news == BREAKER_SERVED)
        breaker->failures = 0;
    else if (news == BREAKER_FAILED && breaker->failures < INT32_MAX)
        breaker->failures++;
    if (breaker->failures >= rules->failures)
        breaker->opened_us = now_us;
    return breaker->failures != before;
}

bool breaker_hear(struct breaker *breaker, const struct breaker_settings *rules, enum breaker_news news,
                  bool probe, int64_t now_us)
{
    if (!rules->failures)
        return false;
    if (!breaker->opened_us)
        return count(breaker, rules, news, now_us);
    if (!probe)
        return false;
    if (news == BREAKER_SERVED || news == BREAKER_REFUSED)
        *breaker = (struct breaker){0};
    breaker->probe_us = 0;
    if (news == BREAKER_FAILED)
        breaker->opened_us = now_us;
    return true;
}

void cooldown_set(struct cooldown *cooldown, int64_t now_us, int64_t delay_ms)
{
    *cooldown = (struct cooldown){now_us, now_us + delay_ms * 1000};
}

int64_t cooldown_left_us(const struct cooldown *cooldown, int64_t now_us)
{
    return left_of(cooldown->since_us, cooldown->until_us - cooldown->since_us, now_us);
}
