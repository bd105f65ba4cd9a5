/* Workers that are stopped while idle, busy or in the ledger: no other waits for them for ever. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../kit/process.h"
#include "../kit/talk.h"
#include "../kit/text.h"
#include "../pool/chat.h"
#include "../pool/client.h"
#include "raw_request.h"

#define ATTEMPTS 2000
#define NOTICED_MS 8000 /* 5 s until it is killed, and a loaded machine */

static size_t records(const struct service *service)
{
    return count_in_file(service->usage, "\n");
}

static void a_worker_stopped_in_a_stream_is_killed(struct service *service)
{
    struct talk chat;
    pid_t pids[WORKERS_MAX];
    chat_service_start(service, "pool: { min_spare = 1; max_spare = 1; max_workers = 4; };\n");
    EXPECT_SOON(service_workers(service, pids) == 1, "not one worker");
    chat_hold(&chat, service, 0);
    EXPECT(chat_receives(&chat, "frame-1"), "no frame");
    kill(pids[0], SIGSTOP);
    EXPECT(chat_once(service), "no other worker serves");
    EXPECT_SOON(service_has_logged(service, "has been stopped for 5 s"), "it stays");
    EXPECT_SOON(!talk_step(&chat, 100), "its client waits for ever");
    EXPECT(chat.broken, "its client got a proper end");
    chat_free(&chat);
    EXPECT_SOON(count_in_file(service->usage, "\"end\":\"crashed\"") == 1, "no record of it");
    EXPECT(records(service) == 2, "%zu records of two requests", records(service));
    service_stop(service);
}

/* As on a machine that slept: reads with a timeout are interrupted. */
static void a_continued_worker_finishes_its_request(struct service *service)
{
    pid_t pids[WORKERS_MAX];
    struct text body = {0}, bytes = {0};
    chat_service_start(service, "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    EXPECT_SOON(service_workers(service, pids) == 1, "not one worker");
    raw_chat_body(&body, "bench", false);
    raw_request(&bytes, "POST", "/v1/chat/completions", NULL, body.bytes, body.length);
    const size_t cuts[] = {0, bytes.length - 40, bytes.length - 8};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct text part = {0}, heard = {0};
        text_append(&part, bytes.bytes, cuts[i]);
        int socket = raw_send(service, &part);
        for (int times = 0; times < 20; times++) {
            kill(pids[0], SIGSTOP);
            rest();
            kill(pids[0], SIGCONT);
            rest();
        }
        size_t left = bytes.length - cuts[i];
        EXPECT(send(socket, bytes.bytes + cuts[i], left, MSG_NOSIGNAL) == (ssize_t)left,
               "it has hung up after %zu bytes", cuts[i]);
        EXPECT(raw_receive(socket, &heard, PATIENCE_MS) && raw_status(&heard) == 200,
               "stopped after %zu bytes of a request it does not answer", cuts[i]);
        close(socket);
        text_free(&part);
        text_free(&heard);
    }
    text_free(&body);
    text_free(&bytes);
    service_stop(service);
}

/* As chat_once(), but waits for longer than a worker may be stopped. */
static bool chat_patiently(const struct service *service)
{
    struct talk chat;
    if (!chat_begin(&chat, service, "bench", false))
        return false;
    for (int64_t end = now_ms() + 60000; talk_step(&chat, 1000) && now_ms() < end;)
        continue;
    bool right = chat.ended && !chat.broken && strstr(text_words(&chat.heard), "\"choices\"");
    if (!right) {
        printf("a chat failed: %s, %s: %.600s\n", chat.ended ? "ended" : "not ended",
               chat.broken ? "broken" : "not broken", text_words(&chat.heard));
        fflush(stdout);
    }
    chat_free(&chat);
    return right;
}

/* Are requests served within this time? */
static bool goes_on(const struct crowd *crowd, int64_t ms)
{
    unsigned long before = crowd_served(crowd);
    for (int64_t end = now_ms() + ms; now_ms() < end; rest())
        if (crowd_served(crowd) > before + 8)
            return true;
    return false;
}

/* Stops one worker after the other until no request is served: that one has the ledger's lock. 0: none was
 * caught. */
static pid_t stop_one_with_the_lock(const struct service *service, const struct crowd *crowd,
                                    unsigned *attempts)
{
    pid_t pids[WORKERS_MAX];
    for (*attempts = 1; *attempts <= ATTEMPTS; ++*attempts) {
        size_t count = service_workers(service, pids);
        if (!count)
            continue;
        pid_t pid = pids[*attempts % count];
        kill(pid, SIGSTOP);
        if (!goes_on(crowd, 300) && !goes_on(crowd, 700))
            return pid;
        kill(pid, SIGCONT);
    }
    return 0;
}

/* The lines of ids that have more than one, and those of crashed ones. */
static void tell_doubles(const struct service *service)
{
    struct text command = {0};
    text_format(&command,
                "sed 's/.*\"request_id\":\"\\([^\"]*\\).*/\\1/' %s | sort | uniq -d | while read -r id; do "
                "grep \"$id\" %s; "
                "done; grep -e crashed -e balance %s",
                service->usage, service->usage, service->usage);
    fflush(stdout);
    if (system(command.bytes) != 0)
        printf("none of its records is there twice, crashed, or a balance\n");
    text_free(&command);
}

static void a_worker_stopped_in_the_ledger_is_killed(struct service *service)
{
    unsigned attempts;
    chat_service_start(service, "pool: { min_spare = 4; max_spare = 8; max_workers = 12; };\n");
    struct crowd *crowd = crowd_start(service, 6, chat_patiently);
    EXPECT(goes_on(crowd, PATIENCE_MS), "no request is served");
    pid_t pid = stop_one_with_the_lock(service, crowd, &attempts);
    if (!pid) {
        crowd_stop(crowd);
        check_cannot_run("none of 2000 stopped workers had the ledger's lock");
    }
    int64_t began = now_ms();
    EXPECT(goes_on(crowd, NOTICED_MS), "no request is served while a worker is stopped in the ledger");
    printf("the %u. stopped worker had the lock; the others were served again %d ms after that was seen\n",
           attempts, (int)(now_ms() - began));
    EXPECT_SOON(count_in_file(service->errors, "has been stopped for 5 s") >= 1,
                "the master has not killed it");
    EXPECT_SOON(!process_exists(pid), "it is still there");
    struct crowd_score score = crowd_stop(crowd);
    printf("%lu chats served, %lu failed\n", score.served, score.failed);
    EXPECT(score.failed <= 1, "%lu chats failed with one worker", score.failed);
    /* One that was stopped while it wrote itself down for the first time has not been heard of yet. */
    EXPECT_SOON(records(service) >= score.served, "%zu records of %lu requests", records(service),
                score.served);
    if (records(service) > score.served + score.failed)
        tell_doubles(service);
    EXPECT(count_in_file(service->usage, "\n\n") == 0,
           "a line that was just being written was taken for torn");
    EXPECT(records(service) <= score.served + score.failed, "%zu records of %lu requests", records(service),
           score.served + score.failed);
    service_stop(service);
}

const struct check stopped_checks[] = {
    {"stopped: a worker in a stream is killed, and its record says so",
     a_worker_stopped_in_a_stream_is_killed},
    {"stopped: a worker that is continued finishes its request", a_continued_worker_finishes_its_request},
    {"stopped: a worker in the ledger blocks the others only until it is killed",
     a_worker_stopped_in_the_ledger_is_killed},
    {0},
};
