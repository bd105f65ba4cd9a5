/* The scoreboard: when workers wake the master, and how the last one waits for another. */
#include "process/scoreboard.h"

#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/failure.h"
#include "unit.h"

#define ROUNDS 50000

static int wake;

/* How often the master was woken since the last call. */
static uint64_t wakes(void)
{
    uint64_t count;
    return read(wake, &count, sizeof count) == (ssize_t)sizeof count ? count : 0;
}

static struct scoreboard *open_board(size_t slots, size_t min_spare)
{
    struct failure why;
    struct scoreboard *board = NULL;
    wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    struct scoreboard_setup setup = {.slots = slots,
                                     .max_workers = slots,
                                     .concurrency = 1,
                                     .min_spare = min_spare,
                                     .generation = 7,
                                     .wake = wake};
    if (wake < 0 || !scoreboard_create(&setup, &board, &why))
        abort();
    for (size_t slot = 0; slot < slots; slot++) {
        scoreboard_assign(board, slot);
        scoreboard_idle(board, slot);
    }
    scoreboard_acknowledge_wake(board);
    wakes();
    return board;
}

static void close_board(struct scoreboard *board)
{
    scoreboard_destroy(board);
    close(wake);
}

static void too_few_idle_wakes_the_master(void)
{
    struct scoreboard *board = open_board(4, 2);
    scoreboard_busy(board, 0);
    scoreboard_busy(board, 3);
    CU_ASSERT_EQUAL(wakes(), 0);
    scoreboard_busy(board, 1);
    CU_ASSERT_EQUAL(wakes(), 1);
    close_board(board);
}

/* If two workers take themselves for the last, only the one in the higher slot is. */
static void one_worker_is_the_last(void)
{
    struct scoreboard *board = open_board(3, 1);
    int64_t last_change_us;
    scoreboard_busy(board, 0);
    scoreboard_busy(board, 1);
    CU_ASSERT_FALSE(scoreboard_is_last(board, 1, &last_change_us));
    scoreboard_busy(board, 2);
    CU_ASSERT_TRUE(scoreboard_is_last(board, 2, &last_change_us));
    CU_ASSERT_TRUE(last_change_us >= scoreboard_read(board, 0).since_us);
    CU_ASSERT_EQUAL(scoreboard_facts(board).busy, 3);
    CU_ASSERT_FALSE(scoreboard_is_last(board, 1, &last_change_us));
    CU_ASSERT_TRUE(scoreboard_is_last(board, 2, &last_change_us));
    scoreboard_idle(board, 0);
    CU_ASSERT_FALSE(scoreboard_is_last(board, 2, &last_change_us));
    CU_ASSERT_EQUAL(scoreboard_read(board, 2).state, WORKER_BUSY);
    close_board(board);
}

static void a_single_worker_is_never_the_last(void)
{
    struct scoreboard *board = open_board(1, 1);
    int64_t last_change_us;
    scoreboard_busy(board, 0);
    CU_ASSERT_FALSE(scoreboard_is_last(board, 0, &last_change_us));
    CU_ASSERT_FALSE(scoreboard_is_last(NULL, 0, &last_change_us));
    close_board(board);
}

static void one_wake_is_enough(void)
{
    struct scoreboard *board = open_board(4, 4);
    for (size_t slot = 0; slot < 4; slot++)
        scoreboard_busy(board, slot);
    CU_ASSERT_EQUAL(wakes(), 1);
    scoreboard_idle(board, 2);
    scoreboard_busy(board, 2);
    CU_ASSERT_EQUAL(wakes(), 0);
    scoreboard_acknowledge_wake(board);
    scoreboard_idle(board, 2);
    scoreboard_busy(board, 2);
    CU_ASSERT_EQUAL(wakes(), 1);
    close_board(board);
}

static void suppressed_wakes_do_not_wake(void)
{
    struct scoreboard *board = open_board(2, 2);
    scoreboard_suppress_wakes(board, true);
    scoreboard_busy(board, 0);
    scoreboard_busy(board, 1);
    CU_ASSERT_EQUAL(wakes(), 0);
    scoreboard_suppress_wakes(board, false);
    scoreboard_idle(board, 1);
    scoreboard_busy(board, 1);
    CU_ASSERT_EQUAL(wakes(), 1);
    close_board(board);
}

static void starting_workers_are_spare(void)
{
    struct scoreboard *board = open_board(3, 1);
    scoreboard_release(board, 2);
    scoreboard_assign(board, 2);
    scoreboard_busy(board, 0);
    scoreboard_busy(board, 1);
    CU_ASSERT_EQUAL(wakes(), 0);
    close_board(board);
}

