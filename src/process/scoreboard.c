/* The state of each worker of one generation, in memory that the workers share with the master.
 *
 * Only the worker of a slot writes to it, except that the master assigns and releases the slot. No locks are
 * therefore needed, and a worker that dies at any instruction leaves no partial update. The states are in a
 * separate array of bytes. A worker that accepts a request scans the array and wakes the master if too few
 * other workers are idle.
 *
 * The last two idle workers may become busy at the same time. Their stores and loads are sequentially
 * consistent, so at least the later worker finds no idle slot. One wake is enough for all workers. The first
 * worker sets `wake_pending`, and the master clears it before it counts, so a worker that finds
 * `wake_pending` set will be counted. If a worker is killed after setting it and before writing to the
 * eventfd, the master's next tick clears it.
 *
 * The last worker may have to wait until another worker is idle. Several workers can briefly wait for the
 * same event, so none of them may consume it. Each has its own epoll instance that watches one shared
 * eventfd, edge-triggered; the eventfd is never read. An edge-triggered instance reports every write to an
 * eventfd since the last report, even if the counter was not zero before (epoll(7)). A waiting worker sets
 * `waited_for` before it looks at the states; a worker whose change can end a wait clears it and writes. If
 * that worker is killed between the two, the master releases its slot and writes instead. */
#include "process/scoreboard.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/failure.h"

/* Each slot has its own cache line, so that a worker's updates do not slow the others down. */
struct slot {
    _Alignas(64) _Atomic uint64_t served;
    _Atomic int64_t since_us, busy_since_us, lag_us;
    atomic_uint running;
};

struct scoreboard {
    size_t size; /* size of the mapping */
    size_t count, max_workers, min_spare;
    unsigned concurrency, generation;
    int wake, changed; /* eventfds: for the master, for workers that wait */
    atomic_bool wakes_suppressed, wake_pending;
    atomic_bool waited_for;
    struct slot *slots;
    atomic_uchar *states; /* enum worker_state */
};

bool scoreboard_create(const struct scoreboard_setup *setup, struct scoreboard **board, struct failure *why)
{
    const size_t slots = setup->slots;
    size_t head = (sizeof(struct scoreboard) + sizeof(struct slot) - 1) / sizeof(struct slot);
    size_t size = (head + slots) * sizeof(struct slot) + slots;
    int changed = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (changed < 0)
        return fail(why, FAILURE_SETTING, "no descriptor for %zu workers: %s", slots, strerror(errno));
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        fail(why, FAILURE_SETTING, "no memory for %zu workers: %s", slots, strerror(errno));
        close(changed);
        return false;
    }
    *board = (struct scoreboard *)memory;
    (*board)->size = size;
    (*board)->count = slots;
    (*board)->max_workers = setup->max_workers;
    (*board)->concurrency = (unsigned)setup->concurrency;
    (*board)->min_spare = setup->min_spare;
    (*board)->generation = setup->generation;
    (*board)->wake = setup->wake;
    (*board)->changed = changed;
    (*board)->slots = (struct slot *)memory + head;
    (*board)->states = (atomic_uchar *)((*board)->slots + slots);
    return true;
}

void scoreboard_destroy(struct scoreboard *board)
{
    close(board->changed);
    munmap(board, board->size);
}

static enum worker_state state_of(const struct scoreboard *board, size_t slot)
{
    return (enum worker_state)atomic_load(&board->states[slot]);
}

/* Increments the counter of an eventfd. An overflow would take 2^64 writes. */
static void notify(int event)
{
    const uint64_t one = 1;
    ssize_t written = write(event, &one, sizeof one);
    (void)written;
}

static void wake_master(struct scoreboard *board)
{
    if (!atomic_exchange(&board->wake_pending, true))
        notify(board->wake);
}

static void wake_waiting(struct scoreboard *board)
{
    if (atomic_exchange(&board->waited_for, false))
        notify(board->changed);
}

static void set_state(struct scoreboard *board, size_t slot, enum worker_state state)
{
    atomic_store_explicit(&board->slots[slot].since_us, clock_monotonic_us(), memory_order_relaxed);
    atomic_store(&board->states[slot], (unsigned char)state);
    if (state != WORKER_BUSY)
        wake_waiting(board);
}

/* The scan usually ends within the first few bytes. */
static bool enough_spare(const struct scoreboard *board)
{
    size_t spare = 0;
    for (size_t slot = 0; slot < board->count && spare < board->min_spare; slot++) {
        enum worker_state state = state_of(board, slot);
        spare += state == WORKER_IDLE || state == WORKER_STARTING;
    }
    return spare >= board->min_spare;
}

