/* Circuit breakers and cool-downs: when a provider may be asked, and what its answers change. */
#include <string.h>

#include "base/failure.h"
#include "config/settings_types.h"
#include "ledger/breaker.h"
#include "unit.h"

#define SECOND ((int64_t)1000000)
#define START (1000 * SECOND)

static const struct breaker_settings usual = {.failures = 3, .open_for_ms = 15000};

static struct breaker opened(void)
{
    struct breaker breaker = {0};
    for (int i = 0; i < 3; i++)
        CU_ASSERT_TRUE(breaker_hear(&breaker, &usual, BREAKER_FAILED, false, START));
    return breaker;
}

static bool lets(const struct breaker *breaker, int64_t now_us)
{
    int64_t left_us;
    bool allowed = breaker_lets(breaker, &usual, now_us, &left_us);
    CU_ASSERT_EQUAL(allowed, left_us == 0);
    return allowed;
}

static bool take(struct breaker *breaker, int64_t now_us)
{
    int64_t left_us;
    return breaker_take(breaker, &usual, now_us, &left_us);
}

static void the_breaker_opens_after_failures_in_a_row(void)
{
    struct breaker breaker = {0};
    CU_ASSERT_TRUE(breaker_hear(&breaker, &usual, BREAKER_FAILED, false, START));
    CU_ASSERT_TRUE(breaker_hear(&breaker, &usual, BREAKER_FAILED, false, START));
    CU_ASSERT_FALSE(breaker_hear(&breaker, &usual, BREAKER_REFUSED, false, START));
    CU_ASSERT_TRUE(breaker_hear(&breaker, &usual, BREAKER_SERVED, false, START));
    CU_ASSERT_FALSE(breaker_hear(&breaker, &usual, BREAKER_SERVED, false, START));
    CU_ASSERT_TRUE(breaker_hear(&breaker, &usual, BREAKER_FAILED, false, START));
    CU_ASSERT_TRUE(breaker_hear(&breaker, &usual, BREAKER_FAILED, false, START));
    CU_ASSERT_TRUE(lets(&breaker, START));
    CU_ASSERT_TRUE(breaker_hear(&breaker, &usual, BREAKER_FAILED, false, START));
    CU_ASSERT_FALSE(lets(&breaker, START));
}

static void an_open_breaker_says_how_long(void)
{
    struct breaker breaker = opened();
    int64_t left_us;
    CU_ASSERT_FALSE(breaker_lets(&breaker, &usual, START + 5 * SECOND, &left_us));
    CU_ASSERT_EQUAL(left_us, 10 * SECOND);
    CU_ASSERT_TRUE(lets(&breaker, START + 15 * SECOND));
}

static void one_probe_at_a_time(void)
{
    struct breaker breaker = opened();
    int64_t later = START + 15 * SECOND;
    CU_ASSERT_FALSE(take(&breaker, later - 1));
    CU_ASSERT_TRUE(take(&breaker, later));
    CU_ASSERT_FALSE(take(&breaker, later));
    CU_ASSERT_FALSE(lets(&breaker, later + 14 * SECOND));
    CU_ASSERT_TRUE(take(&breaker, later + 15 * SECOND)); /* the first probe has never reported */
}

static void a_probe_closes_the_breaker_or_opens_it_again(void)
{
    struct breaker breaker = opened();
    int64_t later = START + 20 * SECOND;
    CU_ASSERT_TRUE(take(&breaker, later));
    CU_ASSERT_TRUE(breaker_hear(&breaker, &usual, BREAKER_FAILED, true, later));
    CU_ASSERT_FALSE(take(&breaker, later + 14 * SECOND));
    CU_ASSERT_TRUE(take(&breaker, later + 15 * SECOND));
    CU_ASSERT_TRUE(breaker_hear(&breaker, &usual, BREAKER_REFUSED, true, later + 16 * SECOND));
    CU_ASSERT_EQUAL(breaker.opened_us, 0);
    CU_ASSERT_EQUAL(breaker.failures, 0);
}

static void an_abandoned_probe_is_replaced_by_the_next_request(void)
{
    struct breaker breaker = opened();
    CU_ASSERT_TRUE(take(&breaker, START + 20 * SECOND));
    CU_ASSERT_TRUE(breaker_hear(&breaker, &usual, BREAKER_UNKNOWN, true, START + 20 * SECOND));
    CU_ASSERT_TRUE(take(&breaker, START + 20 * SECOND));
}

