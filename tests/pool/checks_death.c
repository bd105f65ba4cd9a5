/* Workers die; the service does not. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/process.h"
#include "checks.h"
#include "client.h"

static void only_its_own_request_fails(struct stage *stage)
{
    int visitors[3];
    pid_t holders[3];
    stage_start(stage, "pool: { min_spare = 2; max_spare = 8; max_workers = 20; };\n");
    struct crowd *crowd = crowd_start(stage, 4, ask_who);
    hold(stage, 3, visitors, holders);
    kill(holders[1], SIGKILL);
    EXPECT(hears_nothing(visitors[1]), "a dead worker answers");
    unsigned long before = crowd_served(crowd);
    EXPECT_SOON(crowd_served(crowd) > before + 500, "the crowd is not served any more");
    struct crowd_score score = crowd_stop(crowd);
    EXPECT(score.failed == 0, "%lu others failed", score.failed);
    EXPECT_SOON(stage_logged(stage, "signal 9 (Killed)"), "the death is not logged");
    EXPECT(stage_logged(stage, ", while serving another"), "nor that it was at work");
    visitors[1] = visitors[2];
    release(2, visitors);
    stage_stop(stage);
}

static void replaces_the_dead(struct stage *stage)
{
    pid_t before[MOST_WORKERS], after[MOST_WORKERS];
    stage_start(stage, "pool: { min_spare = 4; max_spare = 4; max_workers = 4; };\n");
    EXPECT_SOON(stage_workers(stage, before) == 4, "not four workers");
    for (size_t i = 0; i < 4; i++)
        kill(before[i], SIGKILL);
    EXPECT_SOON(stage_count_words(stage->errors, "signal 9 (Killed)") == 4, "not all are buried");
    EXPECT_SOON(stage_workers(stage, after) == 4, "they are not replaced");
    EXPECT(generation_now(stage) == 1, "nobody serves");
    stage_stop(stage);
}

/* Each crash is one request's; fifty of them are a storm, and still the next one is served. */
static void survives_crashing_requests(struct stage *stage)
{
    stage_start(stage, "pool: { min_spare = 4; max_spare = 8; max_workers = 20; };\n");
    for (int i = 0; i < 50; i++) {
        int visitor = visit(stage, "crash");
        EXPECT(visitor >= 0 && hears_nothing(visitor), "crash %d was not one", i);
        close(visitor);
    }
    EXPECT_SOON(stage_count_words(stage->errors, "Segmentation fault") == 50, "not all are buried");
    EXPECT(stage_logged(stage, "workers keep dying"), "fifty deaths are no storm");
    EXPECT(generation_now(stage) == 1, "nobody serves");
    stage_stop(stage);
}

static void throttles_a_storm(struct stage *stage)
{
    file_write(stage->crash, "", 0);
    stage_configure(stage, "pool: { min_spare = 4; max_spare = 8; max_workers = 20; };\n");
    stage_launch(stage);
    EXPECT_SOON(stage_logged(stage, "exited with status 3"), "nobody dies");
    int64_t end = now_ms() + 2000;
    while (now_ms() < end)
        rest();
    size_t deaths = stage_count_words(stage->errors, "exited with status 3");
    printf("%zu workers were born and died in 2 s\n", deaths);
    EXPECT(deaths >= 12, "it gave up after %zu", deaths);
    EXPECT(deaths <= 60, "%zu forks in 2 s", deaths);
    unlink(stage->crash);
    EXPECT_SOON(stage_logged(stage, "generation 1 serves"), "it does not recover");
    EXPECT(generation_now(stage) == 1, "nobody serves");
    stage_stop(stage);
}

/* Its client would wait for ever, and so would all others for what it holds. */
static void kills_the_stopped(struct stage *stage)
{
    int visitors[2];
    pid_t holders[2], pids[MOST_WORKERS];
    stage_start(stage, "pool: { min_spare = 1; max_spare = 1; max_workers = 4; };\n");
    hold(stage, 2, visitors, holders);
    kill(holders[0], SIGSTOP);
    kill(holders[1], SIGSTOP);
    kill(holders[1], SIGCONT);
    EXPECT_SOON(stage_logged(stage, "has been stopped"), "it stays stopped");
    EXPECT(hears_nothing(visitors[0]), "who is stopped answers");
    EXPECT_SOON(stage_logged(stage, "signal 9 (Killed)"), "its death is not logged");
    EXPECT_SOON(stage_workers(stage, pids) == 2, "it is not replaced");
    EXPECT(stage_count_words(stage->errors, "has been stopped") == 1, "who goes on is killed too");
    release(1, &visitors[1]);
    stage_stop(stage);
}

/* Those at rest at once, those at work when they are done. */
static void orphans_leave(struct stage *stage)
{
    int visitor;
    pid_t holder, pids[MOST_WORKERS];
    stage_start(stage, "pool: { min_spare = 3; max_spare = 3; max_workers = 8; };\n");
    hold(stage, 1, &visitor, &holder);
    EXPECT_SOON(stage_workers(stage, pids) == 4, "not four workers");
    kill(stage->master, SIGKILL);
    stage_wait_end(stage);
    for (size_t i = 0; i < 4; i++)
        if (pids[i] != holder)
            EXPECT_SOON(!process_is_there(pids[i]), "an idle orphan stays");
    EXPECT(process_is_there(holder), "a busy one was killed");
    release(1, &visitor);
    EXPECT_SOON(!process_is_there(holder), "an orphan stays after its request");
}

const struct check death_checks[] = {
    {"kill -9 of a worker under load fails its own request only", only_its_own_request_fails},
    {"replaces dead workers", replaces_the_dead},
    {"kills a worker that has been stopped for 5 s, and not one that goes on", kills_the_stopped},
    {"survives requests that crash their worker", survives_crashing_requests},
    {"throttles a crash storm and recovers", throttles_a_storm},
    {"workers leave when the master is killed", orphans_leave},
    {0},
};
