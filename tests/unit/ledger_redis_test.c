/* The accounts in a real Redis: the script computes as quota.c does, settles each exchange once, and grants
 * no more than there is; and calls end if Redis is gone, silent or locked. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/redis.h"
#include "../kit/text.h"
#include "base/error_log.h"
#include "base/secret.h"
#include "config/redis_address.h"
#include "ledger/ledger_redis.h"
#include "ledger/quota.h"
#include "ledger/redis_link.h"
#include "unit.h"

#define START_MS INT64_C(1767225599000) /* a second before 2026 */
#define HOUR_MS INT64_C(3600000)

static struct redis_server server;

static struct ledger_redis *connect_with(const char *password)
{
    struct redis_address address;
    struct secret secret = {0};
    if (password)
        secret = secret_copy(password, strlen(password));
    CU_ASSERT_PTR_NULL(redis_address_parse(server.url, &address));
    struct ledger_redis *redis = ledger_redis_open(&address, &secret);
    secret_wipe(&secret);
    return redis;
}

/* An empty Redis, and a connection to it. */
static struct ledger_redis *begin(void)
{
    redis_server_start(&server);
    return connect_with(NULL);
}

static void end(struct ledger_redis *redis)
{
    ledger_redis_close(redis);
    redis_server_end(&server);
}

/* A Redis that has failed is left alone for a second; patience is longer. */
static bool comes_back(struct ledger_redis *redis)
{
    for (int64_t patience = now_ms() + 10000; now_ms() < patience; rest())
        if (ledger_redis_ready(redis))
            return true;
    return false;
}

/* ---- the same sequence, played to both ---- */

enum { CLIENTS = 3, RUNS = 3, OPEN = 12, STEPS = 6000 };

struct open_exchange {
    struct settlement settlement;
    char id[32];
    int client, run; /* -1: none */
};

struct both {
    struct ledger_redis *redis;
    struct client_account clients[CLIENTS];
    struct run_account runs[RUNS];
    struct open_exchange open[OPEN];
    size_t open_count;
    int64_t now_ms;
    unsigned ids;
    unsigned seen[QUOTA_UNKNOWN + 1]; /* how often each verdict was met */
};

static const char *const client_names[CLIENTS] = {"blog", "a:b", "ünï"};
static const char *const run_names[RUNS] = {"r1", "r2", "r:3"};

static int64_t below(int64_t most)
{
    return random() % most;
}

/* Mostly none, so that each check has its turn. */
static int64_t limit_below(int64_t most)
{
    return below(3) ? 0 : 1 + below(most);
}

static struct reservation some_reservation(int client, int run)
{
    int64_t cost = below(4) ? below(1000000) : 0;
    return (struct reservation){
        .client = client < 0 ? NULL : client_names[client],
        .run = run < 0 ? NULL : run_names[run],
        .client_limits = {limit_below(9), limit_below(4000), limit_below(5), limit_below(4000000),
                          limit_below(20000000), limit_below(200000000), limit_below(8)},
        .run_limits = {limit_below(5), limit_below(100000000), limit_below(100000), 0},
        .prompt_tokens = below(1000),
        .cost = cost,
        .cost_min = below(2) ? cost : cost / 2,
    };
}

/* Half of them with an answer, of which the length is known or not. */
static void add_answer(struct reservation *reservation)
{
    int64_t answer = below(2000);
    if (!below(2))
        return;
    reservation->tokens = reservation->prompt_tokens + answer;
    reservation->tokens_min = reservation->prompt_tokens + (below(2) ? answer : answer / 8);
}

static void compare_status(const struct quota_status *one, const struct quota_status *other)
{
    CU_ASSERT_EQUAL(one->verdict, other->verdict);
    CU_ASSERT_EQUAL(one->count, other->count);
    CU_ASSERT_EQUAL(one->limit, other->limit);
    CU_ASSERT_EQUAL(one->retry_after_ms, other->retry_after_ms);
    CU_ASSERT_EQUAL(one->requests_left, other->requests_left);
    CU_ASSERT_EQUAL(one->requests_reset_ms, other->requests_reset_ms);
    CU_ASSERT_EQUAL(one->tokens_left, other->tokens_left);
    CU_ASSERT_EQUAL(one->tokens_reset_ms, other->tokens_reset_ms);
    CU_ASSERT_EQUAL(one->answer_tokens, other->answer_tokens);
}

