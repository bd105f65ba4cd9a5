/* Tests the event loop: tasks, waits, timers, descriptors, and the guard page below each stack. */
#include "loop/loop.h"

#include <CUnit/CUnit.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/fiber.h"
#include "unit.h"

#define STACK 65536
#define NEVER INT64_MAX

static struct loop *loop;
static char name_a[] = "a", name_b[] = "b", name_2[] = "2";
static char trace[4096];

static void note(const char *text)
{
    strncat(trace, text, sizeof trace - strlen(trace) - 1);
}

static void open_loop(void)
{
    loop = loop_create(STACK);
    trace[0] = '\0';
}

static void run_all(void)
{
    while (loop_task_count(loop))
        loop_turn(loop, NEVER);
}

/* ---- tasks ---- */

static void say_thrice(void *name)
{
    for (int i = 0; i < 3; i++) {
        note(name);
        loop_yield(loop);
    }
}

static void tasks_take_turns(void)
{
    open_loop();
    CU_ASSERT_TRUE_FATAL(loop_start(loop, say_thrice, name_a));
    CU_ASSERT_TRUE_FATAL(loop_start(loop, say_thrice, name_b));
    CU_ASSERT_EQUAL(loop_task_count(loop), 2);
    CU_ASSERT_STRING_EQUAL(trace, "");
    run_all();
    CU_ASSERT_STRING_EQUAL(trace, "ababab");
    loop_destroy(loop);
}

static void start_another(void *unused)
{
    (void)unused;
    note("1");
    loop_start(loop, say_thrice, name_2);
    note("3");
}

static void a_task_starts_another_for_the_next_turn(void)
{
    open_loop();
    loop_start(loop, start_another, NULL);
    loop_turn(loop, 0);
    CU_ASSERT_STRING_EQUAL(trace, "13");
    run_all();
    CU_ASSERT_STRING_EQUAL(trace, "13222");
    loop_destroy(loop);
}

static struct task *sleeper;

static void sleep_until_woken(void *until_us)
{
    sleeper = loop_task(loop);
    note(loop_wait(loop, *(int64_t *)until_us) ? "woken" : "late");
    sleeper = NULL;
}

static void a_wake_ends_a_wait(void)
{
    int64_t until_us = NEVER;
    open_loop();
    loop_start(loop, sleep_until_woken, &until_us);
    loop_turn(loop, 0);
    loop_turn(loop, 0);
    CU_ASSERT_STRING_EQUAL(trace, "");
    loop_wake(loop, sleeper);
    loop_wake(loop, sleeper);
    run_all();
    CU_ASSERT_STRING_EQUAL(trace, "woken");
    loop_destroy(loop);
}

static void a_wait_ends_in_time(void)
{
    open_loop();
    int64_t until_us = clock_monotonic_us() + 3000;
    loop_start(loop, sleep_until_woken, &until_us);
    run_all();
    CU_ASSERT_STRING_EQUAL(trace, "late");
    CU_ASSERT_TRUE(clock_monotonic_us() >= until_us);
    loop_destroy(loop);
}

static void wake_oneself(void *unused)
{
    (void)unused;
    loop_wake(loop, loop_task(loop));
    note(loop_wait(loop, NEVER) ? "woken " : "late ");
    note(loop_wait(loop, 0) ? "woken" : "late");
}

static void a_wake_before_the_wait_is_not_lost_and_counts_once(void)
{
    open_loop();
    loop_start(loop, wake_oneself, NULL);
    run_all();
    CU_ASSERT_STRING_EQUAL(trace, "woken late");
    loop_destroy(loop);
}

static void wake_the_outside(void *outside)
{
    loop_yield(loop);
    note("task ");
    loop_wake(loop, outside);
}

static void a_wait_outside_of_tasks_turns_the_loop(void)
{
    open_loop();
    loop_start(loop, wake_the_outside, loop_task(loop));
    note(loop_wait(loop, NEVER) ? "woken " : "late ");
    note(loop_wait(loop, clock_monotonic_us() + 1000) ? "woken" : "late");
    CU_ASSERT_STRING_EQUAL(trace, "task woken late");
    run_all();
    loop_destroy(loop);
}

static void add_one(void *count)
{
    loop_yield(loop);
    ++*(int *)count;
}

static void thousands_of_tasks_use_their_stacks_again(void)
{
    int count = 0;
    open_loop();
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 2000; i++)
            CU_ASSERT_TRUE_FATAL(loop_start(loop, add_one, &count));
        run_all();
    }
    CU_ASSERT_EQUAL(count, 6000);
    loop_destroy(loop);
}

