/* Masters that share their accounts in a real Redis: they never overspend a budget together. What happens to
 * requests while Redis is down, and to their cost when it is back. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../kit/answer.h"
#include "../kit/files.h"
#include "../kit/process.h"
#include "../kit/redis.h"
#include "chat.h"
#include "checks.h"
#include "client.h"

#define KEY "fleet-key"
#define KEY_SHA256 "70576faf939005e33392a19145e58b46ab7b5ba5da67fe0b51b125fb2ab0927f"
#define COST 99000000 /* of one chat, in billionths: the fake provider's answers have 99 tokens */
#define ACCOUNT "{penstock}:client:c"

static const struct chat_client client = {.key = KEY};
static struct redis_server redis;

static void start_redis(void)
{
    if (!redis_server_possible())
        check_cannot_run("could not run: there is no redis-server");
    redis_server_start(&redis);
}

#define PROCESSES "min_spare = 4; max_spare = 20; max_workers = 40;"
#define ONE_WORKER "workers = 1; max_workers = 1; concurrency = 16;"

/* A master with a client whose every chat costs 0.099 USD. Returns the provider's port. */
static unsigned start_pool(struct service *service, const char *usd_total, const char *ledger_down,
                           const char *pool)
{
    struct text settings = {0}, prices = {0};
    static const char price[] = "fake * 0 1000\n";
    text_format(&prices, "%s/prices", service->folder);
    file_write(prices.bytes, price, sizeof price - 1);
    chmod(prices.bytes, 0644);
    text_format(&settings,
                "ledger = \"%s\";\nledger_down = \"%s\";\nprices = \"%s\";\n"
                "clients: ( { name = \"c\"; key_sha256 = \"" KEY_SHA256 "\"; usd_total = %s; } );\n"
                "pool: { %s };\n",
                redis.url, ledger_down, prices.bytes, usd_total, pool);
    unsigned port = chat_service_start(service, settings.bytes);
    text_free(&settings);
    text_free(&prices);
    return port;
}

static void start_master(struct service *service, const char *usd_total, const char *ledger_down)
{
    start_pool(service, usd_total, ledger_down, PROCESSES);
}

/* One chat as the client: its status; 0: no whole answer. */
static int status_of_chat(const struct service *service)
{
    struct talk chat;
    struct answer answer;
    if (!chat_begin_with(&chat, service, &client,
                         "{\"model\":\"bench\",\"max_tokens\":99,"
                         "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"))
        return 0;
    bool whole = chat_completes(&chat);
    answer_parse(&answer, text_words(&chat.heard), chat.heard.length);
    chat_free(&chat);
    return whole ? answer.status : 0;
}

/* Does the client's account hold this number? */
static bool account_says(const char *field, long long number)
{
    char line[100], digits[32], answer[64];
    int length = snprintf(digits, sizeof digits, "%lld", number);
    snprintf(line, sizeof line, "HGET " ACCOUNT " %s", field);
    snprintf(answer, sizeof answer, "$%d\r\n%s\r\n", length, digits);
    return redis_server_says(&redis, line, answer);
}

static bool health_says(const struct service *service, const char *words)
{
    struct talk talk;
    if (!chat_get(&talk, service, "/healthz"))
        return false;
    bool said = chat_completes(&talk) && strstr(text_words(&talk.heard), words);
    chat_free(&talk);
    return said;
}

static size_t records(const struct service *service)
{
    return count_in_file(service->usage, "\n");
}

/* ---- one budget, two masters ---- */

enum { CLIENTS = 32, REQUESTS = 2000, AFFORDED = 100 };

#define LATE 128 /* on a machine with much else to do Redis may once take longer than a second */

/* How many of its requests were served; all others must have been refused by the limit. */
static _Noreturn void burst(const struct service *service, unsigned count)
{
    int served = 0, late = 0;
    for (unsigned i = 0; i < count; i++) {
        int status = status_of_chat(service);
        served += status == 200;
        if (status == 503)
            late = LATE;
        else if (status != 200 && status != 429)
            _exit(255);
    }
    _exit(served | late);
}