static void reserve_here_and_there(struct both *both, const char *id, const struct reservation *reservation,
                                   int client, int run, struct quota_status *status, int64_t *reserved)
{
    struct quota_status there;
    int64_t reserved_there;
    quota_reserve(client < 0 ? NULL : &both->clients[client], run < 0 ? NULL : &both->runs[run], reservation,
                  both->now_ms, status, reserved);
    CU_ASSERT_TRUE(ledger_redis_reserve(both->redis, id, reservation, both->now_ms, &there, &reserved_there));
    compare_status(status, &there);
    CU_ASSERT_EQUAL(*reserved, reserved_there);
    both->seen[status->verdict]++;
}

/* The client's request is counted before its body comes. */
static bool count_early(struct both *both, const char *id, const struct reservation *reservation, int client)
{
    struct quota_status status;
    int64_t reserved;
    struct reservation early = {.client = reservation->client, .client_limits = reservation->client_limits};
    reserve_here_and_there(both, id, &early, client, -1, &status, &reserved);
    return status.verdict == QUOTA_GRANTED;
}

static void play_reservation(struct both *both)
{
    struct open_exchange *exchange = &both->open[both->open_count];
    int client = (int)below(CLIENTS + 1) - 1, run = (int)below(RUNS + 1) - 1;
    struct reservation reservation = some_reservation(client, run);
    struct quota_status status;
    int64_t reserved;
    snprintf(exchange->id, sizeof exchange->id, "id-%u", both->ids++);
    add_answer(&reservation);
    bool early = client >= 0 && below(4) == 0;
    if (early && !count_early(both, exchange->id, &reservation, client))
        return;
    reservation.counted = early;
    reserve_here_and_there(both, exchange->id, &reservation, client, run, &status, &reserved);
    bool granted = status.verdict == QUOTA_GRANTED;
    if (!granted && !early)
        return;
    exchange->client = client;
    exchange->run = granted ? run : -1;
    exchange->settlement = (struct settlement){
        .client = reservation.client,
        .run = granted ? reservation.run : NULL,
        .reserved_ms = both->now_ms,
        .prompt_tokens = granted ? reservation.prompt_tokens : 0,
        .answer_tokens = granted ? status.answer_tokens : 0,
        .reserved = reserved,
    };
    both->open_count++;
}

static void play_settlement(struct both *both)
{
    size_t chosen = (size_t)below((int64_t)both->open_count);
    struct open_exchange *exchange = &both->open[chosen];
    struct settlement *settlement = &exchange->settlement;
    settlement->cost = below(1200000);
    settlement->tokens = below(5) ? below(3000) : -1;
    settlement->run_error = below(3) == 0;
    settlement->run_limits.error_window_ms = limit_below(100000);
    quota_settle(exchange->client < 0 ? NULL : &both->clients[exchange->client],
                 exchange->run < 0 ? NULL : &both->runs[exchange->run], settlement, both->now_ms);
    CU_ASSERT_TRUE(ledger_redis_settle(both->redis, exchange->id, settlement, both->now_ms));
    *exchange = both->open[--both->open_count];
}

