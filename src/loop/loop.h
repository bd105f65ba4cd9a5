/* The event loop of a process: one epoll(7), timers, and tasks, each of which is a function on its own stack.
 *
 * Everything runs in one thread. Handlers of descriptors and timers run on the loop's stack and must not
 * wait; they store what has happened and wake a task. A task runs until it waits or returns. */
#ifndef PENSTOCK_LOOP_LOOP_H
#define PENSTOCK_LOOP_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct task;

/* Never returns NULL. `stack` is the stack of each task in bytes. Create it after fork(), because two
 * processes must not share an epoll instance. */
struct loop *loop_create(size_t stack);

/* No task may be left. */
void loop_destroy(struct loop *loop);

/* Waits for events, at most until clock_monotonic_us() reaches `until_us`, handles them, and runs each task
 * that is ready once. Call it outside of tasks. */
void loop_turn(struct loop *loop, int64_t until_us);

/* ---- tasks ---- */

/* Starts a task, which first runs in this or the next turn. Returns false if there is no memory for it. */
bool loop_start(struct loop *loop, void (*function)(void *), void *argument);

/* Tasks that have been started and have not returned. */
size_t loop_task_count(const struct loop *loop);

/* The task that runs. The code outside of tasks counts as one: when it waits, it turns the loop. */
struct task *loop_task(struct loop *loop);

/* Makes the task ready: its next or current loop_wait() returns. */
void loop_wake(struct loop *loop, struct task *task);

/* Pauses the task that runs until loop_wake() or until clock_monotonic_us() reaches `until_us` (INT64_MAX:
 * never). Returns false in the second case. A wake since the last wait ends the wait at once, so a task tests
 * its condition, waits, and tests it again. */
bool loop_wait(struct loop *loop, int64_t until_us);

/* Gives memory back to the system: of the stacks of tasks that were started before `before_us`, what they do
 * not use while they are paused, once for each task. INT64_MAX: of all, and of tasks that have returned. */
void loop_trim_stacks(struct loop *loop, int64_t before_us);

/* Pauses the task that runs so that the others have a turn. */
void loop_yield(struct loop *loop);

/* Between these two calls a wait ends the process, because the task holds something that other tasks or
 * processes need, such as a transaction. They may be nested. */
void loop_forbid_waits(struct loop *loop);
void loop_allow_waits(struct loop *loop);

/* Stores in `*busy_since_us` when the loop began to handle events and run tasks, by clock_monotonic_us(), and
 * 0 while it waits for events, for other processes to see. */
void loop_show_busy(struct loop *loop, _Atomic int64_t *busy_since_us);

/* The longest time in microseconds for which a handler or task has kept the loop since the last call. */
int64_t loop_lag_us(struct loop *loop);

/* ---- descriptors and timers: memory of the caller ---- */

struct loop_watch {
    void (*handle)(void *context, uint32_t events); /* EPOLLIN, EPOLLOUT, ... */
    void *context;
    int descriptor; /* -1: not watched */
    bool when_idle; /* events are awaited only while there is no task */
};

/* Watches `descriptor` for the events of epoll_ctl(2), or changes the events of a watch. The struct must stay
 * where it is until loop_unwatch(). Returns false if the kernel refuses. */
bool loop_watch(struct loop *loop, struct loop_watch *watch, int descriptor, uint32_t events);

/* Call it before the descriptor is closed. handle() is not called any more, even for events of this turn.
 * loop_forget() is for a descriptor that is closed at once or was just closed, which ends its watch too. */
void loop_unwatch(struct loop *loop, struct loop_watch *watch);
void loop_forget(struct loop *loop, struct loop_watch *watch);

struct loop_timer {
    void (*expire)(void *context);
    void *context;
    int64_t due_us;
    size_t place; /* in the loop's heap, from 1; 0: not set */
};

/* Calls expire() once when clock_monotonic_us() has reached `due_us`, instead of before; INT64_MAX: never. */
void loop_set_timer(struct loop *loop, struct loop_timer *timer, int64_t due_us);

/* Calls `handle` after the events of each turn and before its tasks. At most one is kept. */
void loop_after_events(struct loop *loop, void (*handle)(void *context), void *context);

#endif
