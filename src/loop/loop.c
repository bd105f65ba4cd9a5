/* The event loop of a process: one epoll(7), timers, and tasks, each of which is a function on its own stack.
 *
 * A turn waits for events, calls their handlers, then those of the timers that are due, and then runs the
 * tasks that are ready. A task that becomes ready meanwhile runs in the next turn, so that no task can keep
 * the others from their events. */
#include "loop/loop.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/error_log.h"
#include "base/memory.h"
#include "loop/fiber.h"
#include "loop/timer_heap_internal.h"

#define EVENTS_MAX 64
#define FIBERS_KEPT 64 /* mapping a stack costs as much as a small request's system calls */
#define LONGEST_WAIT_MS 60000

struct task {
    struct fiber *fiber;
    struct task *next; /* in the queue of ready tasks or the list of unused ones */
    struct loop *loop;
    struct loop_timer timer;
    int64_t started_us;
    struct task *earlier, *later; /* in the list of tasks whose stacks have not been trimmed */
    bool untrimmed;               /* it is in that list */
    bool waits;
    bool woken;
    bool queued;
};

struct loop {
    int epoll;
    int idle_epoll; /* of the watches for idle loops, and of `epoll`; -1: there is none */
    size_t stack;
    struct epoll_event events[EVENTS_MAX]; /* of this turn */
    int event_count;
    struct timer_heap timers;
    struct task *first_ready, *last_ready;
    struct task *first_untrimmed, *last_untrimmed; /* in the order of their starts */
    struct task *unused;                           /* returned tasks that keep their stacks */
    size_t unused_count, task_count;
    struct task *running; /* NULL: the code outside of tasks runs */
    struct task outside;  /* stands for that code, which has no fiber */
    unsigned waits_forbidden;
    int64_t longest_us;
    _Atomic int64_t *busy_since_us; /* NULL: not shown */
    void (*after_events)(void *context);
    void *after_events_context;
};

struct loop *loop_create(size_t stack)
{
    struct loop *loop = memory_alloc(1, sizeof *loop);
    loop->stack = stack;
    loop->idle_epoll = -1;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0)
        die("cannot wait for events: %s", strerror(errno));
    return loop;
}

static void destroy_task(struct task *task)
{
    fiber_destroy(task->fiber);
    free(task);
}

void loop_destroy(struct loop *loop)
{
    while (loop->unused) {
        struct task *task = loop->unused;
        loop->unused = task->next;
        destroy_task(task);
    }
    timer_heap_free(&loop->timers);
    close(loop->epoll);
    if (loop->idle_epoll >= 0)
        close(loop->idle_epoll);
    free(loop);
}

/* ---- tasks ---- */

static void make_ready(struct loop *loop, struct task *task)
{
    if (task->queued)
        return;
    task->queued = true;
    task->next = NULL;
    if (loop->last_ready)
        loop->last_ready->next = task;
    else
        loop->first_ready = task;
    loop->last_ready = task;
}

static void expire_wait(void *context)
{
    struct task *task = context;
    make_ready(task->loop, task);
}

static struct task *take_unused(struct loop *loop)
{
    struct task *task = loop->unused;
    loop->unused = task->next;
    loop->unused_count--;
    return task;
}

static struct task *create_task(struct loop *loop)
{
    struct fiber *fiber = fiber_create(loop->stack);
    if (!fiber)
        return NULL;
    struct task *task = memory_alloc(1, sizeof *task);
    task->fiber = fiber;
    task->loop = loop;
    task->timer = (struct loop_timer){.expire = expire_wait, .context = task};
    return task;
}

static void note_untrimmed(struct loop *loop, struct task *task)
{
    task->untrimmed = true;
    task->earlier = loop->last_untrimmed;
    task->later = NULL;
    *(task->earlier ? &task->earlier->later : &loop->first_untrimmed) = task;
    loop->last_untrimmed = task;
}

static void note_trimmed(struct loop *loop, struct task *task)
{
    if (!task->untrimmed)
        return;
    task->untrimmed = false;
    *(task->earlier ? &task->earlier->later : &loop->first_untrimmed) = task->later;
    *(task->later ? &task->later->earlier : &loop->last_untrimmed) = task->earlier;
}

