/* A burst against a client's budget: many processes together never spend more, and hardly less. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/variables.h"
#include "chat.h"
#include "checks.h"

#define CLIENTS 32
#define WORTH 100 /* how many requests the budget pays for */

/* The fake provider's answer has 99 tokens, each a thousandth of a USD. */
#define ONE "\"cost_usd\":0.099,"
#define CLIENT(name, digest) "{ name = \"" name "\"; key_sha256 = \"" digest "\"; usd_total = 9.9; }"
static const char settings[] = "pool: { min_spare = 8; max_spare = 40; max_workers = 60; };\n"
                               "clients: ( " CLIENT(
                                   "pool",
                                   "27cac5503836765cd10751d27ab4a6e17d7a80d4c948430a5a815139"
                                   "73f9b51e") ",\n" CLIENT("cgi", "f1111223887f55cae7fad3a05608d86"
                                                                   "62d4523b3320c62b0ced89dcafd414e"
                                                                   "4f") ",\n" CLIENT("both", "ff7772053abf"
                                                                                              "7d817d6eec22"
                                                                                              "9a09e14f0d15"
                                                                                              "52f1cb0aeedb"
                                                                                              "2ac73784ac2d"
                                                                                              "2e39") " );"
                                                                                                      "\n";

enum way { BY_POOL, BY_CGI };

static void begin(struct talk *chat, const struct service *service, enum way way, const char *key,
                  const char *body)
{
    const char *arguments[] = {service->binary, NULL};
    struct variables variables = {0};
    struct text bearer = {0};
    variables_for_request(&variables, "POST", "/v1/chat/completions");
    text_format(&bearer, "Bearer %s", key);
    variables_set_header(&variables, "Authorization", bearer.bytes);
    variables_set_header(&variables, "Content-Type", "application/json");
    variables_set(&variables, "CONTENT_LENGTH", "%zu", strlen(body));
    if (way == BY_CGI) {
        variables_inherit(&variables);
        variables_set(&variables, "PENSTOCK_CONFIG", "%s", service->config);
        talk_cgi(chat, arguments, &variables, body, strlen(body), STDERR_FILENO);
    } else {
        int socket = net_connect_unix(service->address, PATIENCE_MS);
        EXPECT(socket >= 0, "cannot connect");
        talk_fastcgi(chat, socket, &variables, body, strlen(body));
    }
    text_free(&bearer);
    variables_free(&variables);
}

/* Served, or refused because of the budget; nothing else. */
static void ask(const struct service *service, enum way way, const char *key, const char *body)
{
    struct talk chat;
    begin(&chat, service, way, key, body);
    EXPECT(chat_completes(&chat), "an answer breaks off: %s", text_words(&chat.heard));
    bool served = strstr(text_words(&chat.heard), "\"choices\"");
    bool refused = strstr(text_words(&chat.heard), "\"reason\":\"limit_reached\"");
    EXPECT(served || refused, "neither served nor refused: %s", text_words(&chat.heard));
    talk_end(&chat, PATIENCE_MS);
}

/* Who asks for what, how often, and by which ways in turn. */
struct burst {
    const char *client, *body; /* the key is the client's name */
    enum way ways[2];
    unsigned requests;
    size_t least; /* to be served */
};

static _Noreturn void ask_often(const struct service *service, const struct burst *burst, unsigned number)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (unsigned i = number; i < burst->requests; i += CLIENTS)
        ask(service, burst->ways[number % 2], burst->client, burst->body);
    exit(0);
}

static void ask_at_once(const struct service *service, const struct burst *burst)
{
    pid_t clients[CLIENTS];
    for (unsigned i = 0; i < CLIENTS; i++) {
        fflush(stdout);
        clients[i] = fork();
        if (clients[i] == 0)
            ask_often(service, burst, i);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        int status;
        EXPECT(waitpid(clients[i], &status, 0) == clients[i] && status == 0, "client %u: %s", i,
               process_end_words(status));
    }
}

