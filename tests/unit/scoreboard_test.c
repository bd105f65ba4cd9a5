/* Workers in need wake the master: never too often, and never too seldom. */
#include "process/scoreboard.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/failure.h"
#include "unit.h"

#define ROUNDS 50000

static int wake;

/* How often the master was woken since the last look. */
static uint64_t wakes(void)
{
    uint64_t count;
    return read(wake, &count, sizeof count) == (ssize_t)sizeof count ? count : 0;
}

static struct scoreboard *open_board(size_t rows, size_t min_spare)
{
    struct failure why;
    struct scoreboard *board = NULL;
    wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake < 0 || !scoreboard_create(rows, min_spare, 7, wake, &board, &why))
        abort();
    for (size_t row = 0; row < rows; row++) {
        scoreboard_assign(board, row);
        scoreboard_idle(board, row);
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

static void need_wakes_the_master(void)
{
    struct scoreboard *board = open_board(4, 2);
    scoreboard_busy(board, 0);
    scoreboard_busy(board, 3);
    CU_ASSERT_EQUAL(wakes(), 0);
    scoreboard_busy(board, 1);
    CU_ASSERT_EQUAL(wakes(), 1);
    close_board(board);
}

/* Of two who believe to be the last, the first row's is not. */
static void one_usher_is_enough(void)
{
    struct scoreboard *board = open_board(3, 1);
    int64_t moved_us;
    scoreboard_busy(board, 0);
    scoreboard_busy(board, 1);
    CU_ASSERT_FALSE(scoreboard_is_last(board, 1, &moved_us));
    scoreboard_busy(board, 2);
    CU_ASSERT_TRUE(scoreboard_is_last(board, 2, &moved_us));
    CU_ASSERT_TRUE(moved_us >= scoreboard_read(board, 0).since_us);
    CU_ASSERT_EQUAL(scoreboard_facts(board).busy, 3);
    CU_ASSERT_FALSE(scoreboard_is_last(board, 1, &moved_us));
    CU_ASSERT_TRUE(scoreboard_is_last(board, 2, &moved_us));
    scoreboard_idle(board, 0);
    CU_ASSERT_FALSE(scoreboard_is_last(board, 2, &moved_us));
    CU_ASSERT_EQUAL(scoreboard_read(board, 2).state, WORKER_BUSY);
    close_board(board);
}

static void nobody_is_the_last_of_one(void)
{
    struct scoreboard *board = open_board(1, 1);
    int64_t moved_us;
    scoreboard_busy(board, 0);
    CU_ASSERT_FALSE(scoreboard_is_last(board, 0, &moved_us));
    CU_ASSERT_FALSE(scoreboard_is_last(NULL, 0, &moved_us));
    close_board(board);
}

static void one_wake_is_enough(void)
{
    struct scoreboard *board = open_board(4, 4);
    for (size_t row = 0; row < 4; row++)
        scoreboard_busy(board, row);
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

static void the_muted_are_silent(void)
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

static void those_who_start_are_spare(void)
{
    struct scoreboard *board = open_board(3, 1);
    scoreboard_release(board, 2);
    scoreboard_assign(board, 2);
    scoreboard_busy(board, 0);
    scoreboard_busy(board, 1);
    CU_ASSERT_EQUAL(wakes(), 0);
    close_board(board);
}

/* So that the master knows when a generation serves, muted or not. */
static void the_first_idleness_is_told(void)
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

static void rows_say_what_was_served(void)
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

static void facts_count_everybody(void)
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

static void without_a_board_nobody_keeps_score(void)
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

/* Both leave at the same instant, as near as two processors can: they spin, and yield only if it takes long.
 */
static void meet(struct race *race, unsigned meeting)
{
    atomic_fetch_add(&race->arrived, 1);
    for (unsigned spins = 0; atomic_load(&race->arrived) < 2 * meeting; spins++)
        if (spins > 10000)
            sched_yield();
}

static _Noreturn void compete(struct race *race, size_t row)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        scoreboard_idle(race->board, row);
        meet(race, 3 * round + 1);
        scoreboard_busy(race->board, row);
        meet(race, 3 * round + 2);
        if (row == 0) {
            atomic_fetch_add(&race->lost, wakes() == 0);
            scoreboard_acknowledge_wake(race->board);
        }
        meet(race, 3 * round + 3);
    }
    _exit(0);
}

/* The last two idle places are taken at the same instant: at least one of the two must see that none is left.
 */
static void no_need_is_lost_in_a_race(void)
{
    struct race *race = mmap(NULL, sizeof *race, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t workers[2];
    race->board = open_board(2, 1);
    for (size_t row = 0; row < 2; row++)
        if ((workers[row] = fork()) == 0)
            compete(race, row);
    for (size_t row = 0; row < 2; row++) {
        int status = -1;
        waitpid(workers[row], &status, 0);
        CU_ASSERT_EQUAL(status, 0);
    }
    CU_ASSERT_EQUAL(atomic_load(&race->arrived), 2 * 3 * ROUNDS);
    CU_ASSERT_EQUAL(atomic_load(&race->lost), 0);
    close_board(race->board);
    munmap(race, sizeof *race);
}

static const struct unit_test tests[] = {
    {"a worker that leaves too few idle wakes the master", need_wakes_the_master},
    {"of two last ones one is the usher", one_usher_is_enough},
    {"where there is one worker, none is the last", nobody_is_the_last_of_one},
    {"one wake is enough until the master has heard it", one_wake_is_enough},
    {"nobody wakes a master that can do nothing", the_muted_are_silent},
    {"those who start are spare", those_who_start_are_spare},
    {"a worker that is ready for the first time tells", the_first_idleness_is_told},
    {"rows say what was served", rows_say_what_was_served},
    {"facts count everybody", facts_count_everybody},
    {"without a board nobody keeps score", without_a_board_nobody_keeps_score},
    {"no need is lost when two take the last places at once", no_need_is_lost_in_a_race},
};

UNIT_MAIN("scoreboard", tests)
