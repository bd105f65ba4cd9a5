/* Workers that serve several requests at a time: how they share them, and what a death, a reload or an end
 * does to them. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/process.h"
#include "chat.h"
#include "checks.h"
#include "client.h"

#define RECORD "\"request_id\"" /* in each record and nowhere else */
#define CHATS_MAX 128

/* The value of a metric, named with its labels; -1: there is none. */
static long metric(const struct service *service, const char *name)
{
    struct talk talk;
    struct text line = {0};
    EXPECT(chat_get(&talk, service, "/metrics") && chat_completes(&talk), "no metrics");
    text_format(&line, "\n%s ", name);
    const char *found = strstr(text_words(&talk.heard), text_words(&line));
    long value = found ? strtol(found + line.length, NULL, 10) : -1;
    text_free(&line);
    chat_free(&talk);
    return value;
}

static long requests_of(const struct service *service, unsigned worker)
{
    char name[64];
    snprintf(name, sizeof name, "penstock_worker_requests{worker=\"%u\"}", worker);
    return metric(service, name);
}

static unsigned start(struct service *service, const char *settings)
{
    setenv("PENSTOCK_ACCESS_STATUS", "open", 1);
    return chat_service_start(service, settings);
}

static void hold(struct talk chats[], unsigned from, unsigned to, const struct service *service)
{
    for (unsigned i = from; i < to; i++)
        chat_hold(&chats[i], service, i);
    for (unsigned i = from; i < to; i++)
        EXPECT(chat_receives(&chats[i], "frame-1"), "chat %u is not served: %s", i,
               text_words(&chats[i].heard));
}

static void release(struct talk chats[], unsigned from, unsigned to, unsigned port)
{
    for (unsigned i = from; i < to; i++)
        chat_release(&chats[i], port, i);
}

static void streams_spread_over_the_workers(struct service *service)
{
    struct talk chats[40];
    unsigned port = start(service, "pool: { workers = 2; max_workers = 2; concurrency = 64; };\n");
    hold(chats, 0, 40, service);
    EXPECT(service_worker_count(service) == 2, "%zu workers", service_worker_count(service));
    EXPECT(metric(service, "penstock_requests_max") == 128, "another capacity");
    EXPECT_SOON(metric(service, "penstock_requests_running") == 41, "%ld requests run, not 40 and this one",
                metric(service, "penstock_requests_running"));
    long first = requests_of(service, 0), second = requests_of(service, 1);
    printf("40 streams: %ld and %ld a worker\n", first, second);
    EXPECT(first >= 10 && second >= 10, "one worker has them all: %ld and %ld", first, second);
    release(chats, 0, 40, port);
    EXPECT_SOON(metric(service, "penstock_requests_running") == 1, "requests are counted that have ended");
    EXPECT(metric(service, "penstock_worker_requests_total{worker=\"0\"}") >= first, "served ones are lost");
    EXPECT(metric(service, "penstock_loop_lag_seconds") >= 0, "no lag is shown");
    EXPECT_SOON(count_in_file(service->usage, RECORD) == 40, "not 40 records");
    service_stop(service);
}

/* The last place is kept for the refusal. */
static void full_workers_get_help(struct service *service)
{
    struct talk chats[12], refused;
    unsigned port = start(service, "pool: { workers = 2; max_workers = 3; concurrency = 4;\n"
                                   "        queue_timeout = 0.2; };\n");
    hold(chats, 0, 7, service);
    EXPECT(service_worker_count(service) == 2, "two workers are not enough for 7 of 8");
    hold(chats, 7, 11, service);
    EXPECT(service_worker_count(service) == 3, "%zu workers for 11 of 12", service_worker_count(service));
    EXPECT(chat_begin(&refused, service, "bench", false) && chat_completes(&refused), "no answer");
    EXPECT(strstr(text_words(&refused.heard), "Status: 503") &&
               strstr(text_words(&refused.heard), "Retry-After"),
           "not refused: %s", text_words(&refused.heard));
    chat_free(&refused);
    release(chats, 0, 11, port);
    EXPECT(chat_once(service), "nothing is served any more");
    EXPECT_SOON(service_worker_count(service) == 2, "the third worker stays");
    service_stop(service);
}