/* ---- what must end the process ---- */

/* Returns the signal that ended the child in which `function` ran; 0: none. */
static int signal_of(void (*function)(void *))
{
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        close(STDERR_FILENO);
        signal(SIGSEGV, SIG_DFL); /* the sanitizers' handler exits */
        open_loop();
        loop_start(loop, function, NULL);
        run_all();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static int sink;

/* The array is in use until the call has returned, so that no compiler makes a loop of the recursion. */
static int recurse(int depth)
{
    volatile char bytes[512];
    bytes[depth % 512] = (char)depth;
    return depth > 1000000 ? 0 : recurse(depth + 1) + bytes[depth % 512];
}

static void overflow(void *unused)
{
    (void)unused;
    sink = recurse(0);
}

static void an_overflow_hits_the_guard_page(void)
{
    CU_ASSERT_EQUAL(signal_of(overflow), SIGSEGV);
}

static void wait_while_forbidden(void *unused)
{
    (void)unused;
    loop_forbid_waits(loop);
    loop_wait(loop, 0);
}

static void wait_when_allowed_again(void *unused)
{
    (void)unused;
    loop_forbid_waits(loop);
    loop_allow_waits(loop);
    loop_wait(loop, 0);
}

static void a_forbidden_wait_ends_the_process(void)
{
    CU_ASSERT_NOT_EQUAL(signal_of(wait_while_forbidden), 0);
    CU_ASSERT_EQUAL(signal_of(wait_when_allowed_again), 0);
}

/* ---- timers ---- */

#define TIMERS 500

static struct loop_timer timers[TIMERS];
static int64_t last_due_us;
static int expired, out_of_order;

static void expire(void *timer)
{
    int64_t due_us = *(int64_t *)timer;
    out_of_order += due_us < last_due_us;
    last_due_us = due_us;
    expired++;
}

static void timers_expire_in_order(void)
{
    static int64_t due_us[TIMERS];
    unsigned seed = 7;
    open_loop();
    expired = out_of_order = 0;
    last_due_us = 0;
    int64_t now_us = clock_monotonic_us();
    for (int round = 0; round < 3; round++) /* each is moved twice */
        for (int i = 0; i < TIMERS; i++) {
            due_us[i] = now_us + rand_r(&seed) % 20000;
            timers[i].expire = expire;
            timers[i].context = &due_us[i];
            loop_set_timer(loop, &timers[i], due_us[i]);
        }
    for (int i = 0; i < TIMERS; i += 5)
        loop_set_timer(loop, &timers[i], INT64_MAX);
    while (clock_monotonic_us() < now_us + 25000)
        loop_turn(loop, now_us + 25000);
    CU_ASSERT_EQUAL(expired, TIMERS - TIMERS / 5);
    CU_ASSERT_EQUAL(out_of_order, 0);
    loop_destroy(loop);
}

/* ---- descriptors ---- */

struct end {
    struct loop_watch watch;
    int pipe[2];
    struct end *other;
    int calls;
};

static void forget_other(void *context, uint32_t events)
{
    struct end *end = context;
    CU_ASSERT_TRUE(events & EPOLLIN);
    end->calls++;
    loop_unwatch(loop, &end->other->watch);
}

static void open_end(struct end *end, struct end *other)
{
    *end = (struct end){.watch = {.handle = forget_other, .context = end, .descriptor = -1}, .other = other};
    CU_ASSERT_EQUAL_FATAL(pipe(end->pipe), 0);
    CU_ASSERT_TRUE(loop_watch(loop, &end->watch, end->pipe[0], EPOLLIN));
    CU_ASSERT_EQUAL(write(end->pipe[1], "x", 1), 1);
}

static void close_end(struct end *end)
{
    loop_unwatch(loop, &end->watch);
    close(end->pipe[0]);
    close(end->pipe[1]);
}

/* Both are readable in the same turn; the handler that comes first ends the watch of the other. */
static void an_ended_watch_gets_no_event_of_its_turn(void)
{
    struct end a, b;
    open_loop();
    open_end(&a, &b);
    open_end(&b, &a);
    loop_turn(loop, 0);
    CU_ASSERT_EQUAL(a.calls + b.calls, 1);
    close_end(&a);
    close_end(&b);
    loop_destroy(loop);
}

static void a_descriptor_that_cannot_be_watched_is_refused(void)
{
    struct loop_watch watch = {.descriptor = -1};
    open_loop();
    CU_ASSERT_FALSE(loop_watch(loop, &watch, 999, EPOLLIN));
    loop_unwatch(loop, &watch);
    loop_destroy(loop);
}

static void count_call(void *count)
{
    ++*(int *)count;
}

static void the_hook_runs_after_the_events_of_each_turn(void)
{
    int count = 0;
    open_loop();
    loop_after_events(loop, count_call, &count);
    loop_turn(loop, 0);
    loop_turn(loop, 0);
    CU_ASSERT_EQUAL(count, 2);
    loop_destroy(loop);
}

static void work_long(void *unused)
{
    (void)unused;
    int64_t until_us = clock_monotonic_us() + 4000;
    while (clock_monotonic_us() < until_us)
        continue;
}

static void the_longest_step_is_measured(void)
{
    open_loop();
    loop_start(loop, work_long, NULL);
    run_all();
    CU_ASSERT_TRUE(loop_lag_us(loop) >= 4000);
    CU_ASSERT_EQUAL(loop_lag_us(loop), 0);
    loop_destroy(loop);
}

static _Atomic int64_t busy_since_us;
static int64_t seen_us;

static void look_at_busy(void *unused)
{
    (void)unused;
    seen_us = busy_since_us;
}

static void others_see_when_the_loop_works(void)
{
    open_loop();
    int64_t before_us = clock_monotonic_us();
    loop_show_busy(loop, &busy_since_us);
    loop_start(loop, look_at_busy, NULL);
    run_all();
    CU_ASSERT_TRUE(seen_us >= before_us && seen_us <= clock_monotonic_us());
    loop_destroy(loop);
}

static void touch_stack(void *unused)
{
    volatile char bytes[10000];
    (void)unused;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = 1;
}

static void the_used_part_of_a_stack_is_known(void)
{
    struct fiber *fiber = fiber_create(STACK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fiber);
    fiber_set(fiber, touch_stack, NULL);
    CU_ASSERT_FALSE(fiber_resume(fiber));
    CU_ASSERT_TRUE(fiber_stack_used(fiber) >= 10000);
    CU_ASSERT_TRUE(fiber_stack_used(fiber) < STACK);
    fiber_destroy(fiber);
}

/* Touches much of its stack, pauses with little of it in use, and touches much again. */
static void pause_between(void *argument)
{
    volatile char kept[64] = "kept";
    touch_stack(NULL);
    fiber_pause();
    touch_stack(NULL);
    *(bool *)argument = kept[3] == 't' && kept[63] == 0;
}

static void a_trimmed_stack_keeps_what_is_in_use(void)
{
    struct fiber *fiber = fiber_create(STACK);
    bool kept = false;
    CU_ASSERT_PTR_NOT_NULL_FATAL(fiber);
    fiber_set(fiber, pause_between, &kept);
    CU_ASSERT_TRUE(fiber_resume(fiber));
    fiber_trim(fiber);
    CU_ASSERT_TRUE(fiber_stack_used(fiber) < 10000);
    CU_ASSERT_FALSE(fiber_resume(fiber));
    CU_ASSERT_TRUE(kept);
    fiber_trim(fiber);
    CU_ASSERT_TRUE(fiber_stack_used(fiber) < 10000);
    fiber_destroy(fiber);
}

static const struct unit_test tests[] = {
    {"tasks take turns", tasks_take_turns},
    {"a task starts another for the next turn", a_task_starts_another_for_the_next_turn},
    {"a wake ends a wait", a_wake_ends_a_wait},
    {"a wait ends in time", a_wait_ends_in_time},
    {"a wake before the wait is not lost and counts once",
     a_wake_before_the_wait_is_not_lost_and_counts_once},
    {"a wait outside of tasks turns the loop", a_wait_outside_of_tasks_turns_the_loop},
    {"thousands of tasks use their stacks again", thousands_of_tasks_use_their_stacks_again},
    {"an overflow hits the guard page", an_overflow_hits_the_guard_page},
    {"a forbidden wait ends the process", a_forbidden_wait_ends_the_process},
    {"timers expire in order", timers_expire_in_order},
    {"an ended watch gets no event of its turn", an_ended_watch_gets_no_event_of_its_turn},
    {"a descriptor that cannot be watched is refused", a_descriptor_that_cannot_be_watched_is_refused},
    {"the hook runs after the events of each turn", the_hook_runs_after_the_events_of_each_turn},
    {"the longest step is measured", the_longest_step_is_measured},
    {"others see when the loop works", others_see_when_the_loop_works},
    {"the used part of a stack is known", the_used_part_of_a_stack_is_known},
    {"a trimmed stack keeps what is in use", a_trimmed_stack_keeps_what_is_in_use},
};

UNIT_MAIN("loop", tests)
