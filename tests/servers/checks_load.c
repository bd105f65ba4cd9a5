/* What must not disturb anybody: new settings, the death of a worker, five hundred streams at a time. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "../kit/text.h"
#include "checks.h"
#include "crowd.h"
#include "expect.h"
#include "records.h"
#include "site.h"
#include "client.h"
#include "workers.h"

#define RELOADS 10
#define KILLS 20
#define VISITORS 8
#define STREAMS 500
#define PRIVATE_MOST_KB 185 /* what a worker that streams from a plain upstream may cost, on average */

static size_t generations(const struct stage *stage)
{
    return stage_count_words(stage, "log/error.log", " serves on ");
}

static void reload(const struct stage *stage)
{
    struct crowd crowd;
    crowd_start(&crowd, stage, VISITORS);
    for (unsigned i = 0; i < RELOADS; i++) {
        size_t before = generations(stage);
        crowd_await(&crowd, 50);
        kill(master_pid(stage), SIGHUP);
        EXPECT_SOON(generations(stage) == before + 1, "reload %u brings no new generation", i + 1);
    }
    crowd_await(&crowd, 50);
    crowd_stop(&crowd);
    EXPECT(stage->common->failed == 0, "%ld of %ld requests failed", stage->common->failed,
           stage->common->answered);
    printf("%ld requests answered during %d reloads\n", stage->common->answered, RELOADS);
}

/* A worker has one request at most: as many may fail as were killed, and no more. One that was answered may
 * still be without its record, which comes after the answer. */
static void kill_workers(const struct stage *stage)
{
    struct crowd crowd;
    pid_t workers[WORKERS_MAX];
    crowd_start(&crowd, stage, VISITORS);
    for (unsigned i = 0; i < KILLS; i++) {
        crowd_await(&crowd, 20);
        size_t count = workers_list(stage, workers);
        EXPECT(count > 0, "there are no workers");
        kill(workers[i % count], SIGKILL);
    }
    crowd_await(&crowd, 50);
    crowd_stop(&crowd);
    stage->common->lost += KILLS;
    EXPECT(stage->common->failed <= KILLS, "%ld requests failed", stage->common->failed);
    printf("%d workers killed: %ld requests failed, %ld were answered\n", KILLS, stage->common->failed,
           stage->common->answered);
}

static void open_streams(const struct stage *stage, struct visit visits[])
{
    char model[64];
    for (unsigned i = 0; i < STREAMS; i++) {
        snprintf(model, sizeof model, "handshake-2-s%u", i);
        visit_chat(&visits[i], stage, model, true);
        visit_step(&visits[i], 0);
    }
}

static void hear_all(const struct stage *stage, struct visit visits[], unsigned frame)
{
    char words[32];
    snprintf(words, sizeof words, "frame-%u ", frame);
    for (unsigned i = 0; i < STREAMS; i++)
        EXPECT(visit_hears(&visits[i], words, 2 * PATIENCE_MS), "stream %u: status %d, no frame %u: %s", i,
               visits[i].status, frame, text_words(&visits[i].body));
    EXPECT(stage_provider(stage, "answering") == STREAMS, "the provider is answering %ld requests, not %d",
           stage_provider(stage, "answering"), STREAMS);
}

static void confirm_all(const struct stage *stage, unsigned frame)
{
    char tag[16];
    for (unsigned i = 0; i < STREAMS; i++) {
        snprintf(tag, sizeof tag, "s%u", i);
        stage_confirm(stage, tag, frame);
    }
}

static void measure_workers(const struct stage *stage)
{
    pid_t workers[WORKERS_MAX];
    size_t count = workers_list(stage, workers);
    long sum = 0, most = 0;
    for (size_t i = 0; i < count; i++) {
        long size = worker_private_kb(workers[i]);
        sum += size;
        most = size > most ? size : most;
    }
    EXPECT(count >= STREAMS, "there are only %zu workers", count);
    printf("%zu workers, private memory of each: %ld KiB on average, %ld KiB at most\n", count,
           sum / (long)count, most);
    EXPECT(sum > 0 && sum / (long)count <= PRIVATE_MOST_KB, "a worker has %ld KiB on average",
           sum / (long)count);
}

/* All of them have had their first frame before any gets its second: they live at the same time. */
static void many_streams(const struct stage *stage)
{
    struct visit *visits = calloc(STREAMS, sizeof *visits);
    open_streams(stage, visits);
    hear_all(stage, visits, 1);
    confirm_all(stage, 1);
    hear_all(stage, visits, 2);
    measure_workers(stage);
    confirm_all(stage, 2);
    for (unsigned i = 0; i < STREAMS; i++)
        EXPECT(visit_hears(&visits[i], "data: [DONE]\n\n", PATIENCE_MS) &&
                   visit_listen(&visits[i], PATIENCE_MS),
               "stream %u does not end: %s", i, text_words(&visits[i].body));
    for (unsigned i = 0; i < STREAMS; i++)
        visit_end(&visits[i]);
    free(visits);
}

static bool is_lighttpd_socket(const struct mounting *mounting)
{
    return is_kind(mounting, "lighttpd-socket");
}

const struct check load_checks[] = {
    {"500 streams at the same time", many_streams, is_lighttpd_socket},
    {"10 reloads under load", reload, is_lighttpd_socket},
    {"20 workers killed under load", kill_workers, is_lighttpd_socket},
    {NULL, NULL, NULL},
};