/* The first waits for the time, the next ones are refused at once, until there is room. */
static void one_full_worker_refuses(struct service *service)
{
    struct talk chats[3];
    unsigned port = start(service, "pool: { workers = 1; max_workers = 1; concurrency = 4;\n"
                                   "        queue_timeout = 0.3; };\n");
    hold(chats, 0, 3, service);
    int64_t begin = now_ms();
    for (unsigned i = 0; i < 20; i++) {
        struct talk refused;
        EXPECT(chat_begin(&refused, service, "bench", false) && chat_completes(&refused), "no answer");
        EXPECT(strstr(text_words(&refused.heard), "Status: 503"), "not refused: %s",
               text_words(&refused.heard));
        chat_free(&refused);
    }
    printf("20 requests were refused in %d ms\n", (int)(now_ms() - begin));
    chat_release(&chats[0], port, 0);
    EXPECT_SOON(chat_once(service), "nothing is served although there is room");
    release(chats, 1, 3, port);
    service_stop(service);
}

/* Returns how many of the chats were cut; those are freed. */
static unsigned drop_cut(struct talk chats[], bool cut[], unsigned count)
{
    unsigned dropped = 0;
    for (unsigned i = 0; i < count; i++) {
        for (int step = 0; step < 3 && talk_step(&chats[i], 0); step++)
            continue;
        cut[i] = chats[i].broken;
        if (cut[i])
            chat_free(&chats[i]);
        dropped += cut[i];
    }
    return dropped;
}

/* Each stream of the dead worker leaves one record, and the others go on. */
static void a_death_costs_its_own_requests(struct service *service, int signal)
{
    enum { CHATS = 100 };
    static struct talk chats[CHATS_MAX];
    bool cut[CHATS_MAX] = {0};
    pid_t workers[WORKERS_MAX];
    unsigned port = start(service, "pool: { workers = 2; max_workers = 4; concurrency = 64; };\n");
    hold(chats, 0, CHATS, service);
    EXPECT(service_workers(service, workers) == 2, "not two workers");
    kill(workers[0], signal);
    EXPECT(chat_once(service), "the service is not up at once");
    EXPECT_SOON(service_has_logged(service, ", while serving"), "the death is not logged");
    EXPECT_SOON(service_worker_count(service) == 2, "the dead worker is not replaced");
    unsigned dropped = drop_cut(chats, cut, CHATS);
    printf("%u of %u streams died with their worker\n", dropped, CHATS);
    EXPECT(dropped >= 32 && dropped <= 68, "%u streams were cut", dropped);
    EXPECT_SOON(count_in_file(service->usage, "\"end\":\"crashed\"") == dropped, "%zu records of %u orphans",
                count_in_file(service->usage, "\"end\":\"crashed\""), dropped);
    for (unsigned i = 0; i < CHATS; i++)
        if (!cut[i])
            chat_release(&chats[i], port, i);
    EXPECT_SOON(count_in_file(service->usage, RECORD) == CHATS + 1, "%zu records of %u requests",
                count_in_file(service->usage, RECORD), CHATS + 1);
    EXPECT(count_in_file(service->usage, "\"end\":\"complete\"") == CHATS + 1 - dropped,
           "others are no more whole");
    service_stop(service);
    EXPECT(count_in_file(service->usage, RECORD) == CHATS + 1, "an orphan has a second record");
}

static void a_kill_costs_its_own_requests(struct service *service)
{
    a_death_costs_its_own_requests(service, SIGKILL);
}

static void a_crash_costs_its_own_requests(struct service *service)
{
    a_death_costs_its_own_requests(service, SIGSEGV);
}

