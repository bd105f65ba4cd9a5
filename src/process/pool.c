/* Decides how many workers to fork or retire. It does not touch processes itself.
 *
 * The pool grows quickly and shrinks slowly. When fewer than min_spare workers are free, the missing ones are
 * forked at once. When no worker is idle, connections may be waiting in the listen queue, where the master
 * cannot count them, so a batch is forked. Each batch is twice as large as the previous batch, but never so
 * large that more than max_spare workers would be spare. Once a second an eighth of the workers over
 * max_spare is retired.
 *
 * A pool whose workers serve several requests at a time has a number of workers that grows only if they do
 * not suffice. */
#include "process/pool.h"

#include <unistd.h>

#include "base/base.h"
#include "config/settings_types.h"

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

/* ---- limits ---- */

static bool serves_many(const struct settings *settings)
{
    return settings->concurrency > 1;
}

size_t pool_max_workers(const struct settings *settings, size_t fixed)
{
    return fixed ? fixed : (size_t)settings->max_workers;
}

size_t pool_slots(const struct settings *settings, size_t fixed)
{
    return pool_max_workers(settings, fixed) * (serves_many(settings) ? 2 : 1);
}

/* One worker alone would make all streams wait when it computes, so there are at least two. */
static size_t usual_workers(const struct settings *settings)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (settings->workers)
        return (size_t)settings->workers;
    return processors > 2 ? (size_t)processors : 2;
}

/* Workers of older generations that finish their requests count against max_workers, but the newest
 * generation always gets its minimum, so that the service answers even after a reload under full load.
 * Workers that serve several requests may take hours to leave, and do not count while there are slots. */
struct pool_limits pool_find_limits(const struct settings *settings, size_t fixed, size_t older,
                                    size_t leaving)
{
    bool many = serves_many(settings);
    size_t most = pool_max_workers(settings, fixed), left = excess(most, older);
    struct pool_limits limits = {most, most, most, (size_t)settings->concurrency, most};
    if (many)
        limits.workers = fixed ? fixed : min_size(usual_workers(settings), most);
    if (!fixed) {
        limits.min_spare = many ? 1 : min_size((size_t)settings->min_spare, most);
        limits.max_spare = max_size((size_t)settings->max_spare, limits.min_spare);
        limits.max_workers = max_size(left, many ? limits.workers : limits.min_spare);
    }
    if (many)
        limits.max_workers = min_size(limits.max_workers, excess(pool_slots(settings, fixed), leaving));
    return limits;
}

size_t pool_first_workers(struct pool_limits limits, size_t last)
{
    size_t first = limits.concurrency > 1 ? limits.workers
                                          : max_size(limits.min_spare, min_size(last, limits.max_spare));
    return min_size(first, limits.max_workers);
}

/* ---- decisions ---- */

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

/* The workers share the processors, so more of them help only if all are full or if one of them computes for
 * long. A worker that has become superfluous is retired when it is empty and the others have room enough. */
static struct pool_plan decide_for_many(struct pool_limits limits, struct pool_counts counts, bool tick,
                                        struct pool_history *history)
{
    struct pool_plan plan = {0};
    size_t spare = counts.idle + counts.starting, able = spare + counts.busy;
    size_t vacant = excess(limits.max_workers, able + counts.computing);
    size_t wanted = max_size(excess(limits.min_spare, spare), excess(limits.workers, able));
    plan.fork = min_size(wanted, vacant);
    plan.suppress_wakes = plan.fork == vacant;
    bool half_empty = able > 0 && 2 * counts.requests <= (able - 1) * limits.concurrency;
    if (tick && half_empty && able > limits.workers && spare > limits.min_spare)
        plan.retire = min_size(counts.empty, 1);
    note_full_pool(limits, counts, vacant, history, &plan);
    return plan;
}

struct pool_plan pool_decide(struct pool_limits limits, struct pool_counts counts, bool tick,
                             struct pool_history *history)
{
    if (limits.concurrency > 1)
        return decide_for_many(limits, counts, tick, history);
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
