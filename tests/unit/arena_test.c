/* Memory that is freed together. */
#include "base/arena.h"

#include <string.h>

#include "unit.h"

static char order[8];

static void note_release(void *thing)
{
    strncat(order, thing, 1);
}

static void cleanups_run_in_reverse_order(void)
{
    struct arena *arena = arena_create();
    arena_defer(arena, note_release, (char[]){"a"});
    char *piece = arena_alloc(arena, 100);
    memset(piece, 1, 100);
    arena_defer(arena, note_release, (char[]){"b"});
    CU_ASSERT_STRING_EQUAL(arena_format(arena, "%d-%s", 7, "x"), "7-x");
    arena_destroy(arena);
    CU_ASSERT_STRING_EQUAL(order, "ba");
}

static const struct unit_test tests[] = {
    {"cleanups run in reverse order", cleanups_run_in_reverse_order},
};

UNIT_MAIN("arena", tests)