static void compare_client(struct both *both, int client)
{
    const struct client_account *here = &both->clients[client];
    struct client_account there;
    CU_ASSERT_TRUE(ledger_redis_client(both->redis, client_names[client], &there));
    CU_ASSERT_EQUAL(here->concurrent, there.concurrent);
    CU_ASSERT_EQUAL(here->reserved, there.reserved);
    CU_ASSERT_EQUAL(here->answer_tokens, there.answer_tokens);
    CU_ASSERT_EQUAL(here->day, there.day);
    CU_ASSERT_EQUAL(here->month, there.month);
    CU_ASSERT_EQUAL(here->spent_day, there.spent_day);
    CU_ASSERT_EQUAL(here->spent_month, there.spent_month);
    CU_ASSERT_EQUAL(here->spent_total, there.spent_total);
    CU_ASSERT_EQUAL(here->second, there.second);
    CU_ASSERT_EQUAL(memcmp(here->requests, there.requests, sizeof here->requests), 0);
    CU_ASSERT_EQUAL(memcmp(here->tokens, there.tokens, sizeof here->tokens), 0);
}

static void compare_run(struct both *both, int run)
{
    const struct run_account *here = &both->runs[run];
    struct run_account there;
    CU_ASSERT_TRUE(ledger_redis_run(both->redis, run_names[run], &there));
    CU_ASSERT_EQUAL(here->reserved, there.reserved);
    CU_ASSERT_EQUAL(here->spent, there.spent);
    CU_ASSERT_EQUAL(here->errors, there.errors);
    CU_ASSERT_EQUAL(here->requests, there.requests);
    CU_ASSERT_EQUAL(here->error_ms, there.error_ms);
    CU_ASSERT_EQUAL(here->used_ms, there.used_ms);
}

/* Mostly moments; now and then a leap as if the clock was set. Open exchanges are settled before: nothing
 * lapses here. */
static void play_time(struct both *both)
{
    int64_t leap = below(60);
    if (leap)
        both->now_ms += below(leap < 30 ? 300 : 20000);
    while (!leap && both->open_count)
        play_settlement(both);
    if (!leap)
        both->now_ms += below(3) ? below(10 * 24 * HOUR_MS) : -below(below(2) ? 120000 : 40 * 24 * HOUR_MS);
}

static void the_script_reckons_as_memory_does(void)
{
    static struct both both;
    both = (struct both){.redis = begin(), .now_ms = START_MS};
    srandom(20260101);
    unsigned failed = CU_get_number_of_failures();
    for (unsigned step = 0; step < STEPS && CU_get_number_of_failures() == failed; step++) {
        play_time(&both);
        if (both.open_count == OPEN || (both.open_count && below(5) < 2))
            play_settlement(&both);
        else
            play_reservation(&both);
        compare_client(&both, (int)below(CLIENTS));
        compare_run(&both, (int)below(RUNS));
    }
    for (enum quota_verdict verdict = QUOTA_GRANTED; verdict < QUOTA_UNKNOWN; verdict++)
        CU_ASSERT(both.seen[verdict] > 0);
    end(both.redis);
}

/* Every day of forty years: the script has a calendar of its own. */
static void the_months_are_those_of_the_calendar(void)
{
    struct ledger_redis *redis = begin();
    struct client_account here = {0}, there;
    struct reservation reservation = {
        .client = "c", .client_limits = {.usd_per_month = 1}, .cost = 2, .cost_min = 2};
    struct quota_status one, other;
    int64_t reserved;
    for (int64_t day = 10957; day < 10957 + 40 * 365; day++) {
        int64_t now_ms_then = day * 24 * HOUR_MS + 5;
        quota_reserve(&here, NULL, &reservation, now_ms_then, &one, &reserved);
        CU_ASSERT_TRUE(ledger_redis_reserve(redis, "x", &reservation, now_ms_then, &other, &reserved));
        CU_ASSERT_EQUAL(one.verdict, QUOTA_MONTH);
        CU_ASSERT_EQUAL(one.retry_after_ms, other.retry_after_ms);
    }
    CU_ASSERT_TRUE(ledger_redis_client(redis, "c", &there));
    CU_ASSERT_EQUAL(here.month, there.month);
    end(redis);
}

/* ---- once, and not for ever ---- */

static const struct reservation dollar = {.client = "c",
                                          .run = "r",
                                          .cost = 1000000000,
                                          .cost_min = 1000000000,
                                          .prompt_tokens = 10,
                                          .client_limits = {.usd_total = 2000000000, .concurrent = 9}};
