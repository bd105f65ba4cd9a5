/* The same with the gateway itself: real requests, streams and records. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "chat.h"
#include "checks.h"
#include "client.h"

#define RECORD "\"request_id\"" /* in each record and nowhere else: a log may begin with a balance */

static size_t records(const struct service *service)
{
    return count_in_file(service->usage, RECORD);
}

static void hold_chats(struct talk chats[], unsigned count, const struct service *service)
{
    for (unsigned i = 0; i < count; i++)
        chat_hold(&chats[i], service, i);
    for (unsigned i = 0; i < count; i++)
        EXPECT(chat_receives(&chats[i], "frame-1"), "chat %u of %u is not served", i, count);
}

static void streams_grow_the_pool(struct service *service)
{
    struct talk chats[60];
    unsigned port = chat_service_start(service,
                                       "pool: { min_spare = 1; max_spare = 1; max_workers = 80; };\n");
    int64_t begin = now_ms();
    hold_chats(chats, 60, service);
    printf("60 streams had their first frame from 1 spare worker in %d ms\n", (int)(now_ms() - begin));
    for (unsigned i = 0; i < 60; i++)
        chat_release(&chats[i], port, i);
    EXPECT_SOON(records(service) == 60, "%zu records of 60 requests", records(service));
    service_stop(service);
}

static void reloads_under_load(struct service *service)
{
    struct talk chats[3];
    unsigned port = chat_service_start(service,
                                       "pool: { min_spare = 2; max_spare = 6; max_workers = 20; };\n");
    hold_chats(chats, 3, service);
    struct crowd *crowd = crowd_start(service, 6, chat_once);
    for (long generation = 2; generation <= 11; generation++) {
        unsigned long before = crowd_served(crowd);
        kill(service->master, SIGHUP);
        EXPECT_SOON(chat_generation(service) == generation, "generation %ld does not come", generation);
        EXPECT_SOON(crowd_served(crowd) > before + 20, "generation %ld serves nothing", generation);
    }
    struct crowd_score score = crowd_stop(crowd);
    printf("%lu chats served during ten reloads\n", score.served);
    EXPECT(score.failed == 0, "%lu chats failed", score.failed);
    for (unsigned i = 0; i < 3; i++)
        chat_release(&chats[i], port, i);
    EXPECT_SOON(records(service) == score.served + 3, "%zu records of %lu requests", records(service),
                score.served + 3);
    service_stop(service);
}

