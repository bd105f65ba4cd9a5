/* Decides how many workers to fork or retire. It does not touch processes itself.
 *
 * The pool grows quickly and shrinks slowly. When fewer than min_spare workers are free, the missing ones are
 * forked at once. When no worker is idle, connections may be waiting in the listen queue, where the master
 * cannot count them, so a batch is forked. Each batch is twice as large as the previous batch, but never so
 * large that more than max_spare workers would be spare. Once a second an eighth of the workers over
 * max_spare is retired. */
#include "process/pool.h"

#include "base/base.h"

#define BATCH_MIN 4
#define BATCH_MAX 64

#define CALM_US (10 * INT64_C(1000000))
#define DEATHS_WITHOUT_DELAY 8
#define DELAY_MIN_US INT64_C(50000)
#define DELAY_MAX_US INT64_C(2000000)

/* Returns the difference, at least zero. */
static size_t excess(size_t from, size_t what)
{
    return from > what ? from - what : 0;
}

/* Returns the batch to fork when no worker is idle, and doubles the next batch. */
static size_t next_batch(struct pool_history *history)
{
    size_t batch = max_size(history->batch, BATCH_MIN);
    history->batch = min_size(2 * batch, BATCH_MAX);
    return batch;
}

static size_t forks(struct pool_limits limits, struct pool_counts counts, size_t vacant,
                    struct pool_history *history)
{
    size_t spare = counts.idle + counts.starting;
    size_t wanted = excess(limits.min_spare, spare);
    if (wanted == 0 || vacant == 0)
        return 0;
    if (counts.idle == 0)
        wanted = max_size(wanted, min_size(next_batch(history), excess(limits.max_spare, spare)));
    return min_size(wanted, vacant);
}

/* A full pool is logged once. It is not logged for a pool of fixed size (min_spare = max_workers). */
static void note_full_pool(struct pool_limits limits, struct pool_counts counts, size_t vacant,
                           struct pool_history *history, struct pool_plan *plan)
{
    size_t spare = counts.idle + counts.starting;
    if (vacant == 0 && spare == 0 && !history->full && limits.max_workers > limits.min_spare)
        plan->log_full = history->full = true;
    else if (history->full && spare >= max_size(limits.min_spare, 1))
        plan->log_relief = !(history->full = false);
}

struct pool_plan pool_decide(struct pool_limits limits, struct pool_counts counts, bool tick,
                             struct pool_history *history)
{
    struct pool_plan plan = {0};
    size_t spare = counts.idle + counts.starting;
    size_t vacant = excess(limits.max_workers, spare + counts.busy + counts.leaving);
    if (tick && spare >= limits.min_spare)
        history->batch = 0;
    plan.fork = forks(limits, counts, vacant, history);
    plan.suppress_wakes = plan.fork == vacant;
    if (tick) {
        size_t surplus = excess(counts.idle, limits.max_spare);
        plan.retire = surplus ? 1 + surplus / 8 : 0;
    }
    note_full_pool(limits, counts, vacant, history, &plan);
    return plan;
}

/* Workers that die during a delay were forked before the delay. They belong to the same step and do not
 * prolong it. */
bool pool_note_death(struct pool_throttle *throttle, int64_t now_us)
{
    if (now_us - throttle->last_us > CALM_US)
        *throttle = (struct pool_throttle){0};
    throttle->last_us = now_us;
    throttle->streak++;
    if (throttle->streak <= DEATHS_WITHOUT_DELAY || now_us < throttle->until_us)
        return false;
    throttle->delay_us = throttle->delay_us ? 2 * throttle->delay_us : DELAY_MIN_US;
    if (throttle->delay_us > DELAY_MAX_US)
        throttle->delay_us = DELAY_MAX_US;
    throttle->until_us = now_us + throttle->delay_us;
    return true;
}

int64_t pool_fork_delay(const struct pool_throttle *throttle, int64_t now_us)
{
    return now_us < throttle->until_us ? throttle->until_us - now_us : 0;
}
