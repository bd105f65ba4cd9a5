/* What comes after a failed try, rule by rule, and how long the beginning of a stream is kept back. */
#include <string.h>

#include "base/failure.h"
#include "config/retry_settings.h"
#include "gateway/retry.h"
#include "relay/hold.h"
#include "unit.h"

static const struct retry_settings usual = {
    .max_attempts = 4, .same_target = 1, .budget_ms = 60000, .max_wait_ms = 10000};

/* After the first try at the first target. */
static const struct retry_history first = {.tries = 1, .here = 1};

static struct failure failure_of(enum failure_reason reason)
{
    struct failure why;
    fail(&why, reason, "it went wrong");
    return why;
}

static enum retry_move move_after(enum failure_reason reason, struct retry_history history)
{
    struct failure why = failure_of(reason);
    return retry_decide(&usual, &why, &history).move;
}

static void what_may_pass_is_tried_there_once_more(void)
{
    static const enum failure_reason reasons[] = {
        FAILURE_RATE_LIMIT, FAILURE_OVERLOADED, FAILURE_UPSTREAM_5XX, FAILURE_BAD_RESPONSE,
        FAILURE_CONNECT,    FAILURE_DNS,        FAILURE_UPSTREAM_CUT};
    struct retry_history second = {.tries = 2, .here = 2};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        CU_ASSERT_EQUAL(move_after(reasons[i], first), RETRY_HERE);
        CU_ASSERT_EQUAL(move_after(reasons[i], second), RETRY_NEXT);
    }
}

static void a_mistake_of_the_caller_is_told(void)
{
    struct retry_history alias = first;
    alias.alias = true;
    CU_ASSERT_EQUAL(move_after(FAILURE_INVALID_REQUEST, alias), RETRY_NOT);
    CU_ASSERT_EQUAL(move_after(FAILURE_CONTENT_FILTER, alias), RETRY_NOT);
    CU_ASSERT_EQUAL(move_after(FAILURE_OTHER, alias), RETRY_NOT);
    CU_ASSERT_EQUAL(move_after(FAILURE_MODEL_NOT_FOUND, first), RETRY_NOT);
    CU_ASSERT_EQUAL(move_after(FAILURE_MODEL_NOT_FOUND, alias), RETRY_NEXT);
    CU_ASSERT_EQUAL(move_after(FAILURE_CONTEXT_LENGTH, alias), RETRY_LARGER);
}

static void our_own_key_is_no_matter_of_the_callers(void)
{
    struct retry_history brought = first;
    brought.client_key = true;
    CU_ASSERT_EQUAL(move_after(FAILURE_AUTHENTICATION, first), RETRY_NEXT);
    CU_ASSERT_EQUAL(move_after(FAILURE_PERMISSION, first), RETRY_NEXT);
    CU_ASSERT_EQUAL(move_after(FAILURE_QUOTA_EXHAUSTED, first), RETRY_NEXT);
    CU_ASSERT_EQUAL(move_after(FAILURE_AUTHENTICATION, brought), RETRY_NOT);
}

static void what_we_say_ourselves_is_final(void)
{
    CU_ASSERT_EQUAL(move_after(FAILURE_UNAVAILABLE, first), RETRY_NOT);
    CU_ASSERT_EQUAL(move_after(FAILURE_TOO_LARGE, first), RETRY_NOT);
}

static void after_silence_never_the_same_target(void)
{
    struct failure why = failure_of(FAILURE_TIMEOUT);
    CU_ASSERT_EQUAL(retry_decide(&usual, &why, &first).move, RETRY_NEXT);
    why.source = SOURCE_PROVIDER; /* a 504 is an answer */
    CU_ASSERT_EQUAL(retry_decide(&usual, &why, &first).move, RETRY_HERE);
}

static void a_dead_connection_is_replaced_at_once(void)
{
    struct retry_history unheard = {.tries = 1, .here = 1, .unheard = true};
    struct retry_settings none = usual;
    struct failure why = failure_of(FAILURE_UPSTREAM_CUT);
    none.same_target = 0;
    CU_ASSERT_EQUAL(retry_decide(&none, &why, &unheard).move, RETRY_FRESH);
    none.max_attempts = 1;
    CU_ASSERT_EQUAL(retry_decide(&none, &why, &unheard).move, RETRY_NOT);
}

