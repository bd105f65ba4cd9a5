/* Circuit breakers and cool-downs: when a provider may be asked, and what its answers change. */
#include <string.h>

#include "base/failure.h"
#include "config/settings_types.h"
#include "ledger/breaker.h"
#include "unit.h"

#define SECOND ((int64_t)1000000)
#define START (1000 * SECOND)

static const struct breaker_settings usual = {.failures = 3, .open_for_ms = 15000, .longest_ms = 900000};
static struct process_identity own;

static struct breaker_view at(int64_t now_us)
{
    own = process_identity_self();
    return (struct breaker_view){&usual, &own, now_us};
}

static bool hear(struct breaker *breaker, enum breaker_news news, bool probe, int64_t now_us)
{
    struct breaker_view view = at(now_us);
    return breaker_hear(breaker, &view, news, probe);
}

static struct breaker opened(void)
{
    struct breaker breaker = {0};
    for (int i = 0; i < 3; i++)
        CU_ASSERT_TRUE(hear(&breaker, BREAKER_FAILED, false, START));
    return breaker;
}

static bool lets(const struct breaker *breaker, int64_t now_us)
{
    int64_t left_us;
    struct breaker_view view = at(now_us);
    bool allowed = breaker_lets(breaker, &view, &left_us);
    CU_ASSERT_EQUAL(allowed, left_us == 0);
    return allowed;
}

static bool take(struct breaker *breaker, int64_t now_us)
{
    int64_t left_us;
    struct breaker_view view = at(now_us);
    return breaker_take(breaker, &view, &left_us);
}

static void the_breaker_opens_after_failures_in_a_row(void)
{
    struct breaker breaker = {0};
    CU_ASSERT_TRUE(hear(&breaker, BREAKER_FAILED, false, START));
    CU_ASSERT_TRUE(hear(&breaker, BREAKER_FAILED, false, START));
    CU_ASSERT_FALSE(hear(&breaker, BREAKER_REFUSED, false, START));
    CU_ASSERT_TRUE(hear(&breaker, BREAKER_SERVED, false, START));
    CU_ASSERT_FALSE(hear(&breaker, BREAKER_SERVED, false, START));
    CU_ASSERT_TRUE(hear(&breaker, BREAKER_FAILED, false, START));
    CU_ASSERT_TRUE(hear(&breaker, BREAKER_FAILED, false, START));
    CU_ASSERT_TRUE(lets(&breaker, START));
    CU_ASSERT_TRUE(hear(&breaker, BREAKER_FAILED, false, START));
    CU_ASSERT_FALSE(lets(&breaker, START));
}

static void an_open_breaker_says_how_long(void)
{
    struct breaker breaker = opened();
    int64_t left_us;
    struct breaker_view view = at(START + 5 * SECOND);
    CU_ASSERT_FALSE(breaker_lets(&breaker, &view, &left_us));
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
    CU_ASSERT_FALSE(take(&breaker, later + 60 * SECOND)); /* its process is alive */
    CU_ASSERT_TRUE(take(&breaker, later + 900 * SECOND));
}

static void the_probe_of_a_dead_process_is_replaced_at_once(void)
{
    struct breaker breaker = opened();
    int64_t later = START + 15 * SECOND;
    CU_ASSERT_TRUE(take(&breaker, later));
    breaker.probe.process.start++;
    CU_ASSERT_TRUE(take(&breaker, later));
}

/* A process of another namespace, of which nothing is known, has the time that a breaker stays open. */
static void the_probe_of_a_hidden_process_is_replaced_after_a_while(void)
{
    struct breaker breaker = opened();
    int64_t later = START + 15 * SECOND;
    CU_ASSERT_TRUE(take(&breaker, later));
    breaker.probe.process.space++;
    CU_ASSERT_FALSE(take(&breaker, later + 14 * SECOND));
    CU_ASSERT_TRUE(take(&breaker, later + 15 * SECOND));
}

static void a_probe_that_has_begun_to_answer_closes_on_trial(void)
{
    struct breaker breaker = opened();
    int64_t later = START + 20 * SECOND;
    CU_ASSERT_TRUE(take(&breaker, later));
    CU_ASSERT_TRUE(hear(&breaker, BREAKER_BEGUN, true, later));
    CU_ASSERT_TRUE(lets(&breaker, later));
    CU_ASSERT_FALSE(hear(&breaker, BREAKER_BEGUN, false, later));
    CU_ASSERT_TRUE(hear(&breaker, BREAKER_FAILED, false, later));
    CU_ASSERT_FALSE(lets(&breaker, later));
}

static void a_probe_closes_the_breaker_or_opens_it_again(void)
{
    struct breaker breaker = opened();
    int64_t later = START + 20 * SECOND;
    CU_ASSERT_TRUE(take(&breaker, later));
    CU_ASSERT_TRUE(hear(&breaker, BREAKER_FAILED, true, later));
    CU_ASSERT_FALSE(take(&breaker, later + 14 * SECOND));
    CU_ASSERT_TRUE(take(&breaker, later + 15 * SECOND));
    CU_ASSERT_TRUE(hear(&breaker, BREAKER_REFUSED, true, later + 16 * SECOND));
    CU_ASSERT_EQUAL(breaker.opened_us, 0);
    CU_ASSERT_EQUAL(breaker.failures, 0);
}