/* How many records of a client contain the words. */
static size_t count(const struct service *service, const char *client, const char *words)
{
    struct text log = {0}, name = {0};
    size_t found = 0;
    file_read(service->usage, &log);
    text_format(&name, "\"client\":\"%s\"", client);
    for (char *rest = log.bytes, *line; (line = strsep(&rest, "\n"));)
        found += strstr(line, name.bytes) && strstr(line, words);
    text_free(&log);
    text_free(&name);
    return found;
}

static void expect_budget(const struct service *service, const struct burst *burst)
{
    const char *client = burst->client;
    EXPECT_SOON(count(service, client, "") == burst->requests, "%zu records of %u requests",
                count(service, client, ""), burst->requests);
    size_t served = count(service, client, ONE);
    size_t refused = count(service, client, "\"reason\":\"limit_reached\"");
    EXPECT(served <= WORTH, "%zu requests were served, the budget is for %d", served, WORTH);
    EXPECT(served >= burst->least, "%zu requests were served, the budget is for %d", served, WORTH);
    EXPECT(served + refused == burst->requests, "%zu served, %zu refused, of %u", served, refused,
           burst->requests);
    printf("%s: %zu requests served of %u by %d at a time, with a budget for %d\n", client, served,
           burst->requests, CLIENTS, WORTH);
}

static void start(struct service *service)
{
    struct text all = {0}, prices = {0};
    text_format(&prices, "%s/prices", service->folder);
    file_write(prices.bytes, "fake bench 0 1000\n", strlen("fake bench 0 1000\n"));
    text_format(&all, "prices = \"%s\";\n%s", prices.bytes, settings);
    chat_service_start(service, all.bytes);
    text_free(&all);
    text_free(&prices);
}

static void play(struct service *service, const struct burst *burst)
{
    start(service);
    ask_at_once(service, burst);
    expect_budget(service, burst);
    service_stop(service);
}

/* The length of the answer is limited to what it has, so the reservation equals the cost: all of the hundred
 * are served. */
#define EXACT "{\"model\":\"bench\",\"max_tokens\":99,\"messages\":[]}"
/* The reservation is twice the cost, so the last one may be refused. */
#define TWICE "{\"model\":\"bench\",\"max_tokens\":198,\"messages\":[]}"

static void in_the_pool(struct service *service)
{
    play(service, &(struct burst){"pool", EXACT, {BY_POOL, BY_POOL}, 2000, WORTH});
}

/* Fewer requests: each takes a process. */
static void by_cgi(struct service *service)
{
    play(service, &(struct burst){"cgi", EXACT, {BY_CGI, BY_CGI}, 400, WORTH});
}

static void by_both(struct service *service)
{
    play(service, &(struct burst){"both", TWICE, {BY_POOL, BY_CGI}, 600, WORTH - 1});
}

/* ---- tokens ---- */

/* One answer has 108 tokens, which leaves no room for another one in the minute. The length of the answer is
 * bounded or not. */
static void expect_one_served(struct service *service, enum way way, const char *body)
{
    static const char limited[] =
        "clients: ( { name = \"turns\"; tokens_per_minute = 110; key_sha256 = "
        "\"6976a029d065bf7dd5a64c4a61ff9258550e18abe1838fb9c6ecda43c908147a\"; } );\n"
        "pool: { min_spare = 8; max_spare = 40; max_workers = 60; };\n";
    const struct burst burst = {"turns", body, {way, way}, CLIENTS, 1};
    chat_service_start(service, limited);
    ask_at_once(service, &burst);
    EXPECT_SOON(count(service, burst.client, "") == CLIENTS, "%zu records", count(service, burst.client, ""));
    size_t served = count(service, burst.client, "\"status\":200");
    EXPECT(served == 1, "%zu of %d requests passed a limit that one of them exhausts", served, CLIENTS);
    service_stop(service);
}

static void tokens_in_the_pool(struct service *service)
{
    expect_one_served(service, BY_POOL, "{\"model\":\"bench\",\"messages\":[]}");
}

static void tokens_by_cgi(struct service *service)
{
    expect_one_served(service, BY_CGI, "{\"model\":\"bench\",\"max_tokens\":100,\"messages\":[]}");
}