static void tries_and_time_are_bounded(void)
{
    struct failure why = failure_of(FAILURE_OVERLOADED);
    struct retry_history history = {.tries = 4, .here = 1};
    CU_ASSERT_EQUAL(retry_decide(&usual, &why, &history).move, RETRY_NOT);
    history = (struct retry_history){.tries = 3, .here = 1, .since_ms = 60000};
    CU_ASSERT_EQUAL(retry_decide(&usual, &why, &history).move, RETRY_NOT);
    history.since_ms = 59990; /* no time to wait, but some for the next */
    CU_ASSERT_EQUAL(retry_decide(&usual, &why, &history).move, RETRY_NEXT);
    struct retry_settings endless = usual;
    endless.budget_ms = 0;
    CU_ASSERT_EQUAL(retry_decide(&endless, &why, &history).move, RETRY_HERE);
}

static int64_t wait_after(int64_t delay_ms, size_t here, unsigned short luck)
{
    struct failure why = failure_of(FAILURE_RATE_LIMIT);
    struct retry_settings patient = usual;
    struct retry_history history = {.tries = 1, .here = here, .luck = luck};
    why.retry_after_ms = delay_ms;
    patient.same_target = 100;
    struct retry_verdict verdict = retry_decide(&patient, &why, &history);
    return verdict.move == RETRY_HERE ? verdict.wait_ms : -1;
}

static void a_delay_is_kept_and_its_end_spread(void)
{
    CU_ASSERT_EQUAL(wait_after(5000, 1, 0), 5000);
    CU_ASSERT_EQUAL(wait_after(5000, 1, 65535), 5500);
    CU_ASSERT_EQUAL(wait_after(0, 1, 65535), 0);
    CU_ASSERT_EQUAL(wait_after(10000, 1, 0), 10000);
    CU_ASSERT_EQUAL(wait_after(10001, 1, 0), -1);
}

static void pauses_grow_up_to_the_longest_wait(void)
{
    CU_ASSERT_EQUAL(wait_after(-1, 1, 0), 250);
    CU_ASSERT_EQUAL(wait_after(-1, 1, 65535), 500);
    CU_ASSERT_EQUAL(wait_after(-1, 2, 0), 500);
    CU_ASSERT_EQUAL(wait_after(-1, 4, 65535), 4000);
    CU_ASSERT_EQUAL(wait_after(-1, 50, 65535), 10000);
}

static void content_leaves_at_once_unless_it_is_held(void)
{
    struct hold none = {0}, all = {.bytes = -1}, some = {.bytes = 10, .ms = 5};
    CU_ASSERT_FALSE(hold_is_over(&none, 100, 1000));
    hold_begin(&none, 1000);
    CU_ASSERT_TRUE(hold_is_over(&none, 1, 1000));
    CU_ASSERT_EQUAL(hold_due_us(&none), INT64_MAX);
    hold_begin(&all, 1000);
    CU_ASSERT_FALSE(hold_is_over(&all, SIZE_MAX / 2, INT64_MAX - 1));
    hold_begin(&some, 1000);
    hold_begin(&some, 4000);
    CU_ASSERT_EQUAL(hold_due_us(&some), 6000);
    CU_ASSERT_FALSE(hold_is_over(&some, 9, 5999));
    CU_ASSERT_TRUE(hold_is_over(&some, 10, 5999));
    CU_ASSERT_TRUE(hold_is_over(&some, 1, 6000));
}

static const struct unit_test tests[] = {
    {"what may pass is tried there once more", what_may_pass_is_tried_there_once_more},
    {"a mistake of the caller is told", a_mistake_of_the_caller_is_told},
    {"our own key is no matter of the caller's", our_own_key_is_no_matter_of_the_callers},
    {"what we say ourselves is final", what_we_say_ourselves_is_final},
    {"after silence never the same target", after_silence_never_the_same_target},
    {"a dead connection is replaced at once", a_dead_connection_is_replaced_at_once},
    {"tries and time are bounded", tries_and_time_are_bounded},
    {"a delay is kept and its end spread", a_delay_is_kept_and_its_end_spread},
    {"pauses grow up to the longest wait", pauses_grow_up_to_the_longest_wait},
    {"content leaves at once unless it is held", content_leaves_at_once_unless_it_is_held},
};

UNIT_MAIN("retry", tests)
