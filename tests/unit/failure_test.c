/* Every reason of a failure has its texts and defaults. */
#include "base/failure.h"

#include "unit.h"
#include "usage/exchange_end.h"

/* Every reason has its texts; those of the gateway have the source "gateway". */
static void every_reason_is_in_the_table(void)
{
    for (enum failure_reason reason = FAILURE_NONE; reason < FAILURE_REASONS; reason++) {
        struct failure why;
        CU_ASSERT_FALSE(fail(&why, reason, "%s", "x"));
        CU_ASSERT_PTR_NOT_NULL(failure_reason_name(reason));
        CU_ASSERT_TRUE(why.status == 200 || (why.status >= 400 && why.status < 600));
        CU_ASSERT_EQUAL(why.retry_after_ms, -1);
    }
}

static void ends_follow_from_causes(void)
{
    struct failure why;
    fail(&why, FAILURE_UNAUTHORIZED, "%s", "");
    CU_ASSERT_EQUAL(exchange_end_of_failure(&why, false), END_REFUSED);
    CU_ASSERT_EQUAL(exchange_end_of_failure(&why, true), END_ERROR);
    fail(&why, FAILURE_TIMEOUT, "%s", "");
    CU_ASSERT_EQUAL(exchange_end_of_failure(&why, true), END_TIMEOUT);
    why.source = SOURCE_PROVIDER; /* a 504 of the provider's own is an error like any other */
    CU_ASSERT_EQUAL(exchange_end_of_failure(&why, true), END_ERROR);
    fail(&why, FAILURE_UPSTREAM_CUT, "%s", "");
    CU_ASSERT_EQUAL(exchange_end_of_failure(&why, true), END_UPSTREAM_CUT);
}

static const struct unit_test tests[] = {
    {"every reason is in the table", every_reason_is_in_the_table},
    {"ends follow from causes", ends_follow_from_causes},
};

UNIT_MAIN("failure", tests)
