/* The pool grows at once, up to its maximum, and shrinks slowly; workers are recycled. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/process.h"
#include "base/clock.h"
#include "checks.h"
#include "client.h"

/* Nothing but the master's alertness lets the next visitor be served: all held ones stay. */
static void grows_at_once(struct stage *stage)
{
    int visitors[60];
    pid_t holders[60];
    stage_start(stage, "pool: { min_spare = 1; max_spare = 1; max_workers = 80; };\n");
    int64_t begin = clock_monotonic_us();
    hold(stage, 60, visitors, holders);
    printf("60 held visitors served from 1 spare worker in %.1f ms\n",
           (double)(clock_monotonic_us() - begin) / 1000);
    for (size_t i = 0; i < 60; i++)
        for (size_t j = 0; j < i; j++)
            EXPECT(holders[i] != holders[j], "visitors %zu and %zu share worker %d", i, j, (int)holders[i]);
    release(60, visitors);
    stage_stop(stage);
}

static int by_size(const void *one, const void *other)
{
    const int64_t *a = one, *b = other;
    return (*a > *b) - (*a < *b);
}

/* From the answer that shows the last idle worker taken, to the answer of one that did not exist then. */
static void measures_growth(struct stage *stage)
{
    enum { ROUNDS = 41 };
    int visitors[ROUNDS];
    int64_t times[ROUNDS];
    char answer[ANSWER_SIZE];
    pid_t holder;
    stage_start(stage, "pool: { min_spare = 1; max_spare = 1; max_workers = 80; };\n");
    for (size_t i = 0; i < ROUNDS; i++) {
        EXPECT_SOON(stage_worker_count(stage) == i + 1, "no spare worker in round %zu", i);
        hold(stage, 1, &visitors[i], &holder);
        int64_t begin = clock_monotonic_us();
        ask(stage, "who", answer);
        times[i] = clock_monotonic_us() - begin;
    }
    qsort(times, ROUNDS, sizeof *times, by_size);
    printf("from the last idle worker taken to the next visitor served: min %d, median %d, max %d us\n",
           (int)times[0], (int)times[ROUNDS / 2], (int)times[ROUNDS - 1]);
    release(ROUNDS, visitors);
    stage_stop(stage);
}

static void stops_at_the_maximum(struct stage *stage)
{
    int visitors[5], last;
    pid_t holders[5], pids[MOST_WORKERS];
    char answer[ANSWER_SIZE];
    stage_start(stage, "pool: { min_spare = 2; max_spare = 3; max_workers = 5; };\n");
    hold(stage, 5, visitors, holders);
    last = visit(stage, "who");
    EXPECT_SOON(stage_logged(stage, "all 5 workers are busy"), "the maximum is not said");
    EXPECT(is_silent(last), "a sixth worker serves");
    EXPECT(stage_workers(stage, pids) == 5, "there are %zu workers", stage_worker_count(stage));
    say_line(visitors[4], "go");
    EXPECT(hear_line(last, answer, PATIENCE_MS), "who waited is not served when a worker is free");
    EXPECT(number_in(answer, "pid") == holders[4], "served by somebody else: %s", answer);
    release(4, visitors);
    EXPECT_SOON(stage_logged(stage, "workers are free again"), "the relief is not said");
    EXPECT(stage_count_words(stage->errors, "all 5 workers are busy") == 1, "said more than once");
    stage_stop(stage);
}

static void shrinks_to_max_spare(struct stage *stage)
{
    int visitors[10];
    pid_t holders[10];
    stage_start(stage, "pool: { min_spare = 1; max_spare = 2; max_workers = 20; };\n");
    hold(stage, 10, visitors, holders);
    size_t before = stage_worker_count(stage);
    release(10, visitors);
    EXPECT(before >= 10, "there were %zu workers", before);
    EXPECT_SOON(stage_worker_count(stage) == 2, "still %zu workers", stage_worker_count(stage));
    EXPECT(generation_now(stage) == 1, "nobody is left");
    EXPECT(!stage_logged(stage, "warning"), "retiring is worth no warning");
    stage_stop(stage);
}

static void recycles_workers(struct stage *stage)
{
    pid_t pids[40];
    char answer[ANSWER_SIZE];
    stage_start(stage, "pool: { min_spare = 2; max_spare = 3; max_workers = 8; max_requests = 3; };\n");
    for (size_t i = 0; i < 40; i++) {
        ask(stage, "who", answer);
        pids[i] = (pid_t)number_in(answer, "pid");
    }
    for (size_t i = 0; i < 40; i++) {
        size_t times = 0;
        for (size_t j = 0; j < 40; j++)
            times += pids[j] == pids[i];
        EXPECT(times <= 3, "worker %d served %zu requests", (int)pids[i], times);
    }
    EXPECT(!stage_logged(stage, "warning"), "recycling is worth no warning");
    stage_stop(stage);
}

const struct check size_checks[] = {
    {"grows at once while no worker is idle", grows_at_once},
    {"measures how fast it grows", measures_growth},
    {"stops at max_workers, says so once, and goes on when one is free", stops_at_the_maximum},
    {"shrinks to max_spare", shrinks_to_max_spare},
    {"recycles a worker after max_requests", recycles_workers},
    {0},
};
