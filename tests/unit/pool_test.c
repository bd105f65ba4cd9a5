/* How many workers to fork and retire, decided without a process. */
#include "process/pool.h"

#include "config/settings_types.h"
#include "unit.h"

#define MS INT64_C(1000)
#define SECOND (1000 * MS)

static const struct pool_limits usual = {.min_spare = 4, .max_spare = 16, .max_workers = 256};

static struct pool_plan decide(struct pool_limits limits, struct pool_counts counts, bool tick)
{
    struct pool_history fresh = {0};
    return pool_decide(limits, counts, tick, &fresh);
}

static void a_lack_is_made_good(void)
{
    CU_ASSERT_EQUAL(decide(usual, (struct pool_counts){.idle = 3, .busy = 9}, false).fork, 1);
    CU_ASSERT_EQUAL(decide(usual, (struct pool_counts){.idle = 1, .busy = 9}, false).fork, 3);
    CU_ASSERT_EQUAL(decide(usual, (struct pool_counts){0}, false).fork, 4);
}

static void with_enough_spare_nothing_changes(void)
{
    CU_ASSERT_EQUAL(decide(usual, (struct pool_counts){.idle = 4}, false).fork, 0);
    CU_ASSERT_EQUAL(decide(usual, (struct pool_counts){.idle = 16, .busy = 9}, true).fork, 0);
    CU_ASSERT_EQUAL(decide(usual, (struct pool_counts){.idle = 16, .busy = 9}, true).retire, 0);
}

/* They will be idle in a moment: forking for the same lack again would double it. */
static void starting_workers_count_as_spare(void)
{
    CU_ASSERT_EQUAL(decide(usual, (struct pool_counts){.starting = 4, .busy = 9}, false).fork, 0);
    CU_ASSERT_EQUAL(decide(usual, (struct pool_counts){.starting = 3, .idle = 1}, false).fork, 0);
}

static void batches_double_while_no_worker_is_idle(void)
{
    const struct pool_limits wide = {.min_spare = 1, .max_spare = 1000, .max_workers = 10000};
    static const size_t batches[] = {4, 8, 16, 32, 64, 64, 64};
    struct pool_history history = {0};
    struct pool_counts counts = {.busy = 1};
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        struct pool_plan plan = pool_decide(wide, counts, false, &history);
        CU_ASSERT_EQUAL(plan.fork, batches[i]);
        counts.busy += plan.fork;
    }
}

static void a_calm_second_resets_the_batch(void)
{
    struct pool_history history = {0};
    const struct pool_counts starving = {.busy = 9}, calm = {.idle = 4, .busy = 9};
    CU_ASSERT_EQUAL(pool_decide(usual, starving, false, &history).fork, 4);
    CU_ASSERT_EQUAL(pool_decide(usual, calm, false, &history).fork, 0);
    CU_ASSERT_EQUAL(pool_decide(usual, starving, false, &history).fork, 8);
    CU_ASSERT_EQUAL(pool_decide(usual, starving, true, &history).fork, 16);
    CU_ASSERT_EQUAL(pool_decide(usual, calm, true, &history).fork, 0);
    CU_ASSERT_EQUAL(pool_decide(usual, starving, false, &history).fork, 4);
}

/* More than max_spare would be retired again. */
static void a_batch_stays_within_max_spare(void)
{
    const struct pool_limits narrow = {.min_spare = 1, .max_spare = 2, .max_workers = 100};
    struct pool_history history = {.batch = 64};
    CU_ASSERT_EQUAL(pool_decide(narrow, (struct pool_counts){.busy = 9}, false, &history).fork, 2);
    CU_ASSERT_EQUAL(pool_decide(usual, (struct pool_counts){.busy = 9, .starting = 3}, false, &history).fork,
                    13);
}

static void the_maximum_holds(void)
{
    struct pool_history history = {.batch = 64};
    CU_ASSERT_EQUAL(pool_decide(usual, (struct pool_counts){.busy = 250, .leaving = 3}, false, &history).fork,
                    3);
    CU_ASSERT_EQUAL(pool_decide(usual, (struct pool_counts){.busy = 256}, false, &history).fork, 0);
    CU_ASSERT_EQUAL(pool_decide(usual, (struct pool_counts){.busy = 300}, false, &history).fork, 0);
}

/* A worker that asked for more would get none. */
static void wakes_are_suppressed_at_max_workers(void)
{
    CU_ASSERT_TRUE(decide(usual, (struct pool_counts){.busy = 256}, false).suppress_wakes);
    CU_ASSERT_TRUE(decide(usual, (struct pool_counts){.busy = 253}, false).suppress_wakes);
    CU_ASSERT_TRUE(decide(usual, (struct pool_counts){.idle = 10, .busy = 246}, false).suppress_wakes);
    CU_ASSERT_FALSE(decide(usual, (struct pool_counts){.idle = 3, .busy = 200}, false).suppress_wakes);
}