static void two_masters_spend_one_budget(struct service *service)
{
    static struct service other; /* lives as long as this process */
    pid_t pids[CLIENTS];
    int served = 0, late = 0;
    struct text folder = {0};
    text_format(&folder, "%s/other", service->folder);
    mkdir(folder.bytes, 0755);
    service_prepare(&other, service->binary, service->provider, folder.bytes);
    text_free(&folder);
    start_redis();
    start_master(service, "9.9", "refuse");
    start_master(&other, "9.9", "refuse");
    fflush(stdout);
    int64_t begun = now_ms();
    for (unsigned i = 0; i < CLIENTS; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            burst(i % 2 ? service : &other, REQUESTS / CLIENTS + (i < REQUESTS % CLIENTS));
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        int status = process_wait(pids[i], 50000);
        EXPECT(WIFEXITED(status) && WEXITSTATUS(status) != 255, "client %u: %s", i,
               process_end_words(status));
        served += WEXITSTATUS(status) % LATE;
        late += WEXITSTATUS(status) >= LATE;
    }
    printf("%d of %d requests served by two masters, %d affordable, in %d ms\n", served, (int)REQUESTS,
           (int)AFFORDED, (int)(now_ms() - begun));
    EXPECT(served == AFFORDED || (late && served < AFFORDED), "%d served", served);
    EXPECT_SOON(late || account_says("spent_total", (long long)AFFORDED * COST), "the account differs");
    EXPECT_SOON(late || account_says("reserved", 0), "something stays reserved");
    EXPECT_SOON(records(service) + records(&other) >= REQUESTS, "%zu and %zu records", records(service),
                records(&other));
    EXPECT(count_in_file(service->usage, "\"status\":200") > 0 &&
               count_in_file(other.usage, "\"status\":200") > 0,
           "one master served all");
    service_stop(&other);
    service_stop(service);
    redis_server_end(&redis);
}

/* ---- Redis is gone ---- */

static bool is_served(const struct service *service)
{
    return status_of_chat(service) == 200;
}

static bool is_served_or_refused(const struct service *service)
{
    int status = status_of_chat(service);
    return status == 200 || status == 503;
}

/* Redis dies under load and comes back empty. */
static void refused_while_redis_is_gone(struct service *service)
{
    start_redis();
    start_master(service, "1000000", "refuse");
    struct crowd *crowd = crowd_start(service, 6, is_served_or_refused);
    redis_server_kill(&redis);
    EXPECT_SOON(status_of_chat(service) == 503, "requests are not refused");
    EXPECT_SOON(health_says(service, "\"ledger\":\"down\""), "/healthz does not say so");
    EXPECT(health_says(service, "Status: 503"), "/healthz has another status");
    unsigned long before = crowd_served(crowd);
    EXPECT_SOON(crowd_served(crowd) > before + 50, "a refusal takes its time");
    redis_server_start(&redis);
    EXPECT_SOON(status_of_chat(service) == 200, "requests are not served again");
    EXPECT_SOON(health_says(service, "\"ledger\":\"ok\""), "/healthz does not say so");
    struct crowd_score score = crowd_stop(crowd);
    printf("%lu answers, %zu of them 503\n", score.served, count_in_file(service->usage, "\"status\":503"));
    EXPECT(score.failed == 0, "%lu were neither served nor refused", score.failed);
    EXPECT(count_in_file(service->errors, redis.socket) > 0, "the error log does not say where");
    service_stop(service);
    redis_server_end(&redis);
}

/* Their cost is kept in the local ledger and sent when Redis is back. */
static void allowed_while_redis_is_gone(struct service *service)
{
    enum { BEFORE = 5, MEANWHILE = 20 };
    int after = 0;
    start_redis();
    start_master(service, "1000000", "allow");
    for (int i = 0; i < BEFORE; i++)
        EXPECT(is_served(service), "chat %d is not served", i);
    EXPECT_SOON(account_says("spent_total", (long long)BEFORE * COST), "the account differs");
    redis_server_kill(&redis);
    for (int i = 0; i < MEANWHILE; i++)
        EXPECT(is_served(service), "chat %d is not served without Redis", i);
    EXPECT_SOON(health_says(service, "\"ledger_owed\":20,"), "not all is owed");
    EXPECT(health_says(service, "\"ledger\":\"down\""), "/healthz does not say so");
    redis_server_start(&redis);
    EXPECT_SOON(health_says(service, "\"ledger_owed\":0,") || (after += is_served(service), false),
                "something stays owed after %d more", after);
    EXPECT_SOON(account_says("spent_total", (long long)(MEANWHILE + after) * COST), "the account differs");
    service_stop(service);
    redis_server_end(&redis);
}