/* The worker of generation 2 is busy, a request waits, and the worker of generation 1 becomes free. */
static void a_worker_told_to_exit_accepts_no_more(struct service *service)
{
    struct talk held, later, next;
    pid_t old[WORKERS_MAX];
    unsigned port = chat_service_start(service,
                                       "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    hold_chats(&held, 1, service);
    EXPECT(service_workers(service, old) == 1, "not one worker");
    kill(service->master, SIGHUP);
    EXPECT_SOON(chat_generation(service) == 2, "generation 2 does not come");
    /* logged after the old worker was told to exit */
    EXPECT_SOON(service_has_logged(service, "generation 2 serves"), "the old worker gets no SIGTERM");
    chat_hold(&later, service, 1);
    EXPECT(chat_receives(&later, "frame-1"), "generation 2 does not serve");
    EXPECT(chat_get(&next, service, "/healthz"), "cannot connect");
    chat_release(&held, port, 0);
    EXPECT_SOON(!process_exists(old[0]), "the old worker stays");
    chat_release(&later, port, 1);
    EXPECT(chat_completes(&next) && strstr(text_words(&next.heard), "\"generation\":2"),
           "an old worker has answered: %s", text_words(&next.heard));
    chat_free(&next);
    service_stop(service);
}

/* A worker serves one request at a time, so each kill may fail one. */
static void kills_cost_one_request_each(struct service *service)
{
    enum { KILLS = 6 };
    pid_t pids[WORKERS_MAX];
    chat_service_start(service, "pool: { min_spare = 4; max_spare = 8; max_workers = 20; };\n");
    struct crowd *crowd = crowd_start(service, 6, chat_once);
    for (size_t i = 0; i < KILLS; i++) {
        unsigned long before = crowd_served(crowd);
        size_t count = service_workers(service, pids);
        EXPECT(count > 0, "no workers");
        kill(pids[i % count], SIGKILL);
        EXPECT_SOON(crowd_served(crowd) > before + 20, "nothing is served after kill %zu", i);
    }
    struct crowd_score score = crowd_stop(crowd);
    printf("%lu chats served, %lu failed, %d workers killed\n", score.served, score.failed, (int)KILLS);
    EXPECT(score.failed <= KILLS, "%lu chats failed", score.failed);
    service_stop(service);
}

static void term_finishes_a_stream(struct service *service)
{
    struct talk chat;
    unsigned port = chat_service_start(service, "stop_timeout = 30;\n");
    hold_chats(&chat, 1, service);
    kill(service->master, SIGTERM);
    EXPECT_SOON(service_worker_count(service) == 1, "idle workers stay");
    chat_release(&chat, port, 0);
    EXPECT(service_wait_end(service) == 0, "the master did not exit with status 0");
    EXPECT(count_in_file(service->usage, "\"end\":\"complete\"") == 1, "the record does not say so");
}

static void expect_cut(struct talk *chat, const struct service *service)
{
    EXPECT(chat_completes(chat), "it breaks off: %s", text_words(&chat->heard));
    EXPECT(strstr(text_words(&chat->heard), "data: {\"error\":{"), "no error frame: %s",
           text_words(&chat->heard));
    EXPECT(strstr(text_words(&chat->heard), "data: [DONE]"), "no [DONE]: %s", text_words(&chat->heard));
    chat_free(chat);
    EXPECT_SOON(records(service) == 1, "%zu records of one request", records(service));
    EXPECT(count_in_file(service->usage, "\"end\":\"complete\"") == 0, "the record calls it complete");
}

static void term_cuts_a_long_stream(struct service *service)
{
    struct talk chat;
    chat_service_start(service, "stop_timeout = 0.3;\n");
    hold_chats(&chat, 1, service);
    kill(service->master, SIGTERM);
    expect_cut(&chat, service);
    EXPECT(service_wait_end(service) == 0, "the master did not exit with status 0");
}

/* The request was sent to the provider, so that its record is an error and not a refusal. */
static void term_cuts_a_buffered_answer(struct service *service)
{
    struct talk chat;
    chat_service_start(service, "stop_timeout = 0.3;\n");
    EXPECT(chat_begin(&chat, service, "silent", false), "cannot connect");
    usleep(300 * 1000);
    kill(service->master, SIGTERM);
    EXPECT(chat_receives(&chat, "shutting down"), "no error: %s", text_words(&chat.heard));
    chat_free(&chat);
    EXPECT(service_wait_end(service) == 0, "the master did not exit with status 0");
    EXPECT(count_in_file(service->usage, "\"end\":\"error\"") == 1, "the record gives another end");
}

static void quit_cuts_a_stream(struct service *service)
{
    struct talk chat;
    chat_service_start(service, "stop_timeout = 3600;\n");
    hold_chats(&chat, 1, service);
    kill(service->master, SIGQUIT);
    expect_cut(&chat, service);
    EXPECT(service_wait_end(service) == 0, "the master did not exit with status 0");
}

/* The provider asks for a wait of seven seconds, during which the client gets keepalives. */
static void quit_ends_the_wait_before_a_retry(struct service *service)
{
    struct talk chat;
    chat_service_start(service, "stop_timeout = 3600;\nkeepalive_before_status = 0.1;\n");
    EXPECT(chat_begin(&chat, service, "error-429", true), "cannot connect");
    EXPECT(chat_receives(&chat, "chatcmpl-"), "no keepalive: %s", text_words(&chat.heard));
    kill(service->master, SIGQUIT);
    expect_cut(&chat, service);
    EXPECT(service_wait_end(service) == 0, "the master did not exit with status 0");
    EXPECT(count_in_file(service->usage, "\"reason\":\"unavailable\",\"retryable\":true") == 1,
           "the record gives another reason");
}

static void orphans_leave(struct service *service)
{
    struct talk chat;
    pid_t pids[WORKERS_MAX];
    unsigned port = chat_service_start(service,
                                       "pool: { min_spare = 3; max_spare = 3; max_workers = 8; };\n");
    hold_chats(&chat, 1, service);
    EXPECT_SOON(service_workers(service, pids) == 4, "not four workers");
    kill(service->master, SIGKILL);
    service_wait_end(service);
    EXPECT_SOON(process_exists(pids[0]) + process_exists(pids[1]) + process_exists(pids[2]) +
                        process_exists(pids[3]) ==
                    1,
                "idle orphans stay");
    chat_release(&chat, port, 0);
    for (size_t i = 0; i < 4; i++)
        EXPECT_SOON(!process_exists(pids[i]), "an orphan stays after its request");
}

static void requests_wait_at_the_maximum(struct service *service)
{
    struct talk chats[3];
    unsigned port = chat_service_start(service,
                                       "pool: { min_spare = 1; max_spare = 2; max_workers = 2; };\n");
    hold_chats(chats, 2, service);
    EXPECT(chat_begin(&chats[2], service, "bench", false), "cannot connect at the maximum");
    EXPECT_SOON(service_has_logged(service, "all 2 workers are busy"), "the maximum is not logged");
    chat_release(&chats[0], port, 0);
    EXPECT(chat_completes(&chats[2]) && strstr(text_words(&chats[2].heard), "\"choices\""),
           "the waiting request is not served: %s", text_words(&chats[2].heard));
    chat_free(&chats[2]);
    chat_release(&chats[1], port, 1);
    service_stop(service);
}

/* In the new file, in the old one, or on standard error if a worker writes between the two. */
static size_t records_anywhere(const struct service *service, const char *rotated)
{
    return records(service) + count_in_file(rotated, RECORD) + count_in_file(service->console, RECORD);
}

static void rotation_loses_no_record(struct service *service)
{
    char rotated[600];
    chat_service_start(service, "pool: { min_spare = 2; max_spare = 6; max_workers = 20; };\n");
    snprintf(rotated, sizeof rotated, "%s.1", service->usage);
    struct crowd *crowd = crowd_start(service, 4, chat_once);
    EXPECT(rename(service->usage, rotated) == 0, "cannot rotate");
    kill(service->master, SIGUSR1);
    EXPECT_SOON(records(service) > 50, "nothing comes to the new file");
    struct crowd_score score = crowd_stop(crowd);
    EXPECT_SOON(records_anywhere(service, rotated) == score.served, "%zu records of %lu requests",
                records_anywhere(service, rotated), score.served);
    EXPECT(score.failed == 0, "%lu chats failed", score.failed);
    service_stop(service);
}

#define LISTS 8

static size_t count_open(struct talk lists[])
{
    size_t count = 0;
    for (unsigned i = 0; i < LISTS; i++)
        count += talk_step(&lists[i], 0);
    return count;
}

/* A provider that takes connections and says nothing. */
static int be_silent(unsigned *port)
{
    int silent = net_refusing_port(port);
    EXPECT(listen(silent, LISTS) == 0, "cannot listen");
    return silent;
}

static size_t count_connections(int listener)
{
    size_t count = 0;
    EXPECT(fcntl(listener, F_SETFL, O_NONBLOCK) == 0, "cannot be non-blocking");
    while (accept(listener, NULL, NULL) >= 0)
        count++;
    return count;
}

static void a_silent_list_holds_few_workers(struct service *service)
{
    struct talk lists[LISTS];
    struct text settings = {0};
    unsigned silent_port, port = chat_provider_start(service);
    int silent = be_silent(&silent_port);
    text_format(&settings,
                "providers: { fake: { base_url = \"http://127.0.0.1:%u/v1\"; api_key = \"key\"; };\n"
                "  silent: { base_url = \"http://127.0.0.1:%u/v1\"; }; };\n"
                "default_provider = \"fake\";\naccess: { anonymous = true; };\n"
                "pool: { min_spare = 6; max_spare = 6; max_workers = 6; };\n",
                port, silent_port);
    service_start(service, settings.bytes);
    for (unsigned i = 0; i < LISTS; i++)
        EXPECT(chat_get(&lists[i], service, "/v1/models") && talk_step(&lists[i], 0), "no connection");
    EXPECT(chat_once(service), "no worker is left for a chat");
    EXPECT(count_open(lists) > 0, "no list waits for the silent provider any more");
    size_t connections = 0;
    EXPECT_SOON((connections += count_connections(silent)) > 0, "no process asks the silent provider");
    EXPECT(connections == 1, "%zu processes ask the silent provider", connections);
    close(silent);
    EXPECT_SOON(count_open(lists) == 0, "%zu lists do not end", count_open(lists));
    for (unsigned i = 0; i < LISTS; i++)
        chat_free(&lists[i]);
    text_free(&settings);
    service_stop(service);
}

const struct check gateway_checks[] = {
    {"gateway: the pool grows at once for streams", streams_grow_the_pool},
    {"gateway: ten reloads under load fail no request, cut no stream, lose no record", reloads_under_load},
    {"gateway: a worker told to exit during a request accepts no other",
     a_worker_told_to_exit_accepts_no_more},
    {"gateway: kill -9 of workers under load costs one request each at most", kills_cost_one_request_each},
    {"gateway: requests wait at max_workers and are served", requests_wait_at_the_maximum},
    {"gateway: SIGTERM finishes a stream", term_finishes_a_stream},
    {"gateway: SIGTERM ends a longer stream with an error frame", term_cuts_a_long_stream},
    {"gateway: SIGTERM ends a buffered request as an error, not as refused", term_cuts_a_buffered_answer},
    {"gateway: SIGQUIT ends a stream with an error frame", quit_cuts_a_stream},
    {"gateway: SIGQUIT ends the wait before a retry", quit_ends_the_wait_before_a_retry},
    {"gateway: workers exit when the master is killed", orphans_leave},
    {"gateway: a rotation of the usage log loses no record", rotation_loses_no_record},
    {"gateway: a silent provider's list of models holds few workers", a_silent_list_holds_few_workers},
    {0},
};