static const struct settlement half = {
    .client = "c", .run = "r", .reserved = 1000000000, .prompt_tokens = 10, .tokens = 30, .cost = 500000000};

static enum quota_verdict try_reservation(struct ledger_redis *redis, const char *id,
                                          const struct reservation *reservation, int64_t at_ms)
{
    struct quota_status quota_status;
    int64_t reserved;
    bool up = ledger_redis_reserve(redis, id, reservation, at_ms, &quota_status, &reserved);
    if (!up)
        CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_UNKNOWN);
    return quota_status.verdict;
}

static void what_is_said_twice_counts_once(void)
{
    struct ledger_redis *redis = begin();
    struct client_account client;
    struct run_account run;
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(try_reservation(redis, "one", &dollar, START_MS), QUOTA_GRANTED);
    CU_ASSERT_TRUE(ledger_redis_client(redis, "c", &client));
    CU_ASSERT_EQUAL(client.concurrent, 1);
    CU_ASSERT_EQUAL(client.reserved, dollar.cost);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_TRUE(ledger_redis_settle(redis, "one", &half, START_MS));
    CU_ASSERT_TRUE(ledger_redis_client(redis, "c", &client));
    CU_ASSERT_TRUE(ledger_redis_run(redis, "r", &run));
    CU_ASSERT_EQUAL(client.concurrent, 0);
    CU_ASSERT_EQUAL(client.reserved, 0);
    CU_ASSERT_EQUAL(client.spent_total, half.cost);
    CU_ASSERT_EQUAL(client.tokens[START_MS / 1000 % WINDOW_SECONDS], 30);
    CU_ASSERT_EQUAL(run.spent, half.cost);
    CU_ASSERT_EQUAL(run.reserved, 0);
    CU_ASSERT_EQUAL(run.requests, 1);
    end(redis);
}

/* A host that is gone for ever does not hold money for ever; what it used counts whenever it is heard of. */
static void what_is_open_for_an_hour_is_given_back(void)
{
    struct ledger_redis *redis = begin();
    struct client_account client;
    CU_ASSERT_EQUAL(try_reservation(redis, "one", &dollar, START_MS), QUOTA_GRANTED);
    CU_ASSERT_EQUAL(try_reservation(redis, "two", &dollar, START_MS + 1000), QUOTA_GRANTED);
    CU_ASSERT_EQUAL(try_reservation(redis, "three", &dollar, START_MS + HOUR_MS - 1), QUOTA_TOTAL);
    CU_ASSERT_EQUAL(try_reservation(redis, "three", &dollar, START_MS + HOUR_MS), QUOTA_GRANTED);
    CU_ASSERT_EQUAL(try_reservation(redis, "four", &dollar, START_MS + HOUR_MS + 999), QUOTA_TOTAL);
    CU_ASSERT_TRUE(ledger_redis_settle(redis, "one", &half, START_MS + HOUR_MS + 999));
    CU_ASSERT_TRUE(ledger_redis_client(redis, "c", &client));
    CU_ASSERT_EQUAL(client.spent_total, half.cost);
    CU_ASSERT_EQUAL(client.concurrent, 2);
    CU_ASSERT_EQUAL(client.reserved, 2 * dollar.cost);
    CU_ASSERT_EQUAL(try_reservation(redis, "four", &dollar, START_MS + HOUR_MS + 1000), QUOTA_TOTAL);
    CU_ASSERT_TRUE(ledger_redis_client(redis, "c", &client));
    CU_ASSERT_EQUAL(client.concurrent, 1);
    CU_ASSERT_EQUAL(client.reserved, dollar.cost);
    end(redis);
}

