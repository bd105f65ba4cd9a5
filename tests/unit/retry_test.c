/* The decision after a failed attempt, rule by rule. */
#include <string.h>

#include "base/failure.h"
#include "config/settings_types.h"
#include "gateway/retry.h"
#include "unit.h"

static const struct retry_settings usual = {
    .max_attempts = 4, .same_target = 1, .budget_ms = 60000, .max_wait_ms = 10000};

/* After the first attempt at the first target. */
static const struct retry_history first = {.attempts = 1, .attempts_at_target = 1, .targets = 1};

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
    struct retry_history dead = {
        .attempts = 1, .attempts_at_target = 1, .targets = 1, .dead_connection = true};
    struct retry_settings none = usual;
    struct failure why = failure_of(FAILURE_UPSTREAM_CUT);
    none.same_target = 0;
    CU_ASSERT_EQUAL(retry_decide(&none, &why, &dead).action, RETRY_FRESH_CONNECTION);
    none.max_attempts = 1;
    CU_ASSERT_EQUAL(retry_decide(&none, &why, &dead).action, RETRY_NOT);
    dead.targets = 2; /* the target was not asked yet */
    CU_ASSERT_EQUAL(retry_decide(&none, &why, &dead).action, RETRY_FRESH_CONNECTION);
}

static void attempts_and_time_are_bounded(void)
{
    struct failure why = failure_of(FAILURE_OVERLOADED);
    struct retry_history history = {.attempts = 4, .attempts_at_target = 1, .targets = 2};
    struct retry_decision decision = retry_decide(&usual, &why, &history);
    CU_ASSERT_EQUAL(decision.action, RETRY_NEXT_TARGET);
    CU_ASSERT_FALSE(decision.same_if_none);
    history = (struct retry_history){
        .attempts = 3, .attempts_at_target = 1, .targets = 2, .since_failure_ms = 60000};
    decision = retry_decide(&usual, &why, &history);
    CU_ASSERT_EQUAL(decision.action,
                    RETRY_NEXT_TARGET); /* a target that was not asked is asked all the same */
    CU_ASSERT_FALSE(decision.same_if_none);
    history.since_failure_ms = 59990; /* no time to wait, but enough for the next target */
    CU_ASSERT_EQUAL(retry_decide(&usual, &why, &history).action, RETRY_NEXT_TARGET);
    struct retry_settings endless = usual;
    endless.budget_ms = 0;
    CU_ASSERT_EQUAL(retry_decide(&endless, &why, &history).action, RETRY_SAME_TARGET);
}

static void an_attempt_is_kept_for_each_target(void)
{
    static const struct {
        int64_t max_attempts, same_target;
        size_t attempts, attempts_at_target, targets, left;
        enum retry_action action;
        bool same_if_none;
    } cases[] = {
        {4, 1, 1, 1, 2, 1, RETRY_SAME_TARGET, false}, {4, 1, 1, 1, 3, 2, RETRY_SAME_TARGET, false},
        {4, 1, 3, 1, 3, 1, RETRY_NEXT_TARGET, true},  {4, 3, 1, 1, 3, 2, RETRY_SAME_TARGET, false},
        {4, 3, 2, 2, 3, 2, RETRY_NEXT_TARGET, true},  {4, 1, 1, 1, 5, 4, RETRY_NEXT_TARGET, true},
        {2, 1, 1, 1, 3, 2, RETRY_NEXT_TARGET, true},  {1, 1, 1, 1, 2, 1, RETRY_NEXT_TARGET, true},
        {1, 1, 2, 1, 2, 0, RETRY_NEXT_TARGET, false}, {1, 1, 1, 1, 1, 0, RETRY_NEXT_TARGET, false},
    };
    struct failure why = failure_of(FAILURE_OVERLOADED);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct retry_settings rules = usual;
        struct retry_history history = {.attempts = cases[i].attempts,
                                        .attempts_at_target = cases[i].attempts_at_target,
                                        .targets = cases[i].targets,
                                        .targets_left = cases[i].left};
        rules.max_attempts = cases[i].max_attempts;
        rules.same_target = cases[i].same_target;
        struct retry_decision decision = retry_decide(&rules, &why, &history);
        CU_ASSERT_EQUAL(decision.action, cases[i].action);
        CU_ASSERT_EQUAL(decision.same_if_none, cases[i].same_if_none);
    }
}

/* Its answer was paid for once. */
static void an_answer_that_was_held_is_not_asked_for_again(void)
{
    struct retry_history held = first;
    held.held = true;
    CU_ASSERT_EQUAL(action_after(FAILURE_UPSTREAM_CUT, held), RETRY_NEXT_TARGET);
    CU_ASSERT_EQUAL(action_after(FAILURE_UPSTREAM_5XX, held), RETRY_NEXT_TARGET);
}

static int64_t wait_after(int64_t delay_ms, size_t attempts, uint16_t random)
{
    struct failure why = failure_of(FAILURE_RATE_LIMIT);
    struct retry_settings patient = usual;
    struct retry_history history = {
        .attempts = 1, .attempts_at_target = attempts, .targets = 1, .random = random};
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
    {"an attempt is kept for each target", an_attempt_is_kept_for_each_target},
    {"an answer that was held is not asked for again", an_answer_that_was_held_is_not_asked_for_again},
    {"a provider's delay is obeyed, plus jitter", a_providers_delay_is_obeyed_plus_jitter},
    {"pauses double up to the longest wait", pauses_double_up_to_the_longest_wait},
};

UNIT_MAIN("retry", tests)