/* Each old worker may take one more connection, for which it alone was woken. */
static void a_reload_leaves_streams_alone(struct service *service)
{
    struct talk chats[40];
    pid_t old[WORKERS_MAX];
    unsigned port = start(service, "pool: { workers = 2; max_workers = 2; concurrency = 32; };\n");
    hold(chats, 0, 20, service);
    EXPECT(service_workers(service, old) == 2, "not two workers");
    kill(service->master, SIGHUP);
    EXPECT_SOON(service_has_logged(service, "generation 2 serves"), "generation 2 does not come");
    hold(chats, 20, 40, service);
    EXPECT_SOON(metric(service, "penstock_requests_running") >= 19, "the old generation serves new requests");
    release(chats, 0, 40, port);
    EXPECT_SOON(!process_exists(old[0]) && !process_exists(old[1]), "the old workers stay");
    EXPECT_SOON(count_in_file(service->usage, RECORD) == 40, "not 40 records");
    service_stop(service);
}

/* While the old workers finish their streams, others serve. */
static void workers_are_replaced_after_max_requests(struct service *service)
{
    struct talk chats[20];
    pid_t old[WORKERS_MAX];
    unsigned port = start(service, "pool: { workers = 2; max_workers = 2; concurrency = 16;\n"
                                   "        max_requests = 40; };\n");
    hold(chats, 0, 20, service); /* more than one worker can have */
    EXPECT(service_workers(service, old) == 2, "not two workers");
    struct crowd *crowd = crowd_start(service, 4, chat_once);
    EXPECT_SOON(crowd_served(crowd) > 400, "the workers are not replaced: %lu served", crowd_served(crowd));
    struct crowd_score score = crowd_stop(crowd);
    EXPECT(score.failed == 0, "%lu chats failed", score.failed);
    EXPECT(process_exists(old[0]) && process_exists(old[1]), "a worker with streams has left");
    release(chats, 0, 20, port);
    EXPECT_SOON(!process_exists(old[0]) && !process_exists(old[1]), "the old workers stay");
    EXPECT_SOON(count_in_file(service->usage, RECORD) == score.served + 20, "%zu records of %lu",
                count_in_file(service->usage, RECORD), score.served + 20);
    service_stop(service);
}

/* As chat_hold(), with a large prompt. */
static void hold_large(struct talk *chat, const struct service *service, unsigned number, size_t size)
{
    struct text body = {0};
    text_format(
        &body,
        "{\"model\":\"handshake-1-s%u\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"",
        number);
    memset(text_room(&body, size), 'a', size);
    text_fill(&body, size);
    text_format(&body, "\"}]}");
    EXPECT(chat_begin_with(chat, service, &(struct chat_client){0}, text_words(&body)), "cannot connect");
    EXPECT(chat_receives(chat, "frame-1"), "chat %u is not served: %s", number, text_words(&chat->heard));
    text_free(&body);
}

/* Its requests are finished. */
static void a_large_worker_is_replaced(struct service *service)
{
#if defined(__SANITIZE_ADDRESS__)
    check_cannot_run("the sanitizer's own memory is larger than the limit");
#endif
    enum { CHATS = 14, SIZE = 3 << 20 };
    struct talk chats[CHATS];
    pid_t old[WORKERS_MAX];
    unsigned port = start(service, "pool: { workers = 1; max_workers = 2; concurrency = 32; };\n"
                                   "limits: { memory = \"32M\"; };\n");
    EXPECT(service_workers(service, old) == 1, "not one worker");
    for (unsigned i = 0; i < CHATS; i++)
        hold_large(&chats[i], service, i, SIZE);
    EXPECT_SOON(service_has_logged(service, "more than limits.memory"), "it stays");
    EXPECT_SOON(service_worker_count(service) >= 2, "it is not replaced");
    EXPECT(chat_once(service), "nothing is served any more");
    release(chats, 0, CHATS, port);
    EXPECT_SOON(!process_exists(old[0]), "it stays after its requests");
    EXPECT(chat_once(service), "nothing is served in the end");
    service_stop(service);
}