static void an_abandoned_probe_is_replaced_by_the_next_request(void)
{
    struct breaker breaker = opened();
    CU_ASSERT_TRUE(take(&breaker, START + 20 * SECOND));
    CU_ASSERT_TRUE(hear(&breaker, BREAKER_UNKNOWN, true, START + 20 * SECOND));
    CU_ASSERT_TRUE(take(&breaker, START + 20 * SECOND));
}

/* Requests sent before the breaker opened, which end while it is open. */
static void late_results_of_earlier_requests_change_nothing(void)
{
    struct breaker breaker = opened(), before = breaker;
    CU_ASSERT_FALSE(hear(&breaker, BREAKER_FAILED, false, START + 10 * SECOND));
    CU_ASSERT_FALSE(hear(&breaker, BREAKER_SERVED, false, START + 10 * SECOND));
    CU_ASSERT_EQUAL(memcmp(&breaker, &before, sizeof breaker), 0);
}

static void the_breaker_may_be_switched_off(void)
{
    struct breaker_settings off = {.failures = 0, .open_for_ms = 15000, .longest_ms = 900000};
    struct breaker breaker = opened(), before = breaker;
    struct breaker_view view = {&off, &own, START};
    int64_t left_us;
    CU_ASSERT_TRUE(breaker_take(&breaker, &view, &left_us));
    CU_ASSERT_FALSE(breaker_hear(&breaker, &view, BREAKER_FAILED, false));
    CU_ASSERT_EQUAL(memcmp(&breaker, &before, sizeof breaker), 0);
}

static int64_t cooling_left(const struct cooldown *cooldown, int64_t now_us)
{
    int64_t left_us;
    struct breaker_view view = at(now_us);
    bool allowed = cooldown_lets(cooldown, &view, &left_us);
    CU_ASSERT_EQUAL(allowed, left_us == 0);
    return left_us;
}

static struct cooldown cooled(int64_t delay_ms)
{
    struct cooldown cooldown;
    struct breaker_view view = at(START);
    cooldown_set(&cooldown, &view, delay_ms);
    return cooldown;
}

static void a_clock_set_back_does_not_keep_the_breaker_open(void)
{
    struct breaker breaker = opened();
    struct cooldown cooldown = cooled(60000);
    CU_ASSERT_TRUE(lets(&breaker, START - 1000001));
    CU_ASSERT_EQUAL(cooling_left(&cooldown, START - 1000001), 0);
}

/* It read the clock before another process opened the breaker. */
static void a_process_with_an_older_clock_sees_the_breaker_open(void)
{
    struct breaker breaker = opened();
    struct cooldown cooldown = cooled(60000);
    CU_ASSERT_FALSE(lets(&breaker, START - 100));
    CU_ASSERT_EQUAL(cooling_left(&cooldown, START - 100), 60000000);
}

static void a_cool_down_ends(void)
{
    struct cooldown cooldown = {0};
    CU_ASSERT_EQUAL(cooling_left(&cooldown, START), 0);
    cooldown = cooled(100);
    CU_ASSERT_EQUAL(cooling_left(&cooldown, START), 100000);
    CU_ASSERT_EQUAL(cooling_left(&cooldown, START + 60000), 40000);
    CU_ASSERT_EQUAL(cooling_left(&cooldown, START + 100000), 0);
}

static bool may_look(struct cooldown *cooldown, int64_t now_us)
{
    int64_t left_us;
    struct breaker_view view = at(now_us);
    return cooldown_take(cooldown, &view, &left_us);
}

static void one_request_may_look_at_the_longest_time(void)
{
    struct cooldown cooldown = cooled(43200000);
    int64_t later = START + 900 * SECOND;
    CU_ASSERT_EQUAL(cooling_left(&cooldown, START), 900 * SECOND);
    CU_ASSERT_FALSE(may_look(&cooldown, later - 1));
    CU_ASSERT_TRUE(may_look(&cooldown, later));
    CU_ASSERT_FALSE(may_look(&cooldown, later));
    CU_ASSERT_TRUE(cooldown_hear(&cooldown, BREAKER_FAILED));
    CU_ASSERT_TRUE(may_look(&cooldown, later)); /* a 5xx does not say whether the limit is over */
    CU_ASSERT_TRUE(cooldown_hear(&cooldown, BREAKER_SERVED));
    CU_ASSERT_EQUAL(cooling_left(&cooldown, later), 0);
    CU_ASSERT_FALSE(cooldown_hear(&cooldown, BREAKER_SERVED));
}

