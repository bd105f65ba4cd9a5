/* SIGHUP: a new generation on new settings, and nobody notices. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/process.h"
#include "checks.h"
#include "client.h"

#define SETTINGS "pool: { min_spare = 2; max_spare = 6; max_workers = 20; };\n"

static void ten_times_under_load(struct stage *stage)
{
    stage_start(stage, SETTINGS);
    struct crowd *crowd = crowd_start(stage, 6, ask_who);
    for (long generation = 2; generation <= 11; generation++) {
        kill(stage->master, SIGHUP);
        EXPECT_SOON(generation_now(stage) == generation, "generation %ld does not come", generation);
    }
    struct crowd_score score = crowd_stop(crowd);
    printf("%lu requests served during ten reloads\n", score.served);
    EXPECT(score.failed == 0, "%lu requests failed", score.failed);
    EXPECT(!stage_logged(stage, "warning"), "a reload is worth no warning");
    stage_stop(stage);
}

static void old_ones_finish(struct stage *stage)
{
    int visitors[4];
    pid_t holders[4];
    stage_start(stage, SETTINGS);
    hold(stage, 4, visitors, holders);
    kill(stage->master, SIGHUP);
    EXPECT_SOON(generation_now(stage) == 2, "generation 2 does not come");
    for (size_t i = 0; i < 4; i++)
        EXPECT(process_is_there(holders[i]) && is_silent(visitors[i]), "visitor %zu was disturbed", i);
    release(4, visitors);
    for (size_t i = 0; i < 4; i++)
        EXPECT_SOON(!process_is_there(holders[i]), "an old worker stays");
    EXPECT_SOON(generation_now(stage) == 2, "the new ones do not serve");
    stage_stop(stage);
}

/* All workers that may be are at work for the old generation: the new one still gets min_spare. */
static void serves_under_full_load(struct stage *stage)
{
    int visitors[5];
    pid_t holders[5];
    stage_start(stage, "pool: { min_spare = 2; max_spare = 3; max_workers = 5; };\n");
    hold(stage, 5, visitors, holders);
    kill(stage->master, SIGHUP);
    EXPECT_SOON(generation_now(stage) == 2, "generation 2 does not come");
    EXPECT(stage_worker_count(stage) <= 7, "%zu workers", stage_worker_count(stage));
    release(5, visitors);
    EXPECT_SOON(stage_worker_count(stage) <= 3, "%zu workers stay", stage_worker_count(stage));
    stage_stop(stage);
}

static void refuses_mistakes(struct stage *stage)
{
    char words[600];
    pid_t before[MOST_WORKERS], after[MOST_WORKERS];
    stage_start(stage, SETTINGS);
    EXPECT_SOON(stage_workers(stage, before) == 2, "not two workers");
    stage_configure(stage, SETTINGS "\n\nstop_timout = 3;\n");
    size_t line = stage_count_words(stage->config, "\n");
    kill(stage->master, SIGHUP);
    EXPECT_SOON(stage_logged(stage, "refused; the old settings stay"), "the mistake is not refused");
    snprintf(words, sizeof words, "error: reload: %s:%zu: stop_timout", stage->config, line);
    EXPECT(stage_logged(stage, words), "file, line and name are not said: %s", words);
    EXPECT(stage_workers(stage, after) == 2 && memcmp(before, after, 2 * sizeof *before) == 0,
           "the workers changed");
    EXPECT(generation_now(stage) == 1, "generation 1 does not serve any more");
    stage_configure(stage, SETTINGS "stop_timeout = 3;\n");
    kill(stage->master, SIGHUP);
    EXPECT_SOON(generation_now(stage) == 2, "a good file is not taken after a bad one");
    stage_stop(stage);
}

static void takes_new_values(struct stage *stage)
{
    char elsewhere[600];
    stage_start(stage, SETTINGS);
    snprintf(elsewhere, sizeof elsewhere,
             "listen = \"%s/other.sock\";\npool: { min_spare = 5; max_spare = 6; max_workers = 30; };\n",
             stage->folder);
    stage_configure(stage, elsewhere);
    kill(stage->master, SIGHUP);
    EXPECT_SOON(generation_now(stage) == 2, "generation 2 does not come to the old address");
    EXPECT_SOON(stage_worker_count(stage) >= 5, "%zu workers, not min_spare", stage_worker_count(stage));
    EXPECT(stage_logged(stage, "listen = "), "it is not said that listen waits for a restart");
    EXPECT(stage_logged(stage, "waits for a restart"), "it is not said that listen waits for a restart");
    stage_stop(stage);
    EXPECT(access(stage->address, F_OK) != 0, "the socket stays");
}

/* A generation that cannot live does not cost the service. */
static void keeps_the_old_while_the_new_crashes(struct stage *stage)
{
    stage_start(stage, SETTINGS);
    file_write(stage->crash, "", 0);
    kill(stage->master, SIGHUP);
    EXPECT_SOON(stage_count_words(stage->errors, "of generation 2 exited with status 3") > 8, "no deaths");
    for (int i = 0; i < 20; i++)
        EXPECT(generation_now(stage) == 1, "generation 1 does not serve any more");
    unlink(stage->crash);
    EXPECT_SOON(generation_now(stage) == 2, "generation 2 does not come");
    stage_stop(stage);
}

static void reopens_logs(struct stage *stage)
{
    char rotated[600], answer[ANSWER_SIZE];
    stage_start(stage, "pool: { min_spare = 1; max_spare = 1; max_workers = 2; };\n");
    ask(stage, "log the first line", answer);
    EXPECT(stage_logged(stage, "the first line"), "a worker cannot write the log");
    snprintf(rotated, sizeof rotated, "%s.1", stage->errors);
    EXPECT(rename(stage->errors, rotated) == 0 && unlink(stage->usage) == 0, "cannot rotate");
    kill(stage->master, SIGUSR1);
    EXPECT_SOON(access(stage->errors, F_OK) == 0 && access(stage->usage, F_OK) == 0, "no new files");
    for (int64_t end = now_ms() + PATIENCE_MS; !stage_logged(stage, "the second line") && now_ms() < end;)
        ask(stage, "log the second line", answer); /* the worker hears its signal between two requests */
    EXPECT(stage_logged(stage, "the second line"), "the worker writes to the old file");
    kill(stage->master, SIGHUP);
    EXPECT_SOON(stage_logged(stage, "generation 2 serves"), "the master writes to the old file");
    stage_stop(stage);
}

const struct check reload_checks[] = {
    {"reloads ten times under load without a failed request", ten_times_under_load},
    {"lets old workers finish what they have", old_ones_finish},
    {"serves after a reload although all old workers are busy", serves_under_full_load},
    {"refuses a file with a mistake, by file, line and name", refuses_mistakes},
    {"takes new values, and says which wait for a restart", takes_new_values},
    {"keeps the old generation while the new one crashes", keeps_the_old_while_the_new_crashes},
    {"reopens the logs", reopens_logs},
    {0},
};