static void allowed_in_mid_load(struct service *service)
{
    start_redis();
    start_master(service, "1000000", "allow");
    struct crowd *crowd = crowd_start(service, 6, is_served);
    redis_server_kill(&redis);
    unsigned long before = crowd_served(crowd);
    EXPECT_SOON(crowd_served(crowd) > before + 200, "no request is served without Redis");
    redis_server_start(&redis);
    EXPECT_SOON(health_says(service, "\"ledger\":\"ok\""), "Redis is not found again");
    struct crowd_score score = crowd_stop(crowd);
    printf("%lu chats served, Redis killed among them\n", score.served);
    EXPECT_SOON(health_says(service, "\"ledger_owed\":0,") || (is_served(service), false),
                "something stays owed");
    EXPECT(score.failed == 0, "%lu were not served", score.failed);
    EXPECT_SOON(account_says("reserved", 0), "something stays reserved");
    service_stop(service);
    redis_server_end(&redis);
}

/* The streams of others end before a request that waits for Redis is refused. */
static void a_redis_that_hangs_holds_no_others(struct service *service)
{
    enum { WAITING = 4, HELD = 4 };
    struct talk waiting[WAITING], held[HELD];
    start_redis();
    unsigned port = start_pool(service, "1000000", "refuse", ONE_WORKER);
    EXPECT(status_of_chat(service) == 200, "it does not serve");
    for (unsigned i = 0; i < HELD; i++) {
        chat_hold(&held[i], service, i);
        EXPECT(chat_receives(&held[i], "frame-1"), "a stream is not served");
    }
    kill(redis.pid, SIGSTOP);
    for (unsigned i = 0; i < WAITING; i++) {
        EXPECT(chat_begin_as(&waiting[i], service, &client, "bench", false), "no connection");
        talk_step(&waiting[i], 10);
    }
    for (unsigned i = 0; i < HELD; i++)
        chat_release(&held[i], port, i);
    for (unsigned i = 0; i < WAITING; i++) {
        talk_step(&waiting[i], 1);
        EXPECT(waiting[i].heard.length == 0, "request %u was answered before the streams of others", i);
    }
    kill(redis.pid, SIGCONT);
    for (unsigned i = 0; i < WAITING; i++) {
        EXPECT(chat_completes(&waiting[i]), "request %u has no answer", i);
        chat_free(&waiting[i]);
    }
    EXPECT_SOON(status_of_chat(service) == 200, "requests are not served again");
    service_stop(service);
    redis_server_end(&redis);
}

/* ---- a worker is gone ---- */

/* The first process that finds it dead settles its reservation. */
static void a_killed_workers_money_is_settled(struct service *service)
{
    struct talk chat;
    pid_t pids[WORKERS_MAX];
    start_redis();
    start_master(service, "1000000", "refuse");
    EXPECT(chat_begin_with(&chat, service, &client,
                           "{\"model\":\"handshake-1-s1\",\"stream\":true,\"max_tokens\":99,"
                           "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"),
           "cannot connect");
    EXPECT(chat_receives(&chat, "frame-1"), "the chat is not served");
    EXPECT(account_says("reserved", COST), "nothing is reserved");
    for (size_t i = service_workers(service, pids); i > 0; i--)
        kill(pids[i - 1], SIGKILL);
    EXPECT_SOON(account_says("reserved", 0), "the money stays reserved");
    EXPECT(account_says("spent_total", COST), "what may have been billed is not counted");
    EXPECT_SOON(count_in_file(service->usage, "\"end\":\"crashed\"") == 1, "there is no record");
    chat_free(&chat);
    service_stop(service);
    redis_server_end(&redis);
}

const struct check redis_checks[] = {
    {"two masters on one Redis never spend more than the budget", two_masters_spend_one_budget},
    {"while Redis is down, requests with limits are refused", refused_while_redis_is_gone},
    {"while Redis is down, ledger_down = \"allow\" serves requests and counts them later",
     allowed_while_redis_is_gone},
    {"with ledger_down = \"allow\", Redis dies under load and no request fails", allowed_in_mid_load},
    {"many: a Redis that hangs holds no others of its worker", a_redis_that_hangs_holds_no_others},
    {"the reservation of a killed worker in Redis is settled", a_killed_workers_money_is_settled},
    {NULL, NULL},
};