static void a_lower_bound_applies_to_earlier_cool_downs(void)
{
    struct cooldown cooldown = cooled(43200000);
    struct breaker_settings lower = {.failures = 3, .open_for_ms = 15000, .longest_ms = 10000};
    struct breaker_view view = {&lower, &own, START + 10 * SECOND};
    int64_t left_us;
    CU_ASSERT_TRUE(cooldown_lets(&cooldown, &view, &left_us));
}

struct news {
    enum breaker_news provider, model;
};

static struct news news_of(enum failure_reason reason, int provider_status, bool reached)
{
    struct failure why;
    fail(&why, reason, "it went wrong");
    why.provider_status = provider_status;
    return (struct news){breaker_judge_provider(&why, reached), breaker_judge_model(&why, reached)};
}

static void some_failures_count_and_others_do_not(void)
{
    static const struct {
        enum failure_reason reason;
        int status;
        bool reached;
        enum breaker_news provider, model;
    } cases[] = {
        {FAILURE_NONE, 200, true, BREAKER_SERVED, BREAKER_SERVED},
        {FAILURE_UPSTREAM_5XX, 500, true, BREAKER_SERVED, BREAKER_FAILED},
        {FAILURE_OVERLOADED, 503, true, BREAKER_SERVED, BREAKER_FAILED},
        {FAILURE_TIMEOUT, 0, true, BREAKER_SERVED, BREAKER_FAILED},
        {FAILURE_UPSTREAM_CUT, 0, true, BREAKER_SERVED, BREAKER_FAILED},
        {FAILURE_BAD_RESPONSE, 200, true, BREAKER_SERVED, BREAKER_FAILED},
        {FAILURE_TIMEOUT, 0, false, BREAKER_FAILED, BREAKER_UNKNOWN},
        {FAILURE_CONNECT, 0, false, BREAKER_FAILED, BREAKER_UNKNOWN},
        {FAILURE_DNS, 0, false, BREAKER_FAILED, BREAKER_UNKNOWN},
        {FAILURE_TLS, 0, false, BREAKER_FAILED, BREAKER_UNKNOWN},
        {FAILURE_TIMEOUT, 408, true, BREAKER_SERVED, BREAKER_REFUSED},
        {FAILURE_RATE_LIMIT, 429, true, BREAKER_SERVED, BREAKER_REFUSED},
        {FAILURE_AUTHENTICATION, 401, true, BREAKER_SERVED, BREAKER_REFUSED},
        {FAILURE_CONTEXT_LENGTH, 500, true, BREAKER_SERVED, BREAKER_REFUSED},
        {FAILURE_INVALID_REQUEST, 500, true, BREAKER_SERVED, BREAKER_REFUSED},
        {FAILURE_UNAVAILABLE, 0, true, BREAKER_UNKNOWN, BREAKER_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct news news = news_of(cases[i].reason, cases[i].status, cases[i].reached);
        CU_ASSERT_EQUAL(news.provider, cases[i].provider);
        CU_ASSERT_EQUAL(news.model, cases[i].model);
    }
}

/* A certificate that does not verify: no request was sent, and none would be sent the next time. */
static void a_permanent_failure_of_the_network_says_nothing(void)
{
    struct failure why;
    fail(&why, FAILURE_TLS, "the certificate is for another name");
    why.retryable = false;
    CU_ASSERT_EQUAL(breaker_judge_provider(&why, false), BREAKER_UNKNOWN);
    CU_ASSERT_EQUAL(breaker_judge_model(&why, false), BREAKER_UNKNOWN);
}

static const struct unit_test tests[] = {
    {"the breaker opens after failures in a row", the_breaker_opens_after_failures_in_a_row},
    {"an open breaker says how long", an_open_breaker_says_how_long},
    {"one probe at a time", one_probe_at_a_time},
    {"a probe closes the breaker or opens it again", a_probe_closes_the_breaker_or_opens_it_again},
    {"the probe of a dead process is replaced at once", the_probe_of_a_dead_process_is_replaced_at_once},
    {"the probe of a hidden process is replaced after a while",
     the_probe_of_a_hidden_process_is_replaced_after_a_while},
    {"a probe that has begun to answer closes on trial", a_probe_that_has_begun_to_answer_closes_on_trial},
    {"an abandoned probe is replaced by the next request",
     an_abandoned_probe_is_replaced_by_the_next_request},
    {"late results of earlier requests change nothing", late_results_of_earlier_requests_change_nothing},
    {"the breaker may be switched off", the_breaker_may_be_switched_off},
    {"a clock set back does not keep the breaker open", a_clock_set_back_does_not_keep_the_breaker_open},
    {"a process with an older clock sees the breaker open",
     a_process_with_an_older_clock_sees_the_breaker_open},
    {"a cool-down ends", a_cool_down_ends},
    {"one request may look at the longest time", one_request_may_look_at_the_longest_time},
    {"a lower bound applies to earlier cool-downs", a_lower_bound_applies_to_earlier_cool_downs},
    {"a permanent failure of the network says nothing", a_permanent_failure_of_the_network_says_nothing},
    {"some failures count and others do not", some_failures_count_and_others_do_not},
};

UNIT_MAIN("breaker", tests)