/* ---- all kinds of requests at once ---- */

#define LARGE 200000

static bool answers(struct talk *chat, const char *words)
{
    bool right = chat_completes(chat) && strstr(text_words(&chat->heard), words);
    if (!right)
        printf("instead of %s: %.300s\n", words, text_words(&chat->heard));
    chat_free(chat);
    return right;
}

/* The provider sends the body back: the answer must have the words of this request, and no others. */
static bool echo(const struct service *service, unsigned number, size_t filler)
{
    struct talk chat;
    struct text body = {0};
    char words[64];
    snprintf(words, sizeof words, "mark-%d-%u", (int)getpid(), number);
    text_format(&body, "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"");
    memset(text_room(&body, filler), 'a' + (int)(number % 26), filler);
    text_fill(&body, filler);
    text_format(&body, "%s\"}]}", words);
    bool begun = chat_begin_with(&chat, service, &(struct chat_client){0}, text_words(&body));
    bool whole = begun && chat_completes(&chat) && chat.heard.length > filler &&
                 memmem(chat.heard.bytes, chat.heard.length, body.bytes + 60, body.length - 60);
    if (!whole)
        printf("another body: %.300s\n", begun ? text_words(&chat.heard) : "");
    if (begun)
        chat_free(&chat);
    text_free(&body);
    return whole;
}

static bool leave(struct talk *chat)
{
    bool begun = chat_receives(chat, "data:");
    talk_leave(chat);
    chat_free(chat);
    return begun;
}

static bool any_once(const struct service *service)
{
    static unsigned number;
    struct talk chat;
    unsigned kind = (unsigned)getpid() * 7 + number++ * 5;
    switch (kind % 7) {
    case 0:
        return echo(service, number, LARGE);
    case 1:
        return chat_begin(&chat, service, "bench-20x2", true) && answers(&chat, "data: [DONE]");
    case 2:
        return chat_begin(&chat, service, "error-400", false) && answers(&chat, "Status: 400");
    case 3:
        return chat_begin(&chat, service, "cut-inside", false) && answers(&chat, "upstream_cut");
    case 4:
        return chat_begin_with(&chat, service, &(struct chat_client){0}, "{\"model\":") &&
               answers(&chat, "Status: 400");
    case 5:
        return chat_begin(&chat, service, "bench-100x10", true) && leave(&chat);
    default:
        return echo(service, number, 10);
    }
}

/* Descriptors that the worker has when nothing runs; connections to the provider may stay. */
static size_t idle_descriptors(const struct service *service, pid_t worker)
{
    EXPECT_SOON(metric(service, "penstock_requests_running") == 1, "requests do not end");
    return process_descriptors(worker);
}

static void all_kinds_at_once_are_answered_as_alone(struct service *service)
{
    pid_t workers[WORKERS_MAX];
    setenv("PENSTOCK_BREAKER_FAILURES", "0", 1);
    start(service, "pool: { workers = 1; max_workers = 1; concurrency = 64; };\n"
                   "retry: { max_attempts = 1; };\n");
    EXPECT(service_workers(service, workers) == 1, "not one worker");
    size_t before = idle_descriptors(service, workers[0]);
    struct crowd *crowd = crowd_start(service, 24, any_once);
    EXPECT_SOON(crowd_served(crowd) > 500, "only %lu requests are served", crowd_served(crowd));
    struct crowd_score score = crowd_stop(crowd);
    printf("%lu requests of seven kinds, 24 at a time, in one worker\n", score.served);
    EXPECT(score.failed == 0, "%lu of %lu answers are wrong", score.failed, score.served);
    size_t after = idle_descriptors(service, workers[0]);
    EXPECT(after <= before + 30, "%zu descriptors, and %zu before", after, before);
    EXPECT_SOON(count_in_file(service->usage, RECORD) == score.served, "%zu records of %lu",
                count_in_file(service->usage, RECORD), score.served);
    service_stop(service);
}

/* Half of a body, a client that does not read, a provider that is silent, half of a record: in the one
 * worker, others are served meanwhile. */
static void requests_that_wait_hold_no_others(struct service *service)
{
    enum { WAITING = 4, BODY = 100000 };
    struct talk waiting[WAITING];
    struct text body = {0};
    unsigned port = start(service, "pool: { workers = 1; max_workers = 1; concurrency = 16; };\n");
    text_format(&body, "{\"model\":\"bench\",\"messages\":[{\"role\":\"user\",\"content\":\"");
    memset(text_room(&body, BODY), 'a', BODY);
    text_fill(&body, BODY);
    text_format(&body, "\"}]}");
    for (unsigned i = 0; i < 2; i++) {
        EXPECT(chat_begin_with(&waiting[i], service, &(struct chat_client){0}, text_words(&body)),
               "no connection");
        waiting[i].out.length = i ? 11 : waiting[i].out.length / 2;
    }
    EXPECT(chat_begin(&waiting[2], service, "bench-20000x0", true), "no connection");
    EXPECT(chat_begin(&waiting[3], service, "silent", true), "no connection");
    for (unsigned i = 0; i < WAITING; i++)
        talk_step(&waiting[i], 10);
    EXPECT_SOON(metric(service, "penstock_requests_running") == WAITING + 1, "they do not wait");
    for (unsigned i = 0; i < 100; i++)
        EXPECT(chat_once(service), "chat %u is not served", i);
    struct talk held;
    chat_hold(&held, service, 0);
    EXPECT(chat_receives(&held, "frame-1"), "a stream is not served");
    chat_release(&held, port, 0);
    EXPECT_SOON(metric(service, "penstock_requests_running") == WAITING + 1, "they do not wait any more");
    for (unsigned i = 0; i < WAITING; i++) {
        talk_leave(&waiting[i]);
        chat_free(&waiting[i]);
    }
    EXPECT_SOON(metric(service, "penstock_requests_running") == 1, "clients that have left are served");
    text_free(&body);
    service_stop(service);
}

static void an_end_finishes_or_cuts_streams(struct service *service)
{
    struct talk chats[20];
    unsigned port = start(service, "pool: { workers = 2; max_workers = 2; concurrency = 32; };\n"
                                   "stop_timeout = 1;\n");
    hold(chats, 0, 20, service);
    kill(service->master, SIGTERM);
    EXPECT_SOON(service_has_logged(service, "workers finish their requests"), "it does not stop");
    release(chats, 0, 10, port);
    for (unsigned i = 10; i < 20; i++) {
        EXPECT(chat_completes(&chats[i]) && strstr(text_words(&chats[i].heard), "shutting down"),
               "no error frame: %s", text_words(&chats[i].heard));
        chat_free(&chats[i]);
    }
    EXPECT(service_wait_end(service) == 0, "the master did not exit with status 0");
    EXPECT(count_in_file(service->usage, RECORD) == 20, "not 20 records");
}

const struct check many_checks[] = {
    {"many: streams spread over the workers, and are counted", streams_spread_over_the_workers},
    {"many: full workers get help, and more requests are refused", full_workers_get_help},
    {"many: one full worker refuses more requests", one_full_worker_refuses},
    {"many: kill -9 of a worker costs its own requests, each recorded once", a_kill_costs_its_own_requests},
    {"many: a crash of a worker costs its own requests, each recorded once", a_crash_costs_its_own_requests},
    {"many: a reload leaves streams alone", a_reload_leaves_streams_alone},
    {"many: workers are replaced after max_requests", workers_are_replaced_after_max_requests},
    {"many: a worker over limits.memory is replaced when its requests have ended",
     a_large_worker_is_replaced},
    {"many: requests of all kinds at once are answered as alone", all_kinds_at_once_are_answered_as_alone},
    {"many: requests that wait hold no others", requests_that_wait_hold_no_others},
    {"many: an end finishes streams in time and cuts the others", an_end_finishes_or_cuts_streams},
    {0},
};
