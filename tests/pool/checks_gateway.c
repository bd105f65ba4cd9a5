/* The same promises, kept by the gateway itself: real requests, streams, and records. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/process.h"
#include "chat.h"
#include "checks.h"
#include "client.h"

#define RECORD "\"request_id\"" /* stands in each, and in nothing else: a log may begin with a balance */

static size_t records(const struct stage *stage)
{
    return stage_count_words(stage->usage, RECORD);
}

static void hold_chats(struct talk chats[], unsigned count, const struct stage *stage)
{
    for (unsigned i = 0; i < count; i++)
        chat_hold(&chats[i], stage, i);
    for (unsigned i = 0; i < count; i++)
        EXPECT(chat_hears(&chats[i], "frame-1"), "chat %u of %u is not served", i, count);
}

static void streams_grow_the_pool(struct stage *stage)
{
    struct talk chats[60];
    unsigned port = chat_stage_start(stage, "pool: { min_spare = 1; max_spare = 1; max_workers = 80; };\n");
    int64_t begin = now_ms();
    hold_chats(chats, 60, stage);
    printf("60 streams had their first frame from 1 spare worker in %d ms\n", (int)(now_ms() - begin));
    for (unsigned i = 0; i < 60; i++)
        chat_release(&chats[i], port, i);
    EXPECT_SOON(records(stage) == 60, "%zu records of 60 requests", records(stage));
    stage_stop(stage);
}

static void reloads_under_load(struct stage *stage)
{
    struct talk chats[3];
    unsigned port = chat_stage_start(stage, "pool: { min_spare = 2; max_spare = 6; max_workers = 20; };\n");
    hold_chats(chats, 3, stage);
    struct crowd *crowd = crowd_start(stage, 6, chat_once);
    for (long generation = 2; generation <= 11; generation++) {
        unsigned long before = crowd_served(crowd);
        kill(stage->master, SIGHUP);
        EXPECT_SOON(chat_generation(stage) == generation, "generation %ld does not come", generation);
        EXPECT_SOON(crowd_served(crowd) > before + 20, "nobody is served by generation %ld", generation);
    }
    struct crowd_score score = crowd_stop(crowd);
    printf("%lu chats served during ten reloads\n", score.served);
    EXPECT(score.failed == 0, "%lu chats failed", score.failed);
    for (unsigned i = 0; i < 3; i++)
        chat_release(&chats[i], port, i);
    EXPECT_SOON(records(stage) == score.served + 3, "%zu records of %lu requests", records(stage),
                score.served + 3);
    stage_stop(stage);
}

/* Does a SIGTERM wait for that process? (proc(5), "status") */
static bool is_told(pid_t process)
{
    char path[64];
    struct text status = {0};
    snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    file_read_if_there(path, &status);
    const char *pending = strstr(text_words(&status), "ShdPnd:");
    bool told = pending && strtoull(pending + strlen("ShdPnd:"), NULL, 16) >> (SIGTERM - 1) & 1;
    text_free(&status);
    return told;
}

