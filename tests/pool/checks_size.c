/* The pool grows at once, up to max_workers, and shrinks slowly; workers are replaced after max_requests. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/process.h"
#include "base/clock.h"
#include "checks.h"
#include "client.h"

/* Each client keeps its worker, so the next one is served only if the master forks another. */
static void grows_at_once(struct service *service)
{
    int clients[60];
    pid_t workers[60];
    service_start(service, "pool: { min_spare = 1; max_spare = 1; max_workers = 80; };\n");
    int64_t begin = clock_monotonic_us();
    hold_workers(service, 60, clients, workers);
    printf("60 held clients served from 1 spare worker in %.1f ms\n",
           (double)(clock_monotonic_us() - begin) / 1000);
    for (size_t i = 0; i < 60; i++)
        for (size_t j = 0; j < i; j++)
            EXPECT(workers[i] != workers[j], "clients %zu and %zu share worker %d", i, j, (int)workers[i]);
    release_workers(60, clients);
    service_stop(service);
}

static int by_size(const void *one, const void *other)
{
    const int64_t *a = one, *b = other;
    return (*a > *b) - (*a < *b);
}

/* From the answer that shows the last idle worker taken, to the answer of one that did not exist then. */
static void measures_growth(struct service *service)
{
    enum { ROUNDS = 41 };
    int clients[ROUNDS];
    int64_t times[ROUNDS];
    char answer[ANSWER_SIZE];
    pid_t worker;
    service_start(service, "pool: { min_spare = 1; max_spare = 1; max_workers = 80; };\n");
    for (size_t i = 0; i < ROUNDS; i++) {
        EXPECT_SOON(service_worker_count(service) == i + 1, "no spare worker in round %zu", i);
        hold_workers(service, 1, &clients[i], &worker);
        int64_t begin = clock_monotonic_us();
        client_ask(service, "who", answer);
        times[i] = clock_monotonic_us() - begin;
    }
    qsort(times, ROUNDS, sizeof *times, by_size);
    printf("from the last idle worker taken to the next client served: min %d, median %d, max %d us\n",
           (int)times[0], (int)times[ROUNDS / 2], (int)times[ROUNDS - 1]);
    release_workers(ROUNDS, clients);
    service_stop(service);
}

static void stops_at_the_maximum(struct service *service)
{
    int clients[5], last;
    pid_t workers[5], pids[WORKERS_MAX];
    char answer[ANSWER_SIZE];
    service_start(service, "pool: { min_spare = 2; max_spare = 3; max_workers = 5; };\n");
    hold_workers(service, 5, clients, workers);
    last = client_connect(service, "who");
    EXPECT_SOON(service_has_logged(service, "all 5 workers are busy"), "the maximum is not logged");
    EXPECT(client_still_waits(last), "a sixth worker serves");
    EXPECT(service_workers(service, pids) == 5, "there are %zu workers", service_worker_count(service));
    client_send(clients[4], "go");
    EXPECT(client_receive(last, answer, PATIENCE_MS),
           "the waiting client is not served when a worker is free");
    EXPECT(number_in(answer, "pid") == workers[4], "served by another worker: %s", answer);
    release_workers(4, clients);
    EXPECT_SOON(service_has_logged(service, "workers are free again"), "the end of it is not logged");
    EXPECT(count_in_file(service->errors, "all 5 workers are busy") == 1, "logged more than once");
    service_stop(service);
}

static void shrinks_to_max_spare(struct service *service)
{
    int clients[10];
    pid_t workers[10];
    service_start(service, "pool: { min_spare = 1; max_spare = 2; max_workers = 20; };\n");
    hold_workers(service, 10, clients, workers);
    size_t before = service_worker_count(service);
    release_workers(10, clients);
    EXPECT(before >= 10, "there were %zu workers", before);
    EXPECT_SOON(service_worker_count(service) == 2, "still %zu workers", service_worker_count(service));
    EXPECT(generation_now(service) == 1, "no worker is left");
    EXPECT(!service_has_logged(service, "warning"), "retiring logs a warning");
    service_stop(service);
}

static void recycles_workers(struct service *service)
{
    pid_t pids[40];
    char answer[ANSWER_SIZE];
    service_start(service, "pool: { min_spare = 2; max_spare = 3; max_workers = 8; max_requests = 3; };\n");
    for (size_t i = 0; i < 40; i++) {
        client_ask(service, "who", answer);
        pids[i] = (pid_t)number_in(answer, "pid");
    }
    for (size_t i = 0; i < 40; i++) {
        size_t times = 0;
        for (size_t j = 0; j < 40; j++)
            times += pids[j] == pids[i];
        EXPECT(times <= 3, "worker %d served %zu requests", (int)pids[i], times);
    }
    EXPECT(!service_has_logged(service, "warning"), "replacing logs a warning");
    service_stop(service);
}

const struct check size_checks[] = {
    {"grows at once while no worker is idle", grows_at_once},
    {"measures how fast it grows", measures_growth},
    {"stops at max_workers, logs that once, and goes on when a worker is free", stops_at_the_maximum},
    {"shrinks to max_spare", shrinks_to_max_spare},
    {"replaces a worker after max_requests", recycles_workers},
    {0},
};