/* ---- one after the other ---- */

/* Each reserves most of the budget and uses a millionth of a USD. */
#define TURNS 300

/* Asks again as soon as the last byte of the answer is there, before the answer has ended. */
static void take_turns(struct service *service, enum way way, unsigned turns)
{
    static const char *const bodies[] = {"{\"model\":\"bench\",\"max_tokens\":4000000,\"messages\":[]}",
                                         "{\"model\":\"bench\",\"max_tokens\":4000000,\"stream\":true,"
                                         "\"messages\":[]}"};
    static const char *const ends[] = {"\"total_tokens\":108}}", "data: [DONE]"};
    struct text all = {0}, prices = {0};
    struct talk *talks = calloc(turns, sizeof *talks);
    text_format(&prices, "%s/prices", service->folder);
    file_write(prices.bytes, "fake bench 0 0.01\n", strlen("fake bench 0 0.01\n"));
    text_format(
        &all,
        "prices = \"%s\";\nclients: ( { name = \"turns\"; key_sha256 = "
        "\"6976a029d065bf7dd5a64c4a61ff9258550e18abe1838fb9c6ecda43c908147a\"; usd_per_day = 0.05; } );\n"
        "pool: { min_spare = 4; max_spare = 8; max_workers = 16; };\n",
        prices.bytes);
    chat_service_start(service, all.bytes);
    for (unsigned i = 0; i < turns; i++) {
        begin(&talks[i], service, way, "turns", bodies[i % 2]);
        EXPECT(chat_receives(&talks[i], ends[i % 2]), "turn %u: %s", i, text_words(&talks[i].heard));
        if (i >= 8)
            talk_end(&talks[i - 8], PATIENCE_MS);
    }
    for (unsigned i = turns - 8; i < turns; i++)
        talk_end(&talks[i], PATIENCE_MS);
    free(talks);
    text_free(&all);
    text_free(&prices);
    service_stop(service);
}

static void turns_in_the_pool(struct service *service)
{
    take_turns(service, BY_POOL, TURNS);
}

static void turns_by_cgi(struct service *service)
{
    take_turns(service, BY_CGI, TURNS / 3);
}

/* ---- a run ---- */

#define RUN_REQUESTS 200
#define OF_RUN "{\"model\":\"bench\",\"messages\":[],\"metadata\":{\"run_id\":\"told\"}}"

/* By the next worker, while the one that has answered may still write its record. */
static void run_is_told_at_once(struct service *service)
{
    start(service);
    for (int i = 1; i <= RUN_REQUESTS; i++) {
        struct talk chat, look;
        struct text told = {0};
        text_format(&told, "\"used_cost_usd\":%g,", i * 0.099);
        EXPECT(chat_begin_with(&chat, service, &(struct chat_client){0}, OF_RUN), "cannot connect");
        EXPECT(chat_completes(&chat), "an answer breaks off");
        EXPECT(chat_get(&look, service, "/api/usage?evaluation_run_id=told"), "cannot connect");
        EXPECT(chat_completes(&look) && strstr(text_words(&look.heard), told.bytes),
               "after %d requests: not %s but %s", i, told.bytes, text_words(&look.heard));
        chat_free(&chat);
        chat_free(&look);
        text_free(&told);
    }
    service_stop(service);
}

const struct check budget_checks[] = {
    {"gateway: with its answer, a run can read what it has used", run_is_told_at_once},
    {"gateway: a burst in the pool spends no more than the budget", in_the_pool},
    {"gateway: a burst of CGI programs spends no more than the budget", by_cgi},
    {"gateway: pool and CGI programs share one budget", by_both},
    {"gateway: a burst in the pool uses no more tokens than the minute has", tokens_in_the_pool},
    {"gateway: a burst of CGI programs uses no more tokens than the minute has", tokens_by_cgi},
    {"gateway: no request is refused for its client's last one, in the pool", turns_in_the_pool},
    {"gateway: no request is refused for its client's last one, by CGI", turns_by_cgi},
    {0},
};