bool loop_start(struct loop *loop, void (*function)(void *), void *argument)
{
    struct task *task = loop->unused ? take_unused(loop) : create_task(loop);
    if (!task)
        return false;
    loop->task_count++;
    task->started_us = clock_monotonic_us();
    note_untrimmed(loop, task);
    task->waits = task->woken = false;
    fiber_set(task->fiber, function, argument);
    make_ready(loop, task);
    return true;
}

static void end_task(struct loop *loop, struct task *task)
{
    loop->task_count--;
    note_trimmed(loop, task);
    timer_heap_set(&loop->timers, &task->timer, INT64_MAX);
    if (loop->unused_count == FIBERS_KEPT) {
        destroy_task(task);
        return;
    }
    task->next = loop->unused;
    loop->unused = task;
    loop->unused_count++;
}

void loop_trim_stacks(struct loop *loop, int64_t before_us)
{
    while (loop->first_untrimmed && loop->first_untrimmed->started_us < before_us) {
        fiber_trim(loop->first_untrimmed->fiber);
        note_trimmed(loop, loop->first_untrimmed);
    }
    for (struct task *task = before_us == INT64_MAX ? loop->unused : NULL; task; task = task->next)
        fiber_trim(task->fiber);
}

size_t loop_task_count(const struct loop *loop)
{
    return loop->task_count;
}

struct task *loop_task(struct loop *loop)
{
    return loop->running ? loop->running : &loop->outside;
}

void loop_wake(struct loop *loop, struct task *task)
{
    task->woken = true;
    if (task->waits)
        make_ready(loop, task);
}

static void pause_task(struct loop *loop, struct task *task)
{
    loop->running = NULL;
    fiber_pause();
    loop->running = task;
}

static void wait_in_task(struct loop *loop, struct task *task, int64_t until_us)
{
    timer_heap_set(&loop->timers, &task->timer, until_us);
    task->waits = true;
    pause_task(loop, task);
    task->waits = false;
    timer_heap_set(&loop->timers, &task->timer, INT64_MAX);
}

static void wait_outside(struct loop *loop, int64_t until_us)
{
    do
        loop_turn(loop, until_us);
    while (!loop->outside.woken && clock_monotonic_us() < until_us);
}

bool loop_wait(struct loop *loop, int64_t until_us)
{
    struct task *task = loop_task(loop);
    if (loop->waits_forbidden)
        die("a wait begins while something is held that others need");
    if (!task->woken && loop->running)
        wait_in_task(loop, task, until_us);
    else if (!task->woken)
        wait_outside(loop, until_us);
    bool was_woken = task->woken;
    task->woken = false;
    return was_woken;
}

void loop_yield(struct loop *loop)
{
    struct task *task = loop->running;
    if (!task)
        return;
    make_ready(loop, task);
    pause_task(loop, task);
}

void loop_forbid_waits(struct loop *loop)
{
    loop->waits_forbidden++;
}

void loop_allow_waits(struct loop *loop)
{
    loop->waits_forbidden--;
}

/* Runs the tasks that were ready at the start, once each. */
static void run_tasks(struct loop *loop)
{
    struct task *last = loop->last_ready, *task = NULL;
    while (loop->first_ready && task != last) {
        int64_t started_us = clock_monotonic_us();
        task = loop->first_ready;
        loop->first_ready = task->next;
        if (!loop->first_ready)
            loop->last_ready = NULL;
        task->queued = false;
        loop->running = task;
        bool continues = fiber_resume(task->fiber);
        loop->running = NULL;
        loop->longest_us = max_int64(loop->longest_us, clock_monotonic_us() - started_us);
        bool is_last = task == last;
        if (!continues)
            end_task(loop, task);
        if (is_last)
            return;
    }
}

void loop_show_busy(struct loop *loop, _Atomic int64_t *busy_since_us)
{
    loop->busy_since_us = busy_since_us;
}

int64_t loop_lag_us(struct loop *loop)
{
    int64_t longest_us = loop->longest_us;
    loop->longest_us = 0;
    return longest_us;
}

/* ---- descriptors and timers ---- */