/* Requests sent before the breaker opened, which end while it is open. */
static void late_results_of_earlier_requests_change_nothing(void)
{
    struct breaker breaker = opened(), before = breaker;
    CU_ASSERT_FALSE(breaker_hear(&breaker, &usual, BREAKER_FAILED, false, START + 10 * SECOND));
    CU_ASSERT_FALSE(breaker_hear(&breaker, &usual, BREAKER_SERVED, false, START + 10 * SECOND));
    CU_ASSERT_EQUAL(memcmp(&breaker, &before, sizeof breaker), 0);
}

static void the_breaker_may_be_switched_off(void)
{
    struct breaker_settings off = {.failures = 0, .open_for_ms = 15000};
    struct breaker breaker = opened();
    int64_t left_us;
    CU_ASSERT_TRUE(breaker_lets(&breaker, &off, START, &left_us));
    CU_ASSERT_FALSE(breaker_hear(&breaker, &off, BREAKER_FAILED, false, START));
}

static void a_clock_set_back_does_not_keep_the_breaker_open(void)
{
    struct breaker breaker = opened();
    struct cooldown cooldown;
    cooldown_set(&cooldown, START, 60000);
    CU_ASSERT_TRUE(lets(&breaker, START - 1000001));
    CU_ASSERT_EQUAL(cooldown_left_us(&cooldown, START - 1000001), 0);
}

/* It read the clock before another process opened the breaker. */
static void a_process_with_an_older_clock_sees_the_breaker_open(void)
{
    struct breaker breaker = opened();
    struct cooldown cooldown;
    cooldown_set(&cooldown, START, 60000);
    CU_ASSERT_FALSE(lets(&breaker, START - 100));
    CU_ASSERT_EQUAL(cooldown_left_us(&cooldown, START - 100), 60000000);
}

static void a_cool_down_ends(void)
{
    struct cooldown cooldown = {0};
    CU_ASSERT_EQUAL(cooldown_left_us(&cooldown, START), 0);
    cooldown_set(&cooldown, START, 100);
    CU_ASSERT_EQUAL(cooldown_left_us(&cooldown, START), 100000);
    CU_ASSERT_EQUAL(cooldown_left_us(&cooldown, START + 60000), 40000);
    CU_ASSERT_EQUAL(cooldown_left_us(&cooldown, START + 100000), 0);
}

static enum breaker_news news_of(enum failure_reason reason, int provider_status)
{
    struct failure why;
    fail(&why, reason, "it went wrong");
    why.provider_status = provider_status;
    return breaker_judge(&why);
}

static void some_failures_count_and_others_do_not(void)
{
    CU_ASSERT_EQUAL(news_of(FAILURE_NONE, 200), BREAKER_SERVED);
    CU_ASSERT_EQUAL(news_of(FAILURE_UPSTREAM_5XX, 500), BREAKER_FAILED);
    CU_ASSERT_EQUAL(news_of(FAILURE_OVERLOADED, 503), BREAKER_FAILED);
    CU_ASSERT_EQUAL(news_of(FAILURE_TIMEOUT, 0), BREAKER_FAILED);
    CU_ASSERT_EQUAL(news_of(FAILURE_CONNECT, 0), BREAKER_FAILED);
    CU_ASSERT_EQUAL(news_of(FAILURE_BAD_RESPONSE, 200), BREAKER_FAILED);
    CU_ASSERT_EQUAL(news_of(FAILURE_TIMEOUT, 408), BREAKER_REFUSED);
    CU_ASSERT_EQUAL(news_of(FAILURE_RATE_LIMIT, 429), BREAKER_REFUSED);
    CU_ASSERT_EQUAL(news_of(FAILURE_AUTHENTICATION, 401), BREAKER_REFUSED);
    CU_ASSERT_EQUAL(news_of(FAILURE_UNAVAILABLE, 0), BREAKER_UNKNOWN);
}

static const struct unit_test tests[] = {
    {"the breaker opens after failures in a row", the_breaker_opens_after_failures_in_a_row},
    {"an open breaker says how long", an_open_breaker_says_how_long},
    {"one probe at a time", one_probe_at_a_time},
    {"a probe closes the breaker or opens it again", a_probe_closes_the_breaker_or_opens_it_again},
    {"an abandoned probe is replaced by the next request",
     an_abandoned_probe_is_replaced_by_the_next_request},
    {"late results of earlier requests change nothing", late_results_of_earlier_requests_change_nothing},
    {"the breaker may be switched off", the_breaker_may_be_switched_off},
    {"a clock set back does not keep the breaker open", a_clock_set_back_does_not_keep_the_breaker_open},
    {"a process with an older clock sees the breaker open",
     a_process_with_an_older_clock_sees_the_breaker_open},
    {"a cool-down ends", a_cool_down_ends},
    {"some failures count and others do not", some_failures_count_and_others_do_not},
};

UNIT_MAIN("breaker", tests)
