/* Bursts at every limit: what many processes are granted together is what one would be. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "burst.h"
#include "checks.h"
#include "tests/kit/process.h"
#include "tests/kit/text.h"

#define USD INT64_C(1000000000)

/* The fake provider's answer has 99 tokens, each a thousandth of a USD: 9.9 USD are for a hundred of them. */
#define PRICE (USD / 1000 * 99)
#define WORTH 100
#define EXACT "{\"model\":\"bench\",\"max_tokens\":99,\"messages\":[]}"
#define WITHOUT_A_BOUND "{\"model\":\"bench\",\"messages\":[]}"
#define SLOW "{\"model\":\"slow-first-0.02\",\"max_tokens\":99,\"messages\":[]}"
#define FAILING "{\"model\":\"error-500\",\"messages\":[]}"

/* The key is "ledger". */
#define CLIENT(limits)                                                                                       \
    "clients: ( { name = \"burst\"; key_sha256 = "                                                           \
    "\"fe14010b4fe83303852f0467c919ef9a7ca089b91e96e3aad7d426dd87079297\"; " limits " } );\n"

static const char *const words[] = {"the pool", "CGI programs", "workers of descriptor 0"};

static unsigned whole(unsigned reduced, unsigned all)
{
    return ledger_whole ? all : reduced;
}

/* ---- money ---- */

/* Until the first answer tells how long one is, it has all the money, and concurrent requests are refused:
 * a short burst on a busy machine may be over before much is spent. */
static unsigned many(void)
{
    return whole(WORTH / 10, WORTH - 10);
}

static void spend(struct service *service, enum way way, const char *body, unsigned requests, unsigned least)
{
    struct burst burst = {.way = way, .key = "ledger", .body = body, .requests = requests};
    struct tally tally;
    burst_stage_start(service, way, CLIENT("usd_total = 9.9;"));
    burst_play(service, &burst, &tally);
    burst_stage_stop(service, way);
    int64_t spent = burst_expect_truth(service, requests);
    printf("%u requests by %d at a time through %s: %u served of a budget for %d, %u refused; %" PRId64
           ".%03" PRId64 " of 9.9 USD spent\n",
           requests, ASKERS, words[way], tally.served, WORTH, tally.limited, spent / USD,
           spent % USD / (USD / 1000));
    EXPECT(tally.served + tally.limited == requests, "%u otherwise", requests - tally.served - tally.limited);
    EXPECT(spent <= WORTH * PRICE && spent == tally.served * PRICE, "it does not add up");
    EXPECT(tally.served >= least, "that is less than %u", least);
}

static void pool_exact(struct service *service)
{
    spend(service, BY_POOL, EXACT, whole(800, 2000), WORTH);
}

static void pool_without_a_bound(struct service *service)
{
    spend(service, BY_POOL, WITHOUT_A_BOUND, whole(800, 2000), many());
}

static void cgi_exact(struct service *service)
{
    spend(service, BY_CGI, EXACT, whole(300, 2000), WORTH);
}

static void cgi_without_a_bound(struct service *service)
{
    spend(service, BY_CGI, WITHOUT_A_BOUND, whole(400, 2000), many());
}

static void workers_exact(struct service *service)
{
    spend(service, BY_WORKERS, EXACT, whole(800, 2000), WORTH);
}

static void workers_without_a_bound(struct service *service)
{
    spend(service, BY_WORKERS, WITHOUT_A_BOUND, whole(800, 2000), many());
}

/* ---- rates ---- */

#define RATE 50

/* A burst that takes longer than a minute is granted what that brings. */
static void rate(struct service *service, enum way way, unsigned requests)
{
    struct burst burst = {.way = way, .key = "ledger", .body = EXACT, .requests = requests};
    struct tally tally;
    burst_stage_start(service, way, CLIENT("requests_per_minute = 50;"));
    int64_t began = now_ms();
    burst_play(service, &burst, &tally);
    unsigned most = RATE * (unsigned)(1 + (now_ms() - began) / 60000);
    burst_stage_stop(service, way);
    burst_expect_truth(service, requests);
    printf("%u requests at once through %s, %d a minute: %u served, %u refused\n", requests, words[way], RATE,
           tally.served, tally.limited);
    EXPECT(tally.served >= RATE && tally.served <= most, "not from %d to %u", RATE, most);
    EXPECT(tally.served + tally.limited == requests, "%u otherwise", tally.other + tally.unavailable);
}

static void pool_rate(struct service *service)
{
    rate(service, BY_POOL, 500);
}

