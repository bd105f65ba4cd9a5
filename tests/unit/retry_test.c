/* The decision after a failed attempt, rule by rule. */
#include <string.h>

#include "base/failure.h"
#include "config/settings_types.h"
#include "gateway/retry.h"
#include "unit.h"

static const struct retry_settings usual = {
    .max_attempts = 4, .same_target = 1, .budget_ms = 60000, .max_wait_ms = 10000};

/* After the first attempt at the first target. */
static const struct retry_history first = {.attempts = 1, .attempts_at_target = 1};

static struct failure failure_of(enum failure_reason reason)
{
    struct failure why;
    fail(&why, reason, "it went wrong");
    return why;
}

static enum retry_action action_after(enum failure_reason reason, struct retry_history history)
{
    struct failure why = failure_of(reason);
    return retry_decide(&usual, &why, &history).action;
}

static void a_failure_that_may_pass_is_retried_once(void)
{
    static const enum failure_reason reasons[] = {
        FAILURE_RATE_LIMIT, FAILURE_OVERLOADED, FAILURE_UPSTREAM_5XX, FAILURE_BAD_RESPONSE,
        FAILURE_CONNECT,    FAILURE_DNS,        FAILURE_UPSTREAM_CUT};
    struct retry_history second = {.attempts = 2, .attempts_at_target = 2};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        CU_ASSERT_EQUAL(action_after(reasons[i], first), RETRY_SAME_TARGET);
        CU_ASSERT_EQUAL(action_after(reasons[i], second), RETRY_NEXT_TARGET);
    }
}

static void a_mistake_of_the_client_is_final(void)
{
    struct retry_history alias = first;
    alias.has_alias = true;
    CU_ASSERT_EQUAL(action_after(FAILURE_INVALID_REQUEST, alias), RETRY_NOT);
    CU_ASSERT_EQUAL(action_after(FAILURE_CONTENT_FILTER, alias), RETRY_NOT);
    CU_ASSERT_EQUAL(action_after(FAILURE_OTHER, alias), RETRY_NOT);
    CU_ASSERT_EQUAL(action_after(FAILURE_MODEL_NOT_FOUND, first), RETRY_NOT);
    CU_ASSERT_EQUAL(action_after(FAILURE_MODEL_NOT_FOUND, alias), RETRY_NEXT_TARGET);
    CU_ASSERT_EQUAL(action_after(FAILURE_CONTEXT_LENGTH, alias), RETRY_LARGER_TARGET);
}

static void a_refused_key_of_the_gateway_leads_to_the_next_target(void)
{
    struct retry_history brought = first;
    brought.client_key = true;
    CU_ASSERT_EQUAL(action_after(FAILURE_AUTHENTICATION, first), RETRY_NEXT_TARGET);
    CU_ASSERT_EQUAL(action_after(FAILURE_PERMISSION, first), RETRY_NEXT_TARGET);
    CU_ASSERT_EQUAL(action_after(FAILURE_QUOTA_EXHAUSTED, first), RETRY_NEXT_TARGET);
    CU_ASSERT_EQUAL(action_after(FAILURE_AUTHENTICATION, brought), RETRY_NOT);
}

static void a_failure_of_the_gateway_is_final(void)
{
    CU_ASSERT_EQUAL(action_after(FAILURE_UNAVAILABLE, first), RETRY_NOT);
    CU_ASSERT_EQUAL(action_after(FAILURE_TOO_LARGE, first), RETRY_NOT);
}

static void a_silent_target_is_not_retried(void)
{
    struct failure why = failure_of(FAILURE_TIMEOUT);
    CU_ASSERT_EQUAL(retry_decide(&usual, &why, &first).action, RETRY_NEXT_TARGET);
    why.source = SOURCE_PROVIDER; /* a 504 is an answer */
    CU_ASSERT_EQUAL(retry_decide(&usual, &why, &first).action, RETRY_SAME_TARGET);
}