/* It went on while Redis was down, and is told when it is back. */
static void what_was_never_set_aside_counts_too(void)
{
    struct ledger_redis *redis = begin();
    struct client_account client;
    struct run_account run;
    struct settlement settlement = half;
    settlement.run_error = true;
    CU_ASSERT_TRUE(ledger_redis_settle(redis, "x", &settlement, START_MS));
    CU_ASSERT_TRUE(ledger_redis_client(redis, "c", &client));
    CU_ASSERT_TRUE(ledger_redis_run(redis, "r", &run));
    CU_ASSERT_EQUAL(client.spent_day, half.cost);
    CU_ASSERT_EQUAL(client.concurrent, 0);
    CU_ASSERT_EQUAL(run.spent, half.cost);
    CU_ASSERT_EQUAL(run.errors, 1);
    CU_ASSERT_TRUE(ledger_redis_run_reset_errors(redis, "r"));
    CU_ASSERT_TRUE(ledger_redis_run(redis, "r", &run));
    CU_ASSERT_EQUAL(run.errors, 0);
    CU_ASSERT_EQUAL(run.spent, half.cost);
    CU_ASSERT_TRUE(ledger_redis_run_reset_errors(redis, "unknown"));
    CU_ASSERT_TRUE(redis_server_says(&server, "EXISTS {penstock}:run:unknown", ":0"));
    end(redis);
}

/* Requests of anonymous clients are counted by address, beside a client of that name, and for two days. */
static void an_address_is_no_client(void)
{
    struct ledger_redis *redis = begin();
    struct reservation request = {
        .client = "192.0.2.1", .by_address = true, .client_limits = {.requests_per_day = 2}};
    CU_ASSERT_EQUAL(try_reservation(redis, "one", &request, START_MS), QUOTA_GRANTED);
    CU_ASSERT_EQUAL(try_reservation(redis, "two", &request, START_MS), QUOTA_GRANTED);
    CU_ASSERT_EQUAL(try_reservation(redis, "three", &request, START_MS), QUOTA_DAY_REQUESTS);
    request.by_address = false;
    CU_ASSERT_EQUAL(try_reservation(redis, "four", &request, START_MS), QUOTA_GRANTED);
    CU_ASSERT_TRUE(redis_server_says(&server, "TTL {penstock}:address:192.0.2.1", ":172800"));
    CU_ASSERT_TRUE(redis_server_says(&server, "EXISTS {penstock}:address-open:192.0.2.1", ":0"));
    end(redis);
}

/* ---- many at once ---- */

enum { PROCESSES = 8, TRIES = 300 };

/* Runs `work` in processes of its own; how many did well. */
static int in_processes(struct ledger_redis *own, bool (*work)(struct ledger_redis *redis, unsigned number))
{
    pid_t pids[PROCESSES];
    int good = 0;
    fflush(stdout);
    for (unsigned i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            ledger_redis_close(own); /* the child's copy */
            struct ledger_redis *redis = connect_with(NULL);
            bool well = work(redis, i);
            ledger_redis_close(redis);
            _exit(!well);
        }
    }
    for (unsigned i = 0; i < PROCESSES; i++)
        good += process_wait(pids[i], 60000) == 0;
    return good;
}

static const struct reservation cent = {
    .client = "c", .cost = 10000000, .cost_min = 10000000, .client_limits = {.usd_total = 1000000000}};

/* Each spends half of what it set aside. */
static bool spend(struct ledger_redis *redis, unsigned number)
{
    struct client_account account;
    for (unsigned i = 0; i < TRIES; i++) {
        char id[32];
        struct settlement settlement = {.client = "c", .cost = 5000000, .tokens = -1};
        snprintf(id, sizeof id, "%u-%u", number, i);
        enum quota_verdict verdict = try_reservation(redis, id, &cent, LEDGER_REDIS_CLOCK);
        if (!ledger_redis_client(redis, "c", &account) ||
            account.spent_total + account.reserved > cent.client_limits.usd_total)
            return false;
        if (verdict == QUOTA_GRANTED && !ledger_redis_settle(redis, id, &settlement, LEDGER_REDIS_CLOCK))
            return false;
    }
    return true;
}