/* Counts `ended` requests that the worker has served. Only this worker changes its numbers. */
static void count_ended(struct scoreboard *board, size_t slot, unsigned ended)
{
    atomic_fetch_sub_explicit(&board->slots[slot].running, ended, memory_order_relaxed);
    atomic_fetch_add_explicit(&board->slots[slot].served, ended, memory_order_relaxed);
}

static unsigned running_of(const struct scoreboard *board, size_t slot)
{
    return atomic_load_explicit(&board->slots[slot].running, memory_order_relaxed);
}

void scoreboard_idle(struct scoreboard *board, size_t slot)
{
    if (!board)
        return;
    enum worker_state before = state_of(board, slot);
    if (running_of(board, slot))
        count_ended(board, slot, 1);
    if (before != WORKER_LEAVING && before != WORKER_IDLE)
        set_state(board, slot, WORKER_IDLE);
    if (before == WORKER_STARTING)
        wake_master(board);
}

void scoreboard_begin(struct scoreboard *board, size_t slot)
{
    if (board)
        atomic_fetch_add_explicit(&board->slots[slot].running, 1, memory_order_relaxed);
}

void scoreboard_busy(struct scoreboard *board, size_t slot)
{
    if (!board)
        return;
    scoreboard_begin(board, slot);
    set_state(board, slot, WORKER_BUSY);
    if (!atomic_load(&board->wakes_suppressed) && !enough_spare(board))
        wake_master(board);
}

/* True if the worker `other` cannot accept a request. If several workers each see themselves as the last,
 * only the worker in the highest slot is the last; the others count as free for the next request. All of them
 * see the same states, because their stores and loads have one order. */
static bool is_occupied(const struct scoreboard *board, size_t other, size_t slot)
{
    enum worker_state state = state_of(board, other);
    return state == WORKER_BUSY || (state == WORKER_LAST && other < slot);
}

bool scoreboard_is_alone(const struct scoreboard *board)
{
    return !board || board->max_workers < 2;
}

bool scoreboard_is_last(struct scoreboard *board, size_t slot, int64_t *last_change_us)
{
    if (scoreboard_is_alone(board))
        return false;
    size_t occupied = 0;
    if (atomic_exchange(&board->states[slot], (unsigned char)WORKER_LAST) != WORKER_LAST)
        wake_waiting(board); /* a worker in a lower slot is no longer the last */
    *last_change_us = 0;
    for (size_t other = 0; other < board->count; other++) {
        if (other == slot || !is_occupied(board, other, slot))
            continue;
        occupied++;
        int64_t since_us = atomic_load_explicit(&board->slots[other].since_us, memory_order_relaxed);
        *last_change_us = since_us > *last_change_us ? since_us : *last_change_us;
    }
    if (occupied + 1 >= board->max_workers)
        return true;
    atomic_store(&board->states[slot], (unsigned char)WORKER_BUSY);
    return false;
}