static void a_dead_connection_is_replaced_at_once(void)
{
    struct retry_history dead = {.attempts = 1, .attempts_at_target = 1, .dead_connection = true};
    struct retry_settings none = usual;
    struct failure why = failure_of(FAILURE_UPSTREAM_CUT);
    none.same_target = 0;
    CU_ASSERT_EQUAL(retry_decide(&none, &why, &dead).action, RETRY_FRESH_CONNECTION);
    none.max_attempts = 1;
    CU_ASSERT_EQUAL(retry_decide(&none, &why, &dead).action, RETRY_NOT);
}

static void attempts_and_time_are_bounded(void)
{
    struct failure why = failure_of(FAILURE_OVERLOADED);
    struct retry_history history = {.attempts = 4, .attempts_at_target = 1};
    CU_ASSERT_EQUAL(retry_decide(&usual, &why, &history).action, RETRY_NOT);
    history = (struct retry_history){.attempts = 3, .attempts_at_target = 1, .since_failure_ms = 60000};
    CU_ASSERT_EQUAL(retry_decide(&usual, &why, &history).action, RETRY_NOT);
    history.since_failure_ms = 59990; /* no time to wait, but enough for the next target */
    CU_ASSERT_EQUAL(retry_decide(&usual, &why, &history).action, RETRY_NEXT_TARGET);
    struct retry_settings endless = usual;
    endless.budget_ms = 0;
    CU_ASSERT_EQUAL(retry_decide(&endless, &why, &history).action, RETRY_SAME_TARGET);
}

static int64_t wait_after(int64_t delay_ms, size_t attempts, uint16_t random)
{
    struct failure why = failure_of(FAILURE_RATE_LIMIT);
    struct retry_settings patient = usual;
    struct retry_history history = {.attempts = 1, .attempts_at_target = attempts, .random = random};
    why.retry_after_ms = delay_ms;
    patient.same_target = 100;
    struct retry_decision decision = retry_decide(&patient, &why, &history);
    return decision.action == RETRY_SAME_TARGET ? decision.wait_ms : -1;
}

static void a_providers_delay_is_obeyed_plus_jitter(void)
{
    CU_ASSERT_EQUAL(wait_after(5000, 1, 0), 5000);
    CU_ASSERT_EQUAL(wait_after(5000, 1, 65535), 5500);
    CU_ASSERT_EQUAL(wait_after(0, 1, 65535), 0);
    CU_ASSERT_EQUAL(wait_after(10000, 1, 0), 10000);
    CU_ASSERT_EQUAL(wait_after(10001, 1, 0), -1);
}

static void pauses_double_up_to_the_longest_wait(void)
{
    CU_ASSERT_EQUAL(wait_after(-1, 1, 0), 250);
    CU_ASSERT_EQUAL(wait_after(-1, 1, 65535), 500);
    CU_ASSERT_EQUAL(wait_after(-1, 2, 0), 500);
    CU_ASSERT_EQUAL(wait_after(-1, 4, 65535), 4000);
    CU_ASSERT_EQUAL(wait_after(-1, 50, 65535), 10000);
}

static const struct unit_test tests[] = {
    {"a failure that may pass is retried once", a_failure_that_may_pass_is_retried_once},
    {"a mistake of the client is final", a_mistake_of_the_client_is_final},
    {"a refused key of the gateway leads to the next target",
     a_refused_key_of_the_gateway_leads_to_the_next_target},
    {"a failure of the gateway is final", a_failure_of_the_gateway_is_final},
    {"a silent target is not retried", a_silent_target_is_not_retried},
    {"a dead connection is replaced at once", a_dead_connection_is_replaced_at_once},
    {"attempts and time are bounded", attempts_and_time_are_bounded},
    {"a provider's delay is obeyed, plus jitter", a_providers_delay_is_obeyed_plus_jitter},
    {"pauses double up to the longest wait", pauses_double_up_to_the_longest_wait},
};

UNIT_MAIN("retry", tests)