/* The one of generation 2 is busy, a request waits, and the one of generation 1 becomes free. */
static void who_was_told_to_leave_takes_no_more(struct stage *stage)
{
    struct talk held, later, next;
    pid_t old[MOST_WORKERS];
    unsigned port = chat_stage_start(stage, "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    hold_chats(&held, 1, stage);
    EXPECT(stage_workers(stage, old) == 1, "not one worker");
    kill(stage->master, SIGHUP);
    EXPECT_SOON(chat_generation(stage) == 2, "generation 2 does not come");
    EXPECT_SOON(is_told(old[0]), "the old worker is not told");
    chat_hold(&later, stage, 1);
    EXPECT(chat_hears(&later, "frame-1"), "generation 2 does not serve");
    EXPECT(chat_look(&next, stage, "/healthz"), "nobody listens");
    chat_release(&held, port, 0);
    EXPECT_SOON(!process_is_there(old[0]), "the old worker stays");
    chat_release(&later, port, 1);
    EXPECT(chat_ends_well(&next) && strstr(text_words(&next.heard), "\"generation\":2"),
           "an old worker has answered: %s", text_words(&next.heard));
    chat_free(&next);
    stage_stop(stage);
}

/* A worker has one request at most, so that many may fail and no more. */
static void kills_cost_one_request_each(struct stage *stage)
{
    enum { KILLS = 6 };
    pid_t pids[MOST_WORKERS];
    chat_stage_start(stage, "pool: { min_spare = 4; max_spare = 8; max_workers = 20; };\n");
    struct crowd *crowd = crowd_start(stage, 6, chat_once);
    for (size_t i = 0; i < KILLS; i++) {
        unsigned long before = crowd_served(crowd);
        size_t count = stage_workers(stage, pids);
        EXPECT(count > 0, "no workers");
        kill(pids[i % count], SIGKILL);
        EXPECT_SOON(crowd_served(crowd) > before + 20, "nobody is served after kill %zu", i);
    }
    struct crowd_score score = crowd_stop(crowd);
    printf("%lu chats served, %lu failed, %d workers killed\n", score.served, score.failed, (int)KILLS);
    EXPECT(score.failed <= KILLS, "%lu chats failed", score.failed);
    stage_stop(stage);
}

static void term_finishes_a_stream(struct stage *stage)
{
    struct talk chat;
    unsigned port = chat_stage_start(stage, "stop_timeout = 30;\n");
    hold_chats(&chat, 1, stage);
    kill(stage->master, SIGTERM);
    EXPECT_SOON(stage_worker_count(stage) == 1, "idle workers stay");
    chat_release(&chat, port, 0);
    EXPECT(stage_wait_end(stage) == 0, "the master did not end well");
    EXPECT(stage_count_words(stage->usage, "\"end\":\"complete\"") == 1, "the record does not say so");
}

static void expect_cut(struct talk *chat, const struct stage *stage)
{
    EXPECT(chat_ends_well(chat), "it breaks off: %s", text_words(&chat->heard));
    EXPECT(strstr(text_words(&chat->heard), "\"finish_reason\":\"error\""), "no error frame: %s",
           text_words(&chat->heard));
    EXPECT(strstr(text_words(&chat->heard), "data: [DONE]"), "no [DONE]: %s", text_words(&chat->heard));
    chat_free(chat);
    EXPECT_SOON(records(stage) == 1, "%zu records of one request", records(stage));
    EXPECT(stage_count_words(stage->usage, "\"end\":\"complete\"") == 0, "the record calls it complete");
}

static void term_cuts_a_long_stream(struct stage *stage)
{
    struct talk chat;
    chat_stage_start(stage, "stop_timeout = 0.3;\n");
    hold_chats(&chat, 1, stage);
    kill(stage->master, SIGTERM);
    expect_cut(&chat, stage);
    EXPECT(stage_wait_end(stage) == 0, "the master did not end well");
}

static void quit_cuts_a_stream(struct stage *stage)
{
    struct talk chat;
    chat_stage_start(stage, "stop_timeout = 3600;\n");
    hold_chats(&chat, 1, stage);
    kill(stage->master, SIGQUIT);
    expect_cut(&chat, stage);
    EXPECT(stage_wait_end(stage) == 0, "the master did not end well");
}

/* The provider asks for seven seconds, in which the client gets signs of life. */
static void quit_ends_a_wait_between_tries(struct stage *stage)
{
    struct talk chat;
    chat_stage_start(stage, "stop_timeout = 3600;\nkeepalive_before_status = 0.1;\n");
    EXPECT(chat_begin(&chat, stage, "error-429", true), "nobody listens");
    EXPECT(chat_hears(&chat, "chatcmpl-"), "no sign of life: %s", text_words(&chat.heard));
    kill(stage->master, SIGQUIT);
    expect_cut(&chat, stage);
    EXPECT(stage_wait_end(stage) == 0, "the master did not end well");
    EXPECT(stage_count_words(stage->usage, "\"reason\":\"unavailable\",\"retryable\":true") == 1,
           "the record gives another reason");
}

static void orphans_leave(struct stage *stage)
{
    struct talk chat;
    pid_t pids[MOST_WORKERS];
    unsigned port = chat_stage_start(stage, "pool: { min_spare = 3; max_spare = 3; max_workers = 8; };\n");
    hold_chats(&chat, 1, stage);
    EXPECT_SOON(stage_workers(stage, pids) == 4, "not four workers");
    kill(stage->master, SIGKILL);
    stage_wait_end(stage);
    EXPECT_SOON(process_is_there(pids[0]) + process_is_there(pids[1]) + process_is_there(pids[2]) +
                        process_is_there(pids[3]) ==
                    1,
                "idle orphans stay");
    chat_release(&chat, port, 0);
    for (size_t i = 0; i < 4; i++)
        EXPECT_SOON(!process_is_there(pids[i]), "an orphan stays after its request");
}

static void requests_wait_at_the_maximum(struct stage *stage)
{
    struct talk chats[3];
    unsigned port = chat_stage_start(stage, "pool: { min_spare = 1; max_spare = 2; max_workers = 2; };\n");
    hold_chats(chats, 2, stage);
    EXPECT(chat_begin(&chats[2], stage, "bench", false), "nobody listens at the maximum");
    EXPECT_SOON(stage_logged(stage, "all 2 workers are busy"), "the maximum is not said");
    chat_release(&chats[0], port, 0);
    EXPECT(chat_ends_well(&chats[2]) && strstr(text_words(&chats[2].heard), "\"choices\""),
           "who waited is not served: %s", text_words(&chats[2].heard));
    chat_free(&chats[2]);
    chat_release(&chats[1], port, 1);
    stage_stop(stage);
}

/* In the new file, in the old one, or on standard error where a worker comes between the two. */
static size_t records_anywhere(const struct stage *stage, const char *rotated)
{
    return records(stage) + stage_count_words(rotated, RECORD) + stage_count_words(stage->said, RECORD);
}

static void rotation_loses_no_record(struct stage *stage)
{
    char rotated[600];
    chat_stage_start(stage, "pool: { min_spare = 2; max_spare = 6; max_workers = 20; };\n");
    snprintf(rotated, sizeof rotated, "%s.1", stage->usage);
    struct crowd *crowd = crowd_start(stage, 4, chat_once);
    EXPECT(rename(stage->usage, rotated) == 0, "cannot rotate");
    kill(stage->master, SIGUSR1);
    EXPECT_SOON(records(stage) > 50, "nothing comes to the new file");
    struct crowd_score score = crowd_stop(crowd);
    EXPECT_SOON(records_anywhere(stage, rotated) == score.served, "%zu records of %lu requests",
                records_anywhere(stage, rotated), score.served);
    EXPECT(score.failed == 0, "%lu chats failed", score.failed);
    stage_stop(stage);
}

const struct check gateway_checks[] = {
    {"gateway: streams make the pool grow at once", streams_grow_the_pool},
    {"gateway: reloads ten times under load, streams live on, each request leaves its record",
     reloads_under_load},
    {"gateway: a worker that was told to leave in the middle of a request takes no other",
     who_was_told_to_leave_takes_no_more},
    {"gateway: kill -9 of workers under load costs one request each at most", kills_cost_one_request_each},
    {"gateway: requests wait at max_workers and are served", requests_wait_at_the_maximum},
    {"gateway: SIGTERM finishes a stream", term_finishes_a_stream},
    {"gateway: SIGTERM cuts a longer stream with an error frame", term_cuts_a_long_stream},
    {"gateway: SIGQUIT cuts a stream with an error frame", quit_cuts_a_stream},
    {"gateway: SIGQUIT ends a wait between two tries", quit_ends_a_wait_between_tries},
    {"gateway: workers leave when the master is killed", orphans_leave},
    {"gateway: a rotation of the usage log loses no record", rotation_loses_no_record},
    {0},
};