static void the_surplus_shrinks_by_the_second(void)
{
    CU_ASSERT_EQUAL(decide(usual, (struct pool_counts){.idle = 17}, true).retire, 1);
    CU_ASSERT_EQUAL(decide(usual, (struct pool_counts){.idle = 96}, true).retire, 11);
    CU_ASSERT_EQUAL(decide(usual, (struct pool_counts){.idle = 96}, false).retire, 0);
}

static void shrinking_ends_at_max_spare(void)
{
    struct pool_counts counts = {.idle = 256};
    int seconds = 0;
    for (; counts.idle > usual.max_spare && seconds < 100; seconds++)
        counts.idle -= decide(usual, counts, true).retire;
    CU_ASSERT_EQUAL(counts.idle, usual.max_spare);
    CU_ASSERT_TRUE(seconds > 10 && seconds < 60);
}

static void a_full_pool_is_logged_once(void)
{
    struct pool_history history = {0};
    const struct pool_counts full = {.busy = 256}, better = {.idle = 1, .busy = 255}, good = {.idle = 4};
    CU_ASSERT_TRUE(pool_decide(usual, full, false, &history).log_full);
    CU_ASSERT_FALSE(pool_decide(usual, full, true, &history).log_full);
    CU_ASSERT_FALSE(pool_decide(usual, better, true, &history).log_relief);
    CU_ASSERT_FALSE(pool_decide(usual, full, true, &history).log_full);
    CU_ASSERT_TRUE(pool_decide(usual, good, true, &history).log_relief);
    CU_ASSERT_FALSE(pool_decide(usual, good, true, &history).log_relief);
    CU_ASSERT_TRUE(pool_decide(usual, full, false, &history).log_full);
}

/* PENSTOCK_WORKERS=3: the pool is always at its maximum, as intended. */
static void a_fixed_pool_is_never_logged_as_full(void)
{
    const struct pool_limits fixed = {.min_spare = 3, .max_spare = 3, .max_workers = 3};
    CU_ASSERT_FALSE(decide(fixed, (struct pool_counts){.busy = 3}, true).log_full);
    CU_ASSERT_EQUAL(decide(fixed, (struct pool_counts){.busy = 2}, true).fork, 1);
    CU_ASSERT_EQUAL(decide(fixed, (struct pool_counts){.idle = 1, .busy = 1, .leaving = 1}, true).fork, 0);
}

static void a_few_deaths_delay_nothing(void)
{
    struct pool_throttle throttle = {0};
    for (int i = 0; i < 8; i++) {
        CU_ASSERT_FALSE(pool_note_death(&throttle, 100 * SECOND));
        CU_ASSERT_EQUAL(pool_fork_delay(&throttle, 100 * SECOND), 0);
    }
    CU_ASSERT_TRUE(pool_note_death(&throttle, 100 * SECOND));
    CU_ASSERT_EQUAL(pool_fork_delay(&throttle, 100 * SECOND), 50 * MS);
}

/* Four workers are forked and die at once, again and again: the delays between grow to two seconds, and no
 * further. */
static void delays_double(void)
{
    static const int64_t waits[] = {50, 100, 200, 400, 800, 1600, 2000, 2000};
    struct pool_throttle throttle = {0};
    int64_t now = 100 * SECOND;
    for (int i = 0; i < 8; i++)
        CU_ASSERT_FALSE(pool_note_death(&throttle, now));
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        CU_ASSERT_TRUE(pool_note_death(&throttle, now));
        for (int others = 0; others < 3; others++)
            CU_ASSERT_FALSE(pool_note_death(&throttle, now));
        CU_ASSERT_EQUAL(pool_fork_delay(&throttle, now), waits[i] * MS);
        now += pool_fork_delay(&throttle, now);
        CU_ASSERT_EQUAL(pool_fork_delay(&throttle, now), 0);
    }
}

static void calm_ends_the_delays(void)
{
    struct pool_throttle throttle = {0};
    for (int i = 0; i < 100; i++)
        (void)pool_note_death(&throttle, 100 * SECOND + i * SECOND);
    CU_ASSERT_TRUE(pool_fork_delay(&throttle, 199 * SECOND) > 0);
    CU_ASSERT_EQUAL(pool_fork_delay(&throttle, 202 * SECOND), 0);
    CU_ASSERT_FALSE(pool_note_death(&throttle, 210 * SECOND));
    CU_ASSERT_EQUAL(pool_fork_delay(&throttle, 210 * SECOND), 0);
}

/* ---- workers that serve several requests at a time ---- */

static const struct pool_limits many = {
    .min_spare = 1, .max_spare = 8, .max_workers = 8, .concurrency = 10, .workers = 2};

static void a_pool_of_many_has_its_usual_workers(void)
{
    CU_ASSERT_EQUAL(decide(many, (struct pool_counts){0}, false).fork, 2);
    CU_ASSERT_EQUAL(decide(many, (struct pool_counts){.starting = 1, .idle = 1}, false).fork, 0);
    CU_ASSERT_EQUAL(decide(many, (struct pool_counts){.idle = 1, .busy = 1, .requests = 15}, false).fork, 0);
}