/* So that the master knows when a generation serves, even if wakes are suppressed. */
static void the_first_idle_wakes_the_master(void)
{
    struct scoreboard *board = open_board(3, 1);
    scoreboard_suppress_wakes(board, true);
    scoreboard_assign(board, 2);
    scoreboard_idle(board, 2);
    CU_ASSERT_EQUAL(wakes(), 1);
    scoreboard_acknowledge_wake(board);
    scoreboard_busy(board, 2);
    scoreboard_idle(board, 2);
    CU_ASSERT_EQUAL(wakes(), 0);
    close_board(board);
}

static void slots_count_requests(void)
{
    struct scoreboard *board = open_board(2, 1);
    for (int i = 0; i < 3; i++) {
        scoreboard_busy(board, 1);
        scoreboard_idle(board, 1);
    }
    CU_ASSERT_EQUAL(scoreboard_read(board, 1).served, 3);
    CU_ASSERT_EQUAL(scoreboard_read(board, 1).state, WORKER_IDLE);
    scoreboard_busy(board, 1);
    int64_t since = scoreboard_read(board, 1).since_us;
    CU_ASSERT_TRUE(since > 0);
    scoreboard_leaving(board, 1);
    CU_ASSERT_EQUAL(scoreboard_read(board, 1).served, 4);
    CU_ASSERT_EQUAL(scoreboard_read(board, 1).state, WORKER_LEAVING);
    CU_ASSERT_EQUAL(scoreboard_read(board, 0).served, 0);
    scoreboard_assign(board, 1);
    CU_ASSERT_EQUAL(scoreboard_read(board, 1).served, 0);
    close_board(board);
}

static void facts_count_all_workers(void)
{
    struct scoreboard *board = open_board(5, 1);
    scoreboard_busy(board, 0);
    scoreboard_busy(board, 1);
    scoreboard_release(board, 4);
    struct pool_facts facts = scoreboard_facts(board);
    CU_ASSERT_EQUAL(facts.workers, 4);
    CU_ASSERT_EQUAL(facts.busy, 2);
    CU_ASSERT_EQUAL(facts.idle, 2);
    CU_ASSERT_EQUAL(facts.max_workers, 5);
    CU_ASSERT_EQUAL(facts.generation, 7);
    close_board(board);
}

/* A worker of several requests has room until it is busy, and goes on counting when it leaves. */
static void workers_of_several_requests_are_counted(void)
{
    struct scoreboard *board = open_board(3, 1);
    struct pool_worker worker;
    scoreboard_begin(board, 0);
    scoreboard_begin(board, 0);
    CU_ASSERT_EQUAL(scoreboard_fewest(board, 0), 0);
    CU_ASSERT_EQUAL(scoreboard_fewest(board, 1), 0);
    scoreboard_begin(board, 1);
    scoreboard_begin(board, 2);
    scoreboard_busy(board, 2);
    CU_ASSERT_EQUAL(scoreboard_fewest(board, 0), 1);
    CU_ASSERT_EQUAL(scoreboard_fewest(board, 1), 2);
    struct pool_facts facts = scoreboard_facts(board);
    CU_ASSERT_EQUAL(facts.requests, 5);
    CU_ASSERT_EQUAL(facts.busy, 3);
    CU_ASSERT_EQUAL(facts.idle, 0);
    CU_ASSERT_EQUAL(facts.with_room, 2);
    CU_ASSERT_EQUAL(facts.max_requests, 3);
    scoreboard_idle(board, 0);
    CU_ASSERT_TRUE(scoreboard_worker(board, 0, &worker));
    CU_ASSERT_EQUAL(worker.requests, 1);
    CU_ASSERT_EQUAL(worker.served, 1);
    scoreboard_idle(board, 2);
    CU_ASSERT_EQUAL(scoreboard_read(board, 2).state, WORKER_IDLE);
    scoreboard_finish(board, 2);
    scoreboard_idle(board, 2);
    CU_ASSERT_EQUAL(scoreboard_read(board, 2).state, WORKER_LEAVING);
    CU_ASSERT_EQUAL(scoreboard_read(board, 2).running, 0);
    CU_ASSERT_EQUAL(scoreboard_read(board, 2).served, 2);
    CU_ASSERT_EQUAL(scoreboard_fewest(board, 0), 1);
    CU_ASSERT_EQUAL(scoreboard_fewest(NULL, 0), UINT_MAX);
    scoreboard_release(board, 1);
    CU_ASSERT_FALSE(scoreboard_worker(board, 1, &worker));
    CU_ASSERT_EQUAL(scoreboard_fewest(board, 0), UINT_MAX);
    close_board(board);
}