static void no_budget_is_overspent(void)
{
    struct ledger_redis *redis = begin();
    struct client_account account;
    CU_ASSERT_EQUAL(in_processes(redis, spend), PROCESSES);
    CU_ASSERT_TRUE(ledger_redis_client(redis, "c", &account));
    CU_ASSERT(account.spent_total <= cent.client_limits.usd_total);
    CU_ASSERT(account.spent_total > cent.client_limits.usd_total - cent.cost);
    CU_ASSERT_EQUAL(account.reserved, 0);
    CU_ASSERT_EQUAL(account.concurrent, 0);
    end(redis);
}

/* ---- a Redis that is not there ---- */

static void a_script_that_was_flushed_is_sent_again(void)
{
    struct ledger_redis *redis = begin();
    CU_ASSERT_TRUE(ledger_redis_ready(redis));
    CU_ASSERT_TRUE(redis_server_says(&server, "SCRIPT FLUSH", "+OK"));
    CU_ASSERT_TRUE(ledger_redis_ready(redis));
    CU_ASSERT_PTR_NULL(ledger_redis_fault(redis));
    end(redis);
}

/* The connection that a restart has closed is no reason to refuse anybody. */
static void a_restart_between_two_calls_is_not_noticed(void)
{
    struct ledger_redis *redis = begin();
    CU_ASSERT_TRUE(ledger_redis_ready(redis));
    redis_server_kill(&server);
    redis_server_start(&server);
    CU_ASSERT_TRUE(ledger_redis_ready(redis));
    end(redis);
}

static void a_dead_one_is_said_and_comes_back(void)
{
    struct ledger_redis *redis = begin();
    CU_ASSERT_TRUE(ledger_redis_ready(redis));
    redis_server_kill(&server);
    for (int i = 0; i < 1000; i++)
        CU_ASSERT_EQUAL(try_reservation(redis, "x", &dollar, START_MS), QUOTA_UNKNOWN);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ledger_redis_fault(redis));
    CU_ASSERT_PTR_NULL(strstr(ledger_redis_fault(redis), server.socket));
    CU_ASSERT_FALSE(ledger_redis_settle(redis, "x", &half, START_MS));
    redis_server_start(&server);
    CU_ASSERT_TRUE(comes_back(redis));
    CU_ASSERT_PTR_NULL(ledger_redis_fault(redis));
    CU_ASSERT_EQUAL(try_reservation(redis, "x", &dollar, START_MS), QUOTA_GRANTED);
    end(redis);
}

/* Redis is stopped, does not answer in time, and then runs the call all the same: before or after another
 * process settles the exchange. */
static void what_a_deaf_one_did_unseen_is_settled(void)
{
    static const struct settlement nothing = {.client = "c", .run = "r", .tokens = -1};
    struct ledger_redis *redis = begin();
    struct client_account account;
    CU_ASSERT_TRUE(ledger_redis_ready(redis));
    kill(server.pid, SIGSTOP);
    CU_ASSERT_EQUAL(try_reservation(redis, "x", &dollar, LEDGER_REDIS_CLOCK), QUOTA_UNKNOWN);
    CU_ASSERT_PTR_NOT_NULL(strstr(ledger_redis_fault(redis), "no answer"));
    kill(server.pid, SIGCONT);
    CU_ASSERT_TRUE(comes_back(redis));
    CU_ASSERT_TRUE(ledger_redis_settle(redis, "x", &nothing, LEDGER_REDIS_CLOCK));
    CU_ASSERT_EQUAL(try_reservation(redis, "x", &dollar, LEDGER_REDIS_CLOCK), QUOTA_UNKNOWN);
    CU_ASSERT_TRUE(ledger_redis_client(redis, "c", &account));
    CU_ASSERT_EQUAL(account.concurrent, 0);
    CU_ASSERT_EQUAL(account.reserved, 0);
    CU_ASSERT_EQUAL(account.spent_total, 0);
    end(redis);
}