static void cgi_rate(struct service *service)
{
    rate(service, BY_CGI, whole(200, 500));
}

static void workers_rate(struct service *service)
{
    rate(service, BY_WORKERS, 500);
}

/* ---- at the same time ---- */

#define AT_ONCE 4

static void crowd(struct service *service, enum way way, unsigned requests)
{
    struct burst burst = {.way = way, .key = "ledger", .body = SLOW, .requests = requests};
    struct tally tally;
    unsigned port = burst_stage_start(service, way, CLIENT("concurrent = 4;"));
    burst_play(service, &burst, &tally);
    long most = burst_provider(port, "answering_most"), asked = burst_provider(port, "requests");
    burst_stage_stop(service, way);
    burst_expect_truth(service, requests);
    printf("%u requests at once through %s, %d may run: %ld at the provider at most, %u served\n", requests,
           words[way], AT_ONCE, most, tally.served);
    EXPECT(most <= AT_ONCE && most > 0, "more than that");
    EXPECT(asked == (long)tally.served, "the provider has heard %ld", asked);
    EXPECT(tally.served + tally.limited == requests, "%u otherwise", tally.other + tally.unavailable);
}

static void pool_crowd(struct service *service)
{
    crowd(service, BY_POOL, whole(300, 1000));
}

static void cgi_crowd(struct service *service)
{
    crowd(service, BY_CGI, whole(150, 500));
}

static void workers_crowd(struct service *service)
{
    crowd(service, BY_WORKERS, whole(300, 1000));
}

/* ---- runs ---- */

static void run_money(struct service *service, enum way way, unsigned requests)
{
    struct burst burst = {.way = way, .run = "burst", .body = EXACT, .requests = requests};
    struct tally tally;
    burst_stage_start(service, way, "access: { anonymous = true; };\nruns: { max_cost_usd = 9.9; };\n");
    burst_play(service, &burst, &tally);
    burst_stage_stop(service, way);
    int64_t spent = burst_expect_truth(service, requests);
    printf(
        "%u requests at once of a run through %s: %u served of %d, %u refused, %u while all was set aside\n",
        requests, words[way], tally.served, WORTH, tally.blocked, tally.limited);
    EXPECT(tally.served == WORTH && spent == WORTH * PRICE, "it does not add up");
    EXPECT(tally.served + tally.limited + tally.blocked == requests, "%u otherwise",
           tally.other + tally.unavailable);
}

static void pool_run_money(struct service *service)
{
    run_money(service, BY_POOL, whole(500, 2000));
}

static void cgi_run_money(struct service *service)
{
    run_money(service, BY_CGI, whole(200, 1000));
}

/* One after the other, by any process: each process stops the sixth. */
static void run_errors(struct service *service)
{
    struct burst burst = {.run = "burst", .body = FAILING, .requests = 10, .askers = 1};
    struct burst late = {.way = BY_CGI, .run = "burst", .body = EXACT, .requests = 1, .askers = 1};
    struct tally tally, after;
    unsigned port = burst_stage_start(
        service, BY_POOL, "access: { anonymous = true; };\nruns: { max_inference_errors = 5; };\n");
    burst_play(service, &burst, &tally);
    burst_play(service, &late, &after);
    long asked = burst_provider(port, "requests");
    burst_stage_stop(service, BY_POOL);
    EXPECT(tally.failed == 5 && tally.blocked == 5, "%u failed, %u blocked", tally.failed, tally.blocked);
    EXPECT(after.blocked == 1, "a CGI program does not know of it");
    EXPECT(asked == 5, "the provider was asked %ld times", asked);
}

const struct check burst_checks[] = {
    {"budget: pool, the price known before", pool_exact},
    {"budget: pool, without max_tokens", pool_without_a_bound},
    {"budget: CGI, the price known before", cgi_exact},
    {"budget: CGI, without max_tokens", cgi_without_a_bound},
    {"budget: descriptor 0, the price known before", workers_exact},
    {"budget: descriptor 0, without max_tokens", workers_without_a_bound},
    {"rate: pool", pool_rate},
    {"rate: CGI", cgi_rate},
    {"rate: descriptor 0", workers_rate},
    {"at the same time: pool", pool_crowd},
    {"at the same time: CGI", cgi_crowd},
    {"at the same time: descriptor 0", workers_crowd},
    {"run: its money, pool", pool_run_money},
    {"run: its money, CGI", cgi_run_money},
    {"run: its errors", run_errors},
    {0},
};
