/* How long the beginning of a stream is held back. */
#include "relay/relay_internal.h"
#include "unit.h"

static void content_leaves_at_once_unless_it_is_held(void)
{
    struct hold none = {0}, all = {.bytes = -1}, some = {.bytes = 10, .ms = 5};
    CU_ASSERT_TRUE(hold_is_over(&none, 1000, 1, 1000));
    CU_ASSERT_EQUAL(hold_due_us(&none, 1000), INT64_MAX);
    CU_ASSERT_FALSE(hold_is_over(&all, 1000, SIZE_MAX / 2, INT64_MAX - 1));
    CU_ASSERT_EQUAL(hold_due_us(&some, 1000), 6000);
    CU_ASSERT_FALSE(hold_is_over(&some, 1000, 9, 5999));
    CU_ASSERT_TRUE(hold_is_over(&some, 1000, 10, 5999));
    CU_ASSERT_TRUE(hold_is_over(&some, 1000, 1, 6000));
}

static const struct unit_test tests[] = {
    {"content leaves at once unless it is held", content_leaves_at_once_unless_it_is_held},
};

UNIT_MAIN("hold", tests)
