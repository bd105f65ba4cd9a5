/* How it ends: step by step on SIGTERM, at once on SIGQUIT, and always. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kit/process.h"
#include "checks.h"
#include "client.h"

#define POOL "pool: { min_spare = 2; max_spare = 6; max_workers = 20; };\n"

static void expect_nothing_left(const struct stage *stage)
{
    EXPECT(access(stage->address, F_OK) != 0, "the socket stays");
    EXPECT(access(stage->pid_file, F_OK) != 0, "the pid file stays");
}

static void expect_words(int visitor, const char *words)
{
    char answer[ANSWER_SIZE] = "";
    EXPECT(hear_line(visitor, answer, PATIENCE_MS) && strcmp(answer, words) == 0, "heard \"%s\", not \"%s\"",
           answer, words);
    close(visitor);
}

static void term_finishes(struct stage *stage)
{
    int visitors[3];
    pid_t holders[3];
    stage_start(stage, POOL "stop_timeout = 30;\n");
    hold(stage, 3, visitors, holders);
    kill(stage->master, SIGTERM);
    EXPECT_SOON(visit(stage, "who") < 0, "new visitors are still let in");
    EXPECT_SOON(stage_worker_count(stage) == 3, "idle workers stay");
    EXPECT(is_silent(visitors[0]), "a visitor was disturbed");
    release(3, visitors);
    EXPECT(stage_wait_end(stage) == 0, "the master did not end well");
    expect_nothing_left(stage);
}

static void term_then_quit(struct stage *stage)
{
    int visitor;
    pid_t holder;
    stage_start(stage, POOL "stop_timeout = 0.5;\n");
    hold(stage, 1, &visitor, &holder);
    int64_t begin = now_ms();
    kill(stage->master, SIGTERM);
    expect_words(visitor, "cut");
    EXPECT(now_ms() - begin >= 500, "cut before stop_timeout");
    EXPECT(stage_wait_end(stage) == 0, "the master did not end well");
    expect_nothing_left(stage);
}

static void quit_then_kill(struct stage *stage)
{
    char answer[ANSWER_SIZE];
    stage_start(stage, POOL "stop_timeout = 0.2;\n");
    int visitor = visit(stage, "deaf");
    EXPECT(hear_line(visitor, answer, PATIENCE_MS), "no deaf worker");
    kill(stage->master, SIGTERM);
    EXPECT(stage_wait_end(stage) == 0, "the master did not end well");
    EXPECT(hears_nothing(visitor), "a deaf worker speaks");
    EXPECT(!process_is_there((pid_t)number_in(answer, "pid")), "a deaf worker stays");
    EXPECT(stage_logged(stage, "killing 1 workers"), "killing is not logged");
    expect_nothing_left(stage);
}

static void quit_at_once(struct stage *stage)
{
    int visitors[3];
    pid_t holders[3];
    stage_start(stage, POOL "stop_timeout = 3600;\n");
    hold(stage, 3, visitors, holders);
    kill(stage->master, SIGQUIT);
    for (size_t i = 0; i < 3; i++)
        expect_words(visitors[i], "cut");
    EXPECT(stage_wait_end(stage) == 0, "the master did not end well");
    expect_nothing_left(stage);
}

/* The second word is the stronger one; a weaker one that comes later changes nothing. */
static void only_upwards(struct stage *stage)
{
    int visitor;
    pid_t holder;
    stage_start(stage, POOL "stop_timeout = 3600;\n");
    hold(stage, 1, &visitor, &holder);
    kill(stage->master, SIGTERM);
    EXPECT_SOON(stage_logged(stage, "stopping: "), "SIGTERM is not heard");
    kill(stage->master, SIGHUP);
    kill(stage->master, SIGTERM);
    kill(stage->master, SIGQUIT);
    expect_words(visitor, "cut");
    EXPECT(stage_wait_end(stage) == 0, "the master did not end well");
    EXPECT(!stage_logged(stage, "generation 2"), "it reloaded while it ended");
    EXPECT(stage_count_words(stage->errors, "stopping: ") == 1, "it began to end twice");
}

static void ends_generations_too(struct stage *stage)
{
    int visitors[2];
    pid_t holders[2];
    stage_start(stage, POOL "stop_timeout = 0.3;\n");
    hold(stage, 1, &visitors[0], &holders[0]);
    kill(stage->master, SIGHUP);
    EXPECT_SOON(generation_now(stage) == 2, "generation 2 does not come");
    hold(stage, 1, &visitors[1], &holders[1]);
    kill(stage->master, SIGINT);
    expect_words(visitors[0], "cut");
    expect_words(visitors[1], "cut");
    EXPECT(stage_wait_end(stage) == 0, "the master did not end well");
    EXPECT(!process_is_there(holders[0]) && !process_is_there(holders[1]), "a worker stays");
}

static void ends_under_load(struct stage *stage)
{
    stage_start(stage, POOL);
    struct crowd *crowd = crowd_start(stage, 4, ask_who);
    int64_t begin = now_ms();
    kill(stage->master, SIGTERM);
    EXPECT(stage_wait_end(stage) == 0, "the master did not end well");
    printf("ended under load in %d ms\n", (int)(now_ms() - begin));
    crowd_stop(crowd);
    expect_nothing_left(stage);
}

const struct check end_checks[] = {
    {"SIGTERM refuses the new, finishes the begun, ends with 0", term_finishes},
    {"SIGTERM cuts what runs longer than stop_timeout", term_then_quit},
    {"SIGTERM kills who hears nothing", quit_then_kill},
    {"SIGQUIT cuts at once", quit_at_once},
    {"an ending is never taken back", only_upwards},
    {"SIGINT ends all generations", ends_generations_too},
    {"SIGTERM ends it under load", ends_under_load},
    {0},
};