static void a_pool_of_many_grows_when_all_are_full(void)
{
    CU_ASSERT_EQUAL(decide(many, (struct pool_counts){.busy = 2, .requests = 20}, false).fork, 1);
    CU_ASSERT_EQUAL(decide(many, (struct pool_counts){.busy = 2, .starting = 1, .requests = 20}, false).fork,
                    0);
    CU_ASSERT_EQUAL(decide(many, (struct pool_counts){.busy = 8, .requests = 80}, false).fork, 0);
    CU_ASSERT_TRUE(decide(many, (struct pool_counts){.busy = 8, .requests = 80}, false).log_full);
}

static void a_worker_that_computes_gets_help(void)
{
    CU_ASSERT_EQUAL(decide(many, (struct pool_counts){.idle = 1, .computing = 1}, false).fork, 1);
    CU_ASSERT_EQUAL(decide(many, (struct pool_counts){.idle = 2, .computing = 1}, false).fork, 0);
    CU_ASSERT_EQUAL(decide(many, (struct pool_counts){.busy = 4, .computing = 4}, false).fork, 0);
}

/* Those that leave serve no new requests, and do not count. */
static void a_worker_that_leaves_is_replaced(void)
{
    CU_ASSERT_EQUAL(decide(many, (struct pool_counts){.leaving = 2}, false).fork, 2);
}

static void an_empty_worker_too_many_is_retired(void)
{
    struct pool_counts counts = {.idle = 3, .empty = 1, .requests = 5};
    CU_ASSERT_EQUAL(decide(many, counts, true).retire, 1);
    CU_ASSERT_EQUAL(decide(many, counts, false).retire, 0);
    counts.requests = 15; /* the others would be three quarters full */
    CU_ASSERT_EQUAL(decide(many, counts, true).retire, 0);
    counts = (struct pool_counts){.idle = 3, .empty = 0, .requests = 5};
    CU_ASSERT_EQUAL(decide(many, counts, true).retire, 0);
    counts = (struct pool_counts){.idle = 2, .empty = 2, .computing = 1};
    CU_ASSERT_EQUAL(decide(many, counts, true).retire, 0);
}

static void limits_follow_the_settings(void)
{
    struct settings settings = {.min_spare = 4, .max_spare = 16, .max_workers = 20, .concurrency = 1};
    struct pool_limits limits = pool_find_limits(&settings, 0, 18, 0);
    CU_ASSERT_EQUAL(limits.min_spare, 4);
    CU_ASSERT_EQUAL(limits.max_workers, 4);
    CU_ASSERT_EQUAL(pool_slots(&settings, 0), 20);
    CU_ASSERT_EQUAL(pool_first_workers(limits, 9), 4);
    CU_ASSERT_EQUAL(pool_find_limits(&settings, 3, 0, 0).min_spare, 3);
    settings.concurrency = 64;
    limits = pool_find_limits(&settings, 0, 0, 0);
    CU_ASSERT_TRUE(limits.workers >= 2);
    CU_ASSERT_EQUAL(limits.min_spare, 1);
    CU_ASSERT_EQUAL(limits.max_workers, 20);
    CU_ASSERT_EQUAL(pool_slots(&settings, 0), 40);
    CU_ASSERT_EQUAL(pool_first_workers(limits, 9), limits.workers);
    settings.workers = 30;
    CU_ASSERT_EQUAL(pool_find_limits(&settings, 0, 0, 0).workers, 20);
    CU_ASSERT_EQUAL(pool_find_limits(&settings, 0, 0, 35).max_workers, 5);
}

static const struct unit_test tests[] = {
    {"a lack of spare workers is made good at once", a_lack_is_made_good},
    {"with enough spare workers nothing changes", with_enough_spare_nothing_changes},
    {"starting workers count as spare", starting_workers_count_as_spare},
    {"batches double while no worker is idle", batches_double_while_no_worker_is_idle},
    {"a calm second resets the batch", a_calm_second_resets_the_batch},
    {"a batch stays within max_spare", a_batch_stays_within_max_spare},
    {"the maximum holds", the_maximum_holds},
    {"wakes are suppressed at max_workers", wakes_are_suppressed_at_max_workers},
    {"the surplus shrinks by the second", the_surplus_shrinks_by_the_second},
    {"shrinking ends at max_spare", shrinking_ends_at_max_spare},
    {"a full pool is logged once, and so is its end", a_full_pool_is_logged_once},
    {"a fixed pool is never logged as full", a_fixed_pool_is_never_logged_as_full},
    {"a few deaths delay nothing", a_few_deaths_delay_nothing},
    {"while workers keep dying, delays double up to two seconds", delays_double},
    {"ten calm seconds end the delays", calm_ends_the_delays},
    {"a pool of many has its usual workers", a_pool_of_many_has_its_usual_workers},
    {"a pool of many grows when all are full", a_pool_of_many_grows_when_all_are_full},
    {"a worker that computes gets help", a_worker_that_computes_gets_help},
    {"a worker that leaves is replaced", a_worker_that_leaves_is_replaced},
    {"an empty worker too many is retired", an_empty_worker_too_many_is_retired},
    {"limits follow the settings", limits_follow_the_settings},
};

UNIT_MAIN("pool", tests)