static bool watch(int waiting, int descriptor, unsigned events)
{
    struct epoll_event event = {.events = events, .data.fd = descriptor};
    return epoll_ctl(waiting, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* Creates an epoll instance that reports each change of the board, and `stop` when it is readable. Returns -1
 * if no descriptor is left. */
static int open_wait(const struct scoreboard *board, int stop)
{
    int waiting = epoll_create1(EPOLL_CLOEXEC);
    if (waiting >= 0 && watch(waiting, board->changed, EPOLLIN | EPOLLET) && watch(waiting, stop, EPOLLIN))
        return waiting;
    if (waiting >= 0)
        close(waiting);
    return -1;
}

bool scoreboard_wait_for_other(struct scoreboard *board, size_t slot, int64_t timeout_us, int stop)
{
    int64_t last_change_us, now_us = clock_monotonic_us();
    if (!scoreboard_is_last(board, slot, &last_change_us))
        return true;
    const int64_t until_us = last_change_us + timeout_us;
    int waiting = now_us < until_us ? open_wait(board, stop) : -1;
    bool stopped = waiting < 0, last = true;
    for (; !stopped && now_us < until_us; now_us = clock_monotonic_us()) {
        atomic_store(&board->waited_for, true);
        last = scoreboard_is_last(board, slot, &last_change_us);
        if (!last)
            break;
        struct epoll_event event;
        /* Round up, so that epoll_wait() does not end too early. */
        int sleep_ms = (int)((until_us - now_us + 999) / 1000);
        int ready = epoll_wait(waiting, &event, 1, sleep_ms);
        stopped = ready > 0 && event.data.fd == stop;
    }
    if (waiting >= 0)
        close(waiting);
    return !last;
}

void scoreboard_refuse(struct scoreboard *board, size_t slot)
{
    if (board)
        set_state(board, slot, WORKER_BUSY);
}

void scoreboard_finish(struct scoreboard *board, size_t slot)
{
    if (!board)
        return;
    set_state(board, slot, WORKER_LEAVING);
    if (!atomic_load(&board->wakes_suppressed))
        wake_master(board);
}

void scoreboard_leaving(struct scoreboard *board, size_t slot)
{
    if (!board)
        return;
    count_ended(board, slot, running_of(board, slot));
    set_state(board, slot, WORKER_LEAVING);
}

_Atomic int64_t *scoreboard_busy_since(struct scoreboard *board, size_t slot)
{
    return board ? &board->slots[slot].busy_since_us : NULL;
}

unsigned scoreboard_fewest(const struct scoreboard *board, size_t slot)
{
    unsigned fewest = UINT_MAX;
    for (size_t other = 0; board && other < board->count && fewest; other++)
        if (other != slot && state_of(board, other) == WORKER_IDLE)
            fewest = running_of(board, other) < fewest ? running_of(board, other) : fewest;
    return fewest;
}

void scoreboard_lag(struct scoreboard *board, size_t slot, int64_t lag_us)
{
    if (board)
        atomic_store_explicit(&board->slots[slot].lag_us, lag_us, memory_order_relaxed);
}

struct pool_facts scoreboard_facts(const struct scoreboard *board)
{
    if (!board)
        return (struct pool_facts){.workers = 1, .busy = 1, .max_workers = 1, .generation = 1};
    struct pool_facts facts = {
        .max_workers = (unsigned)board->max_workers,
        .generation = board->generation,
        .slots = (unsigned)board->count,
        .max_requests = (unsigned long)board->max_workers * board->concurrency,
    };
    for (size_t slot = 0; slot < board->count; slot++) {
        enum worker_state state = state_of(board, slot);
        struct pool_worker worker;
        if (!scoreboard_worker(board, slot, &worker))
            continue;
        bool serves = state == WORKER_BUSY || state == WORKER_LAST ||
                      (state == WORKER_IDLE && worker.requests);
        facts.workers++;
        facts.busy += serves;
        facts.idle += state == WORKER_IDLE && !serves;
        facts.with_room += state == WORKER_IDLE;
        facts.requests += worker.requests;
        facts.loop_lag_us = max_int64(facts.loop_lag_us, worker.loop_lag_us);
    }
    return facts;
}

bool scoreboard_worker(const struct scoreboard *board, size_t slot, struct pool_worker *worker)
{
    *worker = (struct pool_worker){
        .number = slot,
        .requests = running_of(board, slot),
        .served = atomic_load_explicit(&board->slots[slot].served, memory_order_relaxed),
        .loop_lag_us = atomic_load_explicit(&board->slots[slot].lag_us, memory_order_relaxed),
    };
    return state_of(board, slot) != WORKER_NONE;
}

void scoreboard_assign(struct scoreboard *board, size_t slot)
{
    struct slot *fresh = &board->slots[slot];
    atomic_store(&fresh->served, 0);
    atomic_store(&fresh->running, 0);
    atomic_store(&fresh->busy_since_us, 0);
    atomic_store(&fresh->lag_us, 0);
    set_state(board, slot, WORKER_STARTING);
}

/* Always wakes the waiting workers, because this worker may have died before it woke them. */
void scoreboard_release(struct scoreboard *board, size_t slot)
{
    atomic_store(&board->slots[slot].running, 0);
    set_state(board, slot, WORKER_NONE);
    notify(board->changed);
}

void scoreboard_suppress_wakes(struct scoreboard *board, bool suppressed)
{
    atomic_store(&board->wakes_suppressed, suppressed);
}

void scoreboard_acknowledge_wake(struct scoreboard *board)
{
    atomic_store(&board->wake_pending, false);
}

struct scoreboard_slot scoreboard_read(const struct scoreboard *board, size_t slot)
{
    return (struct scoreboard_slot){
        .state = state_of(board, slot),
        .running = running_of(board, slot),
        .served = atomic_load(&board->slots[slot].served),
        .since_us = atomic_load(&board->slots[slot].since_us),
        .busy_since_us = atomic_load(&board->slots[slot].busy_since_us),
    };
}
