/* How many workers there should be: decisions only, no processes.
 *
 * Growing is quick and shrinking slow. Whenever fewer than min_spare workers are free, the lack is made good
 * at once; when nobody is free at all, connections may be queueing unseen in the backlog, so a whole batch is
 * forked, each time twice the last one, but never more than max_spare could keep. Once a second the surplus
 * over max_spare shrinks by an eighth. */
#include "process/pool.h"

#include "base/base.h"

#define FIRST_BATCH 4
#define LAST_BATCH 64

#define CALM_US (10 * INT64_C(1000000))
#define FREE_DEATHS 8
#define FIRST_WAIT_US INT64_C(50000)
#define LAST_WAIT_US INT64_C(2000000)

static size_t minus(size_t from, size_t what)
{
    return from > what ? from - what : 0;
}

/* The batch to fork when nobody is idle; the next one is twice as large. */
static size_t take_batch(struct pool_history *history)
{
    size_t batch = max_size(history->batch, FIRST_BATCH);
    history->batch = min_size(2 * batch, LAST_BATCH);
    return batch;
}

static size_t forks(struct pool_limits limits, struct pool_counts counts, size_t room,
                    struct pool_history *history)
{
    size_t spare = counts.idle + counts.starting;
    size_t wanted = minus(limits.min_spare, spare);
    if (wanted == 0 || room == 0)
        return 0;
    if (counts.idle == 0)
        wanted = max_size(wanted, min_size(take_batch(history), minus(limits.max_spare, spare)));
    return min_size(wanted, room);
}

/* Being full is worth a word once, and only to those whose pool could ever be anything else: a fixed pool has
 * min_spare = max_workers. */
static void judge_fullness(struct pool_limits limits, struct pool_counts counts, size_t room,
                           struct pool_history *history, struct pool_plan *plan)
{
    size_t spare = counts.idle + counts.starting;
    if (room == 0 && spare == 0 && !history->full && limits.max_workers > limits.min_spare)
        plan->log_full = history->full = true;
    else if (history->full && spare >= max_size(limits.min_spare, 1))
        plan->log_relief = !(history->full = false);
}

struct pool_plan pool_decide(struct pool_limits limits, struct pool_counts counts, bool tick,
                             struct pool_history *history)
{
    struct pool_plan plan = {0};
    size_t spare = counts.idle + counts.starting;
    size_t room = minus(limits.max_workers, spare + counts.busy + counts.leaving);
    if (tick && spare >= limits.min_spare)
        history->batch = 0;
    plan.fork = forks(limits, counts, room, history);
    plan.mute = plan.fork == room;
    if (tick) {
        size_t surplus = minus(counts.idle, limits.max_spare);
        plan.retire = surplus ? 1 + surplus / 8 : 0;
    }
    judge_fullness(limits, counts, room, history, &plan);
    return plan;
}

/* Those who die while a wait runs were born before it: they are part of the same step, and do not lengthen
 * it. */
bool pool_note_death(struct pool_throttle *throttle, int64_t now_us)
{
    if (now_us - throttle->last_us > CALM_US)
        *throttle = (struct pool_throttle){0};
    throttle->last_us = now_us;
    throttle->streak++;
    if (throttle->streak <= FREE_DEATHS || now_us < throttle->until_us)
        return false;
    throttle->wait_us = throttle->wait_us ? 2 * throttle->wait_us : FIRST_WAIT_US;
    if (throttle->wait_us > LAST_WAIT_US)
        throttle->wait_us = LAST_WAIT_US;
    throttle->until_us = now_us + throttle->wait_us;
    return true;
}

int64_t pool_fork_delay(const struct pool_throttle *throttle, int64_t now_us)
{
    return now_us < throttle->until_us ? throttle->until_us - now_us : 0;
}
