/* Workers die, and the service goes on. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/process.h"
#include "checks.h"
#include "client.h"

static void only_its_own_request_fails(struct service *service)
{
    int clients[3];
    pid_t workers[3];
    service_start(service, "pool: { min_spare = 2; max_spare = 8; max_workers = 20; };\n");
    struct crowd *crowd = crowd_start(service, 4, client_ask_who);
    hold_workers(service, 3, clients, workers);
    kill(workers[1], SIGKILL);
    EXPECT(client_is_cut_off(clients[1]), "a dead worker answers");
    unsigned long before = crowd_served(crowd);
    EXPECT_SOON(crowd_served(crowd) > before + 500, "the crowd is not served any more");
    struct crowd_score score = crowd_stop(crowd);
    EXPECT(score.failed == 0, "%lu others failed", score.failed);
    EXPECT_SOON(service_has_logged(service, "signal 9 (Killed)"), "the death is not logged");
    EXPECT(service_has_logged(service, ", while serving another"), "the log does not say that it was busy");
    clients[1] = clients[2];
    release_workers(2, clients);
    service_stop(service);
}

static void replaces_the_dead(struct service *service)
{
    pid_t before[WORKERS_MAX], after[WORKERS_MAX];
    service_start(service, "pool: { min_spare = 4; max_spare = 4; max_workers = 4; };\n");
    EXPECT_SOON(service_workers(service, before) == 4, "not four workers");
    for (size_t i = 0; i < 4; i++)
        kill(before[i], SIGKILL);
    EXPECT_SOON(count_in_file(service->errors, "signal 9 (Killed)") == 4, "not all deaths are logged");
    EXPECT_SOON(service_workers(service, after) == 4, "they are not replaced");
    EXPECT(generation_now(service) == 1, "no worker serves");
    service_stop(service);
}

/* Each crash costs one request. After fifty of them the next request is still served. */
static void survives_crashing_requests(struct service *service)
{
    service_start(service, "pool: { min_spare = 4; max_spare = 8; max_workers = 20; };\n");
    for (int i = 0; i < 50; i++) {
        int client = client_connect(service, "crash");
        EXPECT(client >= 0 && client_is_cut_off(client), "crash %d was not one", i);
        close(client);
    }
    EXPECT_SOON(count_in_file(service->errors, "Segmentation fault") == 50, "not all deaths are logged");
    EXPECT(service_has_logged(service, "workers keep dying"), "fifty deaths delay nothing");
    EXPECT(generation_now(service) == 1, "no worker serves");
    service_stop(service);
}

static void delays_forks_while_workers_die(struct service *service)
{
    file_write(service->crash, "", 0);
    service_configure(service, "pool: { min_spare = 4; max_spare = 8; max_workers = 20; };\n");
    service_launch(service);
    EXPECT_SOON(service_has_logged(service, "exited with status 3"), "no worker dies");
    int64_t end = now_ms() + 2000;
    while (now_ms() < end)
        rest();
    size_t deaths = count_in_file(service->errors, "exited with status 3");
    printf("%zu workers were forked and died in 2 s\n", deaths);
    EXPECT(deaths >= 12, "it gave up after %zu", deaths);
    EXPECT(deaths <= 60, "%zu forks in 2 s", deaths);
    unlink(service->crash);
    EXPECT_SOON(service_has_logged(service, "generation 1 serves"), "it does not recover");
    EXPECT(generation_now(service) == 1, "no worker serves");
    service_stop(service);
}

/* Its client would wait for ever, and others for the locks it holds. */
static void kills_the_stopped(struct service *service)
{
    int clients[2];
    pid_t workers[2], pids[WORKERS_MAX];
    service_start(service, "pool: { min_spare = 1; max_spare = 1; max_workers = 4; };\n");
    hold_workers(service, 2, clients, workers);
    kill(workers[0], SIGSTOP);
    kill(workers[1], SIGSTOP);
    kill(workers[1], SIGCONT);
    EXPECT_SOON(service_has_logged(service, "has been stopped"), "it stays stopped");
    EXPECT(client_is_cut_off(clients[0]), "a stopped worker answers");
    EXPECT_SOON(service_has_logged(service, "signal 9 (Killed)"), "its death is not logged");
    EXPECT_SOON(service_workers(service, pids) == 2, "it is not replaced");
    EXPECT(count_in_file(service->errors, "has been stopped") == 1,
           "a worker that was continued is killed too");
    release_workers(1, &clients[1]);
    service_stop(service);
}

/* A worker that serves several requests and does not turn its loop keeps all of them waiting. */
static void kills_the_stuck(struct service *service)
{
    char answer[ANSWER_SIZE];
    service_start(service, "pool: { workers = 2; max_workers = 4; concurrency = 4; };\n");
    int client = client_connect(service, "stuck");
    EXPECT(client_receive(client, answer, PATIENCE_MS), "no worker gets stuck");
    EXPECT_SOON(service_worker_count(service) == 3, "a worker that computes gets no help");
    EXPECT_SOON(service_has_logged(service, "has been stuck"), "it stays stuck");
    EXPECT(client_is_cut_off(client), "a stuck worker answers");
    EXPECT_SOON(!process_exists((pid_t)number_in(answer, "pid")), "a stuck worker stays");
    EXPECT(!service_has_logged(service, "exited"), "its help does not stay");
    EXPECT(count_in_file(service->errors, "has been stuck") == 1, "others are killed too");
    EXPECT_SOON(service_worker_count(service) == 2, "too many workers stay");
    service_stop(service);
}

/* Idle workers at once, busy ones after their request. */
static void orphans_leave(struct service *service)
{
    int client;
    pid_t worker, pids[WORKERS_MAX];
    service_start(service, "pool: { min_spare = 3; max_spare = 3; max_workers = 8; };\n");
    hold_workers(service, 1, &client, &worker);
    EXPECT_SOON(service_workers(service, pids) == 4, "not four workers");
    kill(service->master, SIGKILL);
    service_wait_end(service);
    for (size_t i = 0; i < 4; i++)
        if (pids[i] != worker)
            EXPECT_SOON(!process_exists(pids[i]), "an idle orphan stays");
    EXPECT(process_exists(worker), "a busy one was killed");
    release_workers(1, &client);
    EXPECT_SOON(!process_exists(worker), "an orphan stays after its request");
}

const struct check death_checks[] = {
    {"kill -9 of a worker under load fails its own request only", only_its_own_request_fails},
    {"replaces dead workers", replaces_the_dead},
    {"kills a worker that has been stopped for 5 s, but not one that was continued", kills_the_stopped},
    {"kills a worker of several requests whose loop does not turn for 5 s", kills_the_stuck},
    {"survives requests that crash their worker", survives_crashing_requests},
    {"delays forks while workers keep dying, and recovers", delays_forks_while_workers_die},
    {"workers leave when the master is killed", orphans_leave},
    {0},
};