/* The fault, and that no word of the password is in it. */
static void expect_locked(const char *password, const char *words)
{
    struct ledger_redis *redis = connect_with(password);
    CU_ASSERT_FALSE(ledger_redis_ready(redis));
    const char *fault = ledger_redis_fault(redis);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fault);
    if (!strstr(fault, words))
        printf("\n  %s: %s\n", words, fault);
    CU_ASSERT_PTR_NOT_NULL(strstr(fault, words));
    CU_ASSERT(!password || !strstr(fault, password));
    ledger_redis_close(redis);
}

static void a_locked_one_is_said_without_the_password(void)
{
    server = (struct redis_server){.settings = "requirepass open-sesame"};
    redis_server_start(&server);
    expect_locked("open-barley", "does not take this ledger_password");
    expect_locked(NULL, "wants a password");
    struct ledger_redis *redis = connect_with("open-sesame");
    CU_ASSERT_TRUE(ledger_redis_ready(redis));
    end(redis);
    server = (struct redis_server){0};
    redis_server_start(&server);
    expect_locked("open-barley", "has no password");
    redis_server_end(&server);
    server = (struct redis_server){.settings = "rename-command AUTH open"};
    redis_server_start(&server);
    expect_locked("open-barley", "refuses AUTH");
    redis_server_end(&server);
}

static void by_tcp_as_a_user_of_a_database(void)
{
    struct text settings = {0}, url = {0};
    unsigned port;
    close(net_refusing_port(&port));
    text_format(&settings, "port %u\nbind 127.0.0.1\nuser gate on >open-sesame ~{penstock}:* +@all", port);
    text_format(&url, "redis://gate@127.0.0.1:%u/3", port);
    server = (struct redis_server){.settings = settings.bytes};
    redis_server_start(&server);
    free(server.url);
    server.url = url.bytes;
    struct ledger_redis *redis = connect_with("open-sesame");
    CU_ASSERT_EQUAL(try_reservation(redis, "x", &dollar, LEDGER_REDIS_CLOCK), QUOTA_GRANTED);
    CU_ASSERT_TRUE(redis_server_says(&server, "SELECT 3\r\nEXISTS {penstock}:client:c", "+OK\r\n:1\r\n"));
    CU_ASSERT_TRUE(redis_server_says(&server, "EXISTS {penstock}:client:c", ":0\r\n"));
    expect_locked("open-barley", "does not take this ledger_password");
    end(redis);
    text_free(&settings);
}

static const struct unit_test tests[] = {
    {"the script reckons as memory does", the_script_reckons_as_memory_does},
    {"the months are those of the calendar", the_months_are_those_of_the_calendar},
    {"what is said twice counts once", what_is_said_twice_counts_once},
    {"what is open for an hour is given back", what_is_open_for_an_hour_is_given_back},
    {"what was never set aside counts too", what_was_never_set_aside_counts_too},
    {"an address is no client", an_address_is_no_client},
    {"no budget is overspent", no_budget_is_overspent},
    {"a script that was flushed is sent again", a_script_that_was_flushed_is_sent_again},
    {"a restart between two calls is not noticed", a_restart_between_two_calls_is_not_noticed},
    {"a dead one is said and comes back", a_dead_one_is_said_and_comes_back},
    {"what a deaf one did unseen is settled", what_a_deaf_one_did_unseen_is_settled},
    {"a locked one is said without the password", a_locked_one_is_said_without_the_password},
    {"by TCP, as a user of a database", by_tcp_as_a_user_of_a_database},
};

int main(void)
{
    const char *missing = !redis_link_possible()     ? "hiredis"
                          : !redis_server_possible() ? "redis-server"
                                                     : NULL;
    if (missing) {
        printf("could not run: the ledger in Redis, for there is no %s\n", missing);
        return 77;
    }
    signal(SIGPIPE, SIG_IGN);
    if (!log_open("/dev/null", LEVEL_ERROR))
        return 1;
    return unit_run("ledger_redis", tests, sizeof tests / sizeof *tests);
}
