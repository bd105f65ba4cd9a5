/* SIGHUP: a new generation with new settings, and no request fails. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/process.h"
#include "checks.h"
#include "client.h"

#define SETTINGS "pool: { min_spare = 2; max_spare = 6; max_workers = 20; };\n"

static void ten_times_under_load(struct service *service)
{
    service_start(service, SETTINGS);
    struct crowd *crowd = crowd_start(service, 6, client_ask_who);
    for (long generation = 2; generation <= 11; generation++) {
        kill(service->master, SIGHUP);
        EXPECT_SOON(generation_now(service) == generation, "generation %ld does not come", generation);
    }
    struct crowd_score score = crowd_stop(crowd);
    printf("%lu requests served during ten reloads\n", score.served);
    EXPECT(score.failed == 0, "%lu requests failed", score.failed);
    EXPECT(!service_has_logged(service, "warning"), "a reload logs a warning");
    service_stop(service);
}

static void old_ones_finish(struct service *service)
{
    int clients[4];
    pid_t workers[4];
    service_start(service, SETTINGS);
    hold_workers(service, 4, clients, workers);
    kill(service->master, SIGHUP);
    EXPECT_SOON(generation_now(service) == 2, "generation 2 does not come");
    for (size_t i = 0; i < 4; i++)
        EXPECT(process_exists(workers[i]) && client_still_waits(clients[i]), "client %zu was interrupted", i);
    release_workers(4, clients);
    for (size_t i = 0; i < 4; i++)
        EXPECT_SOON(!process_exists(workers[i]), "an old worker stays");
    EXPECT_SOON(generation_now(service) == 2, "the new ones do not serve");
    service_stop(service);
}

/* The old generation uses all of max_workers, and the new one still gets min_spare. */
static void serves_under_full_load(struct service *service)
{
    int clients[5];
    pid_t workers[5];
    service_start(service, "pool: { min_spare = 2; max_spare = 3; max_workers = 5; };\n");
    hold_workers(service, 5, clients, workers);
    kill(service->master, SIGHUP);
    EXPECT_SOON(generation_now(service) == 2, "generation 2 does not come");
    EXPECT(service_worker_count(service) <= 7, "%zu workers", service_worker_count(service));
    release_workers(5, clients);
    EXPECT_SOON(service_worker_count(service) <= 3, "%zu workers stay", service_worker_count(service));
    service_stop(service);
}

static void refuses_mistakes(struct service *service)
{
    char words[600];
    pid_t before[WORKERS_MAX], after[WORKERS_MAX];
    service_start(service, SETTINGS);
    EXPECT_SOON(service_workers(service, before) == 2, "not two workers");
    service_configure(service, SETTINGS "\n\nstop_timout = 3;\n");
    size_t line = count_in_file(service->config, "\n");
    kill(service->master, SIGHUP);
    EXPECT_SOON(service_has_logged(service, "refused; the old settings stay"), "the mistake is not refused");
    snprintf(words, sizeof words, "error: reload: %s:%zu: stop_timout", service->config, line);
    EXPECT(service_has_logged(service, words), "file, line and name are not logged: %s", words);
    EXPECT(service_workers(service, after) == 2 && memcmp(before, after, 2 * sizeof *before) == 0,
           "the workers changed");
    EXPECT(generation_now(service) == 1, "generation 1 does not serve any more");
    service_configure(service, SETTINGS "stop_timeout = 3;\n");
    kill(service->master, SIGHUP);
    EXPECT_SOON(generation_now(service) == 2, "a good file is not taken after a bad one");
    service_stop(service);
}

static void takes_new_values(struct service *service)
{
    char elsewhere[600];
    service_start(service, SETTINGS);
    snprintf(elsewhere, sizeof elsewhere,
             "listen = \"%s/other.sock\";\npool: { min_spare = 5; max_spare = 6; max_workers = 30; };\n",
             service->folder);
    service_configure(service, elsewhere);
    kill(service->master, SIGHUP);
    EXPECT_SOON(generation_now(service) == 2, "generation 2 does not come to the old address");
    EXPECT_SOON(service_worker_count(service) >= 5, "%zu workers, not min_spare",
                service_worker_count(service));
    EXPECT(service_has_logged(service, "listen = "),
           "the log does not say that listen takes effect after a restart");
    EXPECT(service_has_logged(service, "takes effect after a restart"),
           "the log does not say that listen takes effect after a restart");
    service_stop(service);
    EXPECT(access(service->address, F_OK) != 0, "the socket stays");
}

/* The old generation serves on if the new one cannot start. */
static void keeps_the_old_while_the_new_crashes(struct service *service)
{
    service_start(service, SETTINGS);
    file_write(service->crash, "", 0);
    kill(service->master, SIGHUP);
    EXPECT_SOON(count_in_file(service->errors, "of generation 2 exited with status 3") > 8, "no deaths");
    for (int i = 0; i < 20; i++)
        EXPECT(generation_now(service) == 1, "generation 1 does not serve any more");
    unlink(service->crash);
    EXPECT_SOON(generation_now(service) == 2, "generation 2 does not come");
    service_stop(service);
}

static void reopens_logs(struct service *service)
{
    char rotated[600], answer[ANSWER_SIZE];
    service_start(service, "pool: { min_spare = 1; max_spare = 1; max_workers = 2; };\n");
    client_ask(service, "log the first line", answer);
    EXPECT(service_has_logged(service, "the first line"), "a worker cannot write the log");
    snprintf(rotated, sizeof rotated, "%s.1", service->errors);
    EXPECT(rename(service->errors, rotated) == 0 && unlink(service->usage) == 0, "cannot rotate");
    kill(service->master, SIGUSR1);
    EXPECT_SOON(access(service->errors, F_OK) == 0 && access(service->usage, F_OK) == 0, "no new files");
    for (int64_t end = now_ms() + PATIENCE_MS;
         !service_has_logged(service, "the second line") && now_ms() < end;)
        client_ask(service, "log the second line",
                   answer); /* the worker hears its signal between two requests */
    EXPECT(service_has_logged(service, "the second line"), "the worker writes to the old file");
    kill(service->master, SIGHUP);
    EXPECT_SOON(service_has_logged(service, "generation 2 serves"), "the master writes to the old file");
    service_stop(service);
}

const struct check reload_checks[] = {
    {"reloads ten times under load without a failed request", ten_times_under_load},
    {"lets old workers finish their requests", old_ones_finish},
    {"serves after a reload while all old workers are busy", serves_under_full_load},
    {"refuses a file with a mistake, by file, line and name", refuses_mistakes},
    {"applies new values, and logs which wait for a restart", takes_new_values},
    {"keeps the old generation while the new one crashes", keeps_the_old_while_the_new_crashes},
    {"reopens the logs", reopens_logs},
    {0},
};