static void a_worker_that_leaves_asks_for_another(void)
{
    struct scoreboard *board = open_board(2, 1);
    scoreboard_begin(board, 0);
    CU_ASSERT_EQUAL(wakes(), 0);
    scoreboard_finish(board, 0);
    CU_ASSERT_EQUAL(wakes(), 1);
    close_board(board);
}

static void the_lag_and_the_work_are_shown(void)
{
    struct scoreboard *board = open_board(2, 1);
    scoreboard_lag(board, 0, 3000);
    scoreboard_lag(board, 1, 7000);
    *scoreboard_busy_since(board, 1) = 42;
    CU_ASSERT_EQUAL(scoreboard_facts(board).loop_lag_us, 7000);
    CU_ASSERT_EQUAL(scoreboard_read(board, 1).busy_since_us, 42);
    scoreboard_assign(board, 1);
    CU_ASSERT_EQUAL(scoreboard_facts(board).loop_lag_us, 3000);
    CU_ASSERT_EQUAL(scoreboard_read(board, 1).busy_since_us, 0);
    CU_ASSERT_PTR_NULL(scoreboard_busy_since(NULL, 0));
    close_board(board);
}

static void without_a_board_there_is_one_worker(void)
{
    scoreboard_idle(NULL, 0);
    scoreboard_busy(NULL, 0);
    scoreboard_leaving(NULL, 0);
    struct pool_facts facts = scoreboard_facts(NULL);
    CU_ASSERT_EQUAL(facts.workers, 1);
    CU_ASSERT_EQUAL(facts.busy, 1);
}

struct race {
    struct scoreboard *board;
    atomic_uint arrived, lost;
};

/* Both go on at the same instant, as near as two processors can: they spin, and yield only if it takes long.
 */
static void meet(struct race *race, unsigned meeting)
{
    atomic_fetch_add(&race->arrived, 1);
    for (unsigned spins = 0; atomic_load(&race->arrived) < 2 * meeting; spins++)
        if (spins > 10000)
            sched_yield();
}

static _Noreturn void compete(struct race *race, size_t slot)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        scoreboard_idle(race->board, slot);
        meet(race, 3 * round + 1);
        scoreboard_busy(race->board, slot);
        meet(race, 3 * round + 2);
        if (slot == 0) {
            atomic_fetch_add(&race->lost, wakes() == 0);
            scoreboard_acknowledge_wake(race->board);
        }
        meet(race, 3 * round + 3);
    }
    _exit(0);
}

/* The last two idle workers become busy at the same instant: at least one of them must see that no other is
 * idle. */
static void no_wake_is_lost_in_a_race(void)
{
    struct race *race = mmap(NULL, sizeof *race, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t workers[2];
    race->board = open_board(2, 1);
    for (size_t slot = 0; slot < 2; slot++)
        if ((workers[slot] = fork()) == 0)
            compete(race, slot);
    for (size_t slot = 0; slot < 2; slot++) {
        int status = -1;
        waitpid(workers[slot], &status, 0);
        CU_ASSERT_EQUAL(status, 0);
    }
    CU_ASSERT_EQUAL(atomic_load(&race->arrived), 2 * 3 * ROUNDS);
    CU_ASSERT_EQUAL(atomic_load(&race->lost), 0);
    close_board(race->board);
    munmap(race, sizeof *race);
}

/* ---- the last worker waits ---- */

#define LONG_US (60 * INT64_C(1000000))
#define SHORT_US INT64_C(400000)
#define SLEEPS_MAX 10 /* of one wait; a poll of the board every few milliseconds would have many more */

struct wait {
    struct scoreboard *board;
    int stop[2]; /* a pipe */
    pid_t worker;
};

static long voluntary_switches(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_nvcsw;
}

/* Exit status 1: another worker is free, 0: none is; 2: the worker was awake too often. */
static _Noreturn void wait_as_last(const struct wait *wait, size_t slot, int64_t timeout_us)
{
    long before = voluntary_switches();
    bool free = scoreboard_wait_for_other(wait->board, slot, timeout_us, wait->stop[0]);
    _exit(voluntary_switches() - before > SLEEPS_MAX ? 2 : free);
}

static void begin_wait(struct wait *wait, size_t slots, int64_t timeout_us)
{
    wait->board = open_board(slots, 1);
    if (pipe(wait->stop) != 0)
        abort();
    for (size_t slot = 0; slot < slots; slot++)
        scoreboard_busy(wait->board, slot);
    wait->worker = fork();
    if (wait->worker == 0)
        wait_as_last(wait, 0, timeout_us);
}

static void let_it_sleep(const struct wait *wait)
{
    char path[64], state = 'R';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)wait->worker);
    while (state != 'S' || scoreboard_read(wait->board, 0).state != WORKER_LAST) {
        FILE *stat = fopen(path, "r");
        if (!stat || fscanf(stat, "%*d %*s %c", &state) != 1 || state == 'Z')
            abort();
        fclose(stat);
    }
}

