/* Shutdown: in steps on SIGTERM, at once on SIGQUIT, and under any load. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kit/process.h"
#include "checks.h"
#include "client.h"

#define POOL "pool: { min_spare = 2; max_spare = 6; max_workers = 20; };\n"

static void expect_nothing_left(const struct service *service)
{
    EXPECT(access(service->address, F_OK) != 0, "the socket stays");
    EXPECT(access(service->pid_file, F_OK) != 0, "the pid file stays");
}

static void expect_words(int client, const char *words)
{
    char answer[ANSWER_SIZE] = "";
    EXPECT(client_receive(client, answer, PATIENCE_MS) && strcmp(answer, words) == 0,
           "got \"%s\", not \"%s\"", answer, words);
    close(client);
}

static void term_finishes(struct service *service)
{
    int clients[3];
    pid_t workers[3];
    service_start(service, POOL "stop_timeout = 30;\n");
    hold_workers(service, 3, clients, workers);
    kill(service->master, SIGTERM);
    EXPECT_SOON(client_connect(service, "who") < 0, "new connections are still accepted");
    EXPECT_SOON(service_worker_count(service) == 3, "idle workers stay");
    EXPECT(client_still_waits(clients[0]), "a client was disturbed");
    release_workers(3, clients);
    EXPECT(service_wait_end(service) == 0, "the master did not exit with status 0");
    expect_nothing_left(service);
}

static void term_then_quit(struct service *service)
{
    int client;
    pid_t worker;
    service_start(service, POOL "stop_timeout = 0.5;\n");
    hold_workers(service, 1, &client, &worker);
    int64_t begin = now_ms();
    kill(service->master, SIGTERM);
    expect_words(client, "cut");
    EXPECT(now_ms() - begin >= 500, "cut before stop_timeout");
    EXPECT(service_wait_end(service) == 0, "the master did not exit with status 0");
    expect_nothing_left(service);
}

static void quit_then_kill(struct service *service)
{
    char answer[ANSWER_SIZE];
    service_start(service, POOL "stop_timeout = 0.2;\n");
    int client = client_connect(service, "deaf");
    EXPECT(client_receive(client, answer, PATIENCE_MS), "no worker that ignores signals");
    kill(service->master, SIGTERM);
    EXPECT(service_wait_end(service) == 0, "the master did not exit with status 0");
    EXPECT(client_is_cut_off(client), "a worker that ignores signals answers");
    EXPECT(!process_exists((pid_t)number_in(answer, "pid")), "a worker that ignores signals stays");
    EXPECT(service_has_logged(service, "killing 1 workers"), "killing is not logged");
    expect_nothing_left(service);
}

static void quit_at_once(struct service *service)
{
    int clients[3];
    pid_t workers[3];
    service_start(service, POOL "stop_timeout = 3600;\n");
    hold_workers(service, 3, clients, workers);
    kill(service->master, SIGQUIT);
    for (size_t i = 0; i < 3; i++)
        expect_words(clients[i], "cut");
    EXPECT(service_wait_end(service) == 0, "the master did not exit with status 0");
    expect_nothing_left(service);
}

/* A stronger signal escalates; a weaker one that comes later changes nothing. */
static void only_upwards(struct service *service)
{
    int client;
    pid_t worker;
    service_start(service, POOL "stop_timeout = 3600;\n");
    hold_workers(service, 1, &client, &worker);
    kill(service->master, SIGTERM);
    EXPECT_SOON(service_has_logged(service, "stopping: "), "SIGTERM has no effect");
    kill(service->master, SIGHUP);
    kill(service->master, SIGTERM);
    kill(service->master, SIGQUIT);
    expect_words(client, "cut");
    EXPECT(service_wait_end(service) == 0, "the master did not exit with status 0");
    EXPECT(!service_has_logged(service, "generation 2"), "it reloaded during the shutdown");
    EXPECT(count_in_file(service->errors, "stopping: ") == 1, "the shutdown began twice");
}

static void ends_generations_too(struct service *service)
{
    int clients[2];
    pid_t workers[2];
    service_start(service, POOL "stop_timeout = 0.3;\n");
    hold_workers(service, 1, &clients[0], &workers[0]);
    kill(service->master, SIGHUP);
    EXPECT_SOON(generation_now(service) == 2, "generation 2 does not come");
    hold_workers(service, 1, &clients[1], &workers[1]);
    kill(service->master, SIGINT);
    expect_words(clients[0], "cut");
    expect_words(clients[1], "cut");
    EXPECT(service_wait_end(service) == 0, "the master did not exit with status 0");
    EXPECT(!process_exists(workers[0]) && !process_exists(workers[1]), "a worker stays");
}

static void ends_under_load(struct service *service)
{
    service_start(service, POOL);
    struct crowd *crowd = crowd_start(service, 4, client_ask_who);
    int64_t begin = now_ms();
    kill(service->master, SIGTERM);
    EXPECT(service_wait_end(service) == 0, "the master did not exit with status 0");
    printf("ended under load in %d ms\n", (int)(now_ms() - begin));
    crowd_stop(crowd);
    expect_nothing_left(service);
}

const struct check shutdown_checks[] = {
    {"SIGTERM refuses new connections, finishes running requests, exits with 0", term_finishes},
    {"SIGTERM ends requests that run longer than stop_timeout", term_then_quit},
    {"SIGTERM kills a worker that ignores signals", quit_then_kill},
    {"SIGQUIT ends requests at once", quit_at_once},
    {"a later signal never weakens a shutdown", only_upwards},
    {"SIGINT ends all generations", ends_generations_too},
    {"SIGTERM stops the service under load", ends_under_load},
    {0},
};