/* In the set for idle loops, the loop itself stands for all its other watches. */
static int epoll_of(struct loop *loop, const struct loop_watch *watch)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = loop};
    if (!watch->when_idle)
        return loop->epoll;
    if (loop->idle_epoll < 0)
        loop->idle_epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->idle_epoll < 0 ||
        (epoll_ctl(loop->idle_epoll, EPOLL_CTL_ADD, loop->epoll, &event) != 0 && errno != EEXIST))
        die("cannot wait for events: %s", strerror(errno));
    return loop->idle_epoll;
}

bool loop_watch(struct loop *loop, struct loop_watch *watch, int descriptor, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};
    int operation = watch->descriptor == descriptor ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(epoll_of(loop, watch), operation, descriptor, &event) != 0)
        return false;
    watch->descriptor = descriptor;
    return true;
}

void loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
    if (watch->descriptor < 0)
        return;
    epoll_ctl(epoll_of(loop, watch), EPOLL_CTL_DEL, watch->descriptor, NULL);
    loop_forget(loop, watch);
}

void loop_forget(struct loop *loop, struct loop_watch *watch)
{
    watch->descriptor = -1;
    for (int i = 0; i < loop->event_count; i++)
        if (loop->events[i].data.ptr == watch)
            loop->events[i].data.ptr = NULL;
}

void loop_set_timer(struct loop *loop, struct loop_timer *timer, int64_t due_us)
{
    timer_heap_set(&loop->timers, timer, due_us);
}

void loop_after_events(struct loop *loop, void (*handle)(void *context), void *context)
{
    loop->after_events = handle;
    loop->after_events_context = context;
}

/* ---- a turn ---- */

/* Rounds up, so that a timer is due when the wait ends. */
static int wait_ms(const struct loop *loop, int64_t until_us)
{
    const struct loop_timer *timer = timer_heap_first(&loop->timers);
    int64_t now_us = clock_monotonic_us();
    if (timer && timer->due_us < until_us)
        until_us = timer->due_us;
    if (loop->first_ready || until_us <= now_us)
        return 0;
    int64_t left_us = until_us - now_us;
    return left_us > LONGEST_WAIT_MS * INT64_C(1000) ? LONGEST_WAIT_MS : (int)((left_us + 999) / 1000);
}

static void wait_for_events(struct loop *loop, int epoll, int timeout_ms)
{
    loop->event_count = epoll_wait(epoll, loop->events, EVENTS_MAX, timeout_ms);
    if (loop->event_count < 0 && errno != EINTR)
        die("cannot wait for events: %s", strerror(errno));
}

/* Returns true if there are events in the other set. */
static bool handle_events(struct loop *loop)
{
    bool more = false;
    for (int i = 0; i < loop->event_count; i++) {
        struct loop_watch *watch = loop->events[i].data.ptr;
        if (loop->events[i].data.ptr == loop)
            more = true;
        else if (watch)
            watch->handle(watch->context, loop->events[i].events);
    }
    loop->event_count = 0;
    return more;
}

static void handle_timers(struct loop *loop)
{
    int64_t now_us = clock_monotonic_us();
    for (struct loop_timer *timer = timer_heap_first(&loop->timers); timer && timer->due_us <= now_us;
         timer = timer_heap_first(&loop->timers)) {
        timer_heap_set(&loop->timers, timer, INT64_MAX);
        timer->expire(timer->context);
    }
}

static void show_busy(struct loop *loop, int64_t since_us)
{
    if (loop->busy_since_us)
        atomic_store_explicit(loop->busy_since_us, since_us, memory_order_relaxed);
}

void loop_turn(struct loop *loop, int64_t until_us)
{
    bool is_idle = loop->idle_epoll >= 0 && !loop->task_count;
    show_busy(loop, 0);
    wait_for_events(loop, is_idle ? loop->idle_epoll : loop->epoll, wait_ms(loop, until_us));
    int64_t started_us = clock_monotonic_us();
    show_busy(loop, started_us);
    if (handle_events(loop)) {
        wait_for_events(loop, loop->epoll, 0);
        (void)handle_events(loop);
    }
    handle_timers(loop);
    if (loop->after_events)
        loop->after_events(loop->after_events_context);
    loop->longest_us = max_int64(loop->longest_us, clock_monotonic_us() - started_us);
    run_tasks(loop);
}