static int end_wait(struct wait *wait)
{
    int status = -1;
    waitpid(wait->worker, &status, 0);
    close(wait->stop[0]);
    close(wait->stop[1]);
    close_board(wait->board);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void the_last_worker_sleeps_until_its_time_is_over(void)
{
    struct wait wait;
    begin_wait(&wait, 3, SHORT_US);
    CU_ASSERT_EQUAL(end_wait(&wait), 0);
}

static void each_change_that_frees_a_worker_ends_the_wait(void)
{
    static void (*const changes[])(struct scoreboard *, size_t) = {scoreboard_idle, scoreboard_leaving,
                                                                   scoreboard_release, scoreboard_assign};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct wait wait;
        begin_wait(&wait, 3, LONG_US);
        let_it_sleep(&wait);
        changes[i](wait.board, 2);
        CU_ASSERT_EQUAL(end_wait(&wait), 1);
    }
}

/* From then on the worker in the higher slot is the last, and the other one may serve its request. */
static void a_later_last_worker_ends_the_wait(void)
{
    struct wait wait;
    int64_t last_change_us;
    begin_wait(&wait, 3, LONG_US);
    let_it_sleep(&wait);
    CU_ASSERT_TRUE(scoreboard_is_last(wait.board, 2, &last_change_us));
    CU_ASSERT_EQUAL(end_wait(&wait), 1);
}

static void a_stop_ends_the_wait(void)
{
    struct wait wait;
    begin_wait(&wait, 2, LONG_US);
    let_it_sleep(&wait);
    CU_ASSERT_EQUAL(write(wait.stop[1], "", 1), 1);
    CU_ASSERT_EQUAL(end_wait(&wait), 0);
}

/* Wherever the change falls between the look at the board and the sleep. */
static void no_change_is_lost_before_the_sleep(void)
{
    enum { CHANGES = 300 };
    for (unsigned i = 0; i < CHANGES; i++) {
        struct wait wait;
        begin_wait(&wait, 2, LONG_US);
        while (scoreboard_read(wait.board, 0).state != WORKER_LAST)
            sched_yield();
        for (volatile unsigned delay = i * 37 % 20000; delay; delay--)
            continue;
        scoreboard_idle(wait.board, 1);
        alarm(30); /* ends the test if the worker sleeps on */
        CU_ASSERT_EQUAL(end_wait(&wait), 1);
        alarm(0);
    }
}

static const struct unit_test tests[] = {
    {"a worker that leaves too few idle ones wakes the master", too_few_idle_wakes_the_master},
    {"if two workers are the last, only one counts as that", one_worker_is_the_last},
    {"a single worker is never the last", a_single_worker_is_never_the_last},
    {"one wake is enough until the master has acknowledged it", one_wake_is_enough},
    {"no worker wakes a master that could fork no more", suppressed_wakes_do_not_wake},
    {"workers that are starting count as spare", starting_workers_are_spare},
    {"a worker that is ready for the first time wakes the master", the_first_idle_wakes_the_master},
    {"slots count the requests served", slots_count_requests},
    {"facts count all workers", facts_count_all_workers},
    {"workers of several requests are counted", workers_of_several_requests_are_counted},
    {"a worker that leaves asks for another", a_worker_that_leaves_asks_for_another},
    {"the lag and the work are shown", the_lag_and_the_work_are_shown},
    {"without a board there is one busy worker", without_a_board_there_is_one_worker},
    {"no wake is lost when two workers become busy at once", no_wake_is_lost_in_a_race},
    {"the last worker sleeps until its time is over", the_last_worker_sleeps_until_its_time_is_over},
    {"each change that frees a worker ends the wait", each_change_that_frees_a_worker_ends_the_wait},
    {"a later last worker ends the wait", a_later_last_worker_ends_the_wait},
    {"a stop ends the wait", a_stop_ends_the_wait},
    {"no change is lost between the look and the sleep", no_change_is_lost_before_the_sleep},
};

UNIT_MAIN("scoreboard", tests)
