/* Reservations against the accounts of a client and of a run: what is granted, refused, released and settled.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/quota.h"
#include "unit.h"

#define USD INT64_C(1000000000)
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NOON (INT64_C(1798632000) * SECOND) /* 2026-12-30T12:00:00Z */

/* ---- one client and its exchanges ---- */

static struct client_account account;
static struct client_limits limits;
static struct quota_status quota_status;

static void start(struct client_limits fresh)
{
    memset(&account, 0, sizeof account);
    limits = fresh;
}

/* True if it was granted; what was set aside comes back in `reserved`. */
static bool enter(int64_t now_ms, int64_t tokens, int64_t cost, int64_t least, int64_t *reserved)
{
    struct reservation reservation = {
        .client = "c", .client_limits = limits, .prompt_tokens = tokens, .cost = cost, .cost_min = least};
    int64_t unseen;
    quota_reserve(&account, NULL, &reservation, now_ms, &quota_status, reserved ? reserved : &unseen);
    return quota_status.verdict == QUOTA_GRANTED;
}

static void settle(int64_t reserved_ms, int64_t now_ms, int64_t prompt, int64_t tokens, int64_t reserved,
                   int64_t cost)
{
    struct settlement settlement = {.client = "c",
                                    .reserved_ms = reserved_ms,
                                    .prompt_tokens = prompt,
                                    .reserved = reserved,
                                    .tokens = tokens,
                                    .cost = cost};
    quota_settle(&account, NULL, &settlement, now_ms);
}

static bool ask(int64_t now_ms)
{
    bool granted = enter(now_ms, 1, 0, 0, NULL);
    if (granted)
        settle(now_ms, now_ms, 1, -1, 0, 0);
    return granted;
}

/* ---- the minute ---- */

/* Requests at random times, a clock that never goes back: any 60 s hold no more than the limit, each
 * refusal's wait is enough, and a moment less would not have been. */
static void no_minute_holds_more_than_the_limit(void)
{
    enum { TIMES = 20000, LIMIT = 7 };
    static int64_t granted[TIMES];
    size_t count = 0;
    int64_t now = NOON;
    start((struct client_limits){.requests_per_minute = LIMIT});
    srand(1);
    for (size_t i = 0; i < TIMES; i++) {
        now += rand() % 4 ? rand() % 3000 : rand() % 90000;
        if (ask(now)) {
            granted[count++] = now;
            CU_ASSERT_TRUE(count <= LIMIT || now - granted[count - 1 - LIMIT] > MINUTE);
            continue;
        }
        CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_REQUESTS);
        int64_t wait = quota_status.retry_after_ms;
        struct client_account before = account;
        CU_ASSERT_TRUE(wait > 0 && wait <= 61 * SECOND);
        CU_ASSERT_FALSE(ask(now + wait - 1));
        account = before;
        CU_ASSERT_TRUE(ask(now + wait));
        account = before;
    }
    CU_ASSERT_TRUE(count > TIMES / 10);
}

static void tokens_are_counted_when_they_are_known(void)
{
    start((struct client_limits){.tokens_per_minute = 1000});
    CU_ASSERT_TRUE(enter(NOON, 400, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.tokens_left, 600);
    CU_ASSERT_FALSE(enter(NOON, 601, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_TOKENS);
    CU_ASSERT_EQUAL(quota_status.count, 400);
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, 61 * SECOND);
    settle(NOON, NOON + 5 * SECOND, 400, 100, 0, 0); /* reserved too much: it goes out of its second */
    CU_ASSERT_TRUE(enter(NOON + 5 * SECOND, 900, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.tokens_left, 0);
    CU_ASSERT_FALSE(enter(NOON + 5 * SECOND, 0, 0, 0, NULL)); /* full is full, uncounted or not */
}

/* A reservation for an answer: `least` is enough if no other is open. Returns what was granted, -1 if it was
 * refused. */
static int64_t enter_answer(int64_t now_ms, int64_t prompt, int64_t answer, int64_t least)
{
    struct reservation reservation = {.client = "c",
                                      .client_limits = limits,
                                      .prompt_tokens = prompt,
                                      .tokens = prompt + answer,
                                      .tokens_min = prompt + least};
    int64_t money;
    quota_reserve(&account, NULL, &reservation, now_ms, &quota_status, &money);
    return quota_status.verdict == QUOTA_GRANTED ? quota_status.answer_tokens : -1;
}

static void settle_answer(int64_t reserved_ms, int64_t now_ms, int64_t prompt, int64_t answer, int64_t tokens)
{
    struct settlement settlement = {.client = "c",
                                    .reserved_ms = reserved_ms,
                                    .prompt_tokens = prompt,
                                    .answer_tokens = answer,
                                    .tokens = tokens};
    quota_settle(&account, NULL, &settlement, now_ms);
}

/* Twelve at once, each of which may use up the minute: one passes, and the others hear that the rest may be
 * free in a moment. */
static void no_burst_uses_more_tokens_than_the_limit(void)
{
    start((struct client_limits){.tokens_per_minute = 1000});
    CU_ASSERT_EQUAL(enter_answer(NOON, 10, 990, 990), 990);
    CU_ASSERT_EQUAL(quota_status.tokens_left, 990); /* what is used, which the next request will find */
    for (int i = 0; i < 11; i++)
        CU_ASSERT_EQUAL(enter_answer(NOON, 10, 990, 990), -1);
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_TOKENS);
    CU_ASSERT_EQUAL(quota_status.count, 1000);
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, 61 * SECOND); /* its own prompt alone leaves no room */
    CU_ASSERT_EQUAL(enter_answer(NOON, 10, 980, 980), -1);
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, SECOND);
    settle_answer(NOON, NOON + SECOND, 10, 990, 200);
    CU_ASSERT_EQUAL(account.answer_tokens, 0);
    CU_ASSERT_EQUAL(enter_answer(NOON + SECOND, 10, 790, 790), 790);
    CU_ASSERT_EQUAL(enter_answer(NOON + SECOND, 10, 1, 1), -1);
    settle_answer(NOON + SECOND, NOON + 2 * SECOND, 10, 790, -1); /* not known: all of it stays counted */
    CU_ASSERT_EQUAL(account.answer_tokens, 0);
    CU_ASSERT_EQUAL(enter_answer(NOON + 2 * SECOND, 10, 1, 1), -1);
    CU_ASSERT_TRUE(quota_status.retry_after_ms > 50 * SECOND);
}

/* An answer of unknown length gets all that is left, but not beside another one. */
static void an_answer_without_a_bound_waits_for_others(void)
{
    start((struct client_limits){.tokens_per_minute = 1000});
    CU_ASSERT_EQUAL(enter_answer(NOON, 10, 32768, 0), 990);
    CU_ASSERT_EQUAL(enter_answer(NOON, 10, 32768, 0), -1);
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, SECOND);
    settle_answer(NOON, NOON, 10, 990, 500);
    CU_ASSERT_EQUAL(enter_answer(NOON, 10, 32768, 300), 490);
    settle_answer(NOON, NOON, 10, 490, 800);
    CU_ASSERT_EQUAL(enter_answer(NOON + SECOND, 10, 1, 1), -1); /* 1300 are used */
    CU_ASSERT_EQUAL(quota_status.count, 1300);
    CU_ASSERT_EQUAL(enter_answer(NOON + 61 * SECOND, 10, 32768, 0), 990);
}

/* Its reservation leaves the window before it ends; what it used beyond that counts when it is known. */
static void a_reservation_outlives_its_minute(void)
{
    start((struct client_limits){.tokens_per_minute = 1000});
    CU_ASSERT_EQUAL(enter_answer(NOON, 10, 500, 500), 500);
    CU_ASSERT_EQUAL(enter_answer(NOON + 2 * MINUTE, 10, 990, 990), 990);
    settle_answer(NOON, NOON + 3 * MINUTE, 10, 500, 400);
    CU_ASSERT_EQUAL(account.answer_tokens, 990);
    settle_answer(NOON + 2 * MINUTE, NOON + 3 * MINUTE, 10, 990, 1500);
    CU_ASSERT_EQUAL(enter_answer(NOON + 3 * MINUTE, 10, 1, 1), -1);
    CU_ASSERT_EQUAL(enter_answer(NOON + 3 * MINUTE + 2 * SECOND, 10, 490, 490), 490);
}

static void a_request_is_counted_before_its_body(void)
{
    int64_t money;
    struct reservation early = {.client = "c"}, whole = {.client = "c", .counted = true, .cost = 10};
    start((struct client_limits){.requests_per_minute = 2, .concurrent = 1, .usd_per_day = USD});
    early.client_limits = whole.client_limits = limits;
    quota_reserve(&account, NULL, &early, NOON, &quota_status, &money);
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_GRANTED);
    quota_reserve(&account, NULL, &whole, NOON, &quota_status, &money);
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_GRANTED);
    CU_ASSERT_EQUAL(quota_status.requests_left, 1);
    CU_ASSERT_EQUAL(account.concurrent, 1);
    CU_ASSERT_EQUAL(money, 10);
    quota_reserve(&account, NULL, &early, NOON, &quota_status, &money);
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_CONCURRENT);
}

/* An answer that takes longer than the window: its tokens are no less tokens for that. */
static void the_tokens_of_a_long_answer_count(void)
{
    start((struct client_limits){.tokens_per_minute = 1000});
    CU_ASSERT_TRUE(enter(NOON, 10, 0, 0, NULL));
    settle(NOON, NOON + 5 * MINUTE, 10, 50010, 0, 0);
    CU_ASSERT_FALSE(enter(NOON + 5 * MINUTE, 10, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.count, 50000);
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, 61 * SECOND);
    CU_ASSERT_FALSE(enter(NOON + 6 * MINUTE, 10, 0, 0, NULL));
    CU_ASSERT_TRUE(enter(NOON + 5 * MINUTE + 61 * SECOND, 10, 0, 0, NULL));
}

static void a_request_larger_than_the_minute_goes_alone(void)
{
    start((struct client_limits){.tokens_per_minute = 100});
    CU_ASSERT_TRUE(enter(NOON, 5000, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.tokens_left, 0);
    CU_ASSERT_FALSE(enter(NOON + SECOND, 5000, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, 60 * SECOND);
    CU_ASSERT_TRUE(enter(NOON + 61 * SECOND, 5000, 0, 0, NULL));
}

static void at_the_same_time_means_open(void)
{
    start((struct client_limits){.concurrent = 2});
    CU_ASSERT_TRUE(enter(NOON, 1, 0, 0, NULL));
    CU_ASSERT_TRUE(enter(NOON, 1, 0, 0, NULL));
    CU_ASSERT_FALSE(enter(NOON + DAY, 1, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_CONCURRENT);
    CU_ASSERT_EQUAL(quota_status.count, 2);
    settle(NOON, NOON + DAY, 1, 1, 0, 0);
    CU_ASSERT_TRUE(enter(NOON + DAY, 1, 0, 0, NULL));
    for (int i = 0; i < 5; i++) /* one that is settled twice gives back no more than there is */
        settle(NOON, NOON + DAY, 1, 1, 0, 0);
    CU_ASSERT_EQUAL(account.concurrent, 0);
}

static void what_is_left_is_told(void)
{
    start((struct client_limits){.requests_per_minute = 3, .tokens_per_minute = 100});
    CU_ASSERT_TRUE(enter(NOON + 250, 30, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.requests_left, 2);
    CU_ASSERT_EQUAL(quota_status.tokens_left, 70);
    CU_ASSERT_EQUAL(quota_status.requests_reset_ms, 61 * SECOND - 250);
    start((struct client_limits){.usd_total = USD});
    CU_ASSERT_TRUE(enter(NOON, 30, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.requests_left, -1);
    CU_ASSERT_EQUAL(quota_status.tokens_left, -1);
}

/* ---- money ---- */

/* Reservations and settlements in any order; a reservation never costs more than was set aside for it. */
static void no_burst_spends_more_than_the_limit(void)
{
    enum { OPEN = 64 };
    int64_t reserved[OPEN] = {0}, now = NOON;
    bool open[OPEN] = {false};
    start((struct client_limits){.usd_per_day = 3 * USD, .usd_per_month = 7 * USD, .usd_total = 20 * USD});
    srand(2);
    int64_t day = 0, month = 0, total = 0, granted = 0;
    for (size_t i = 0; i < 200000; i++) {
        size_t one = (size_t)rand() % OPEN;
        now += rand() % 30000;
        if (account.day != now / DAY && !open[one])
            day = 0;
        if (!open[one]) {
            int64_t cost = rand() % (USD / 2), before = account.month;
            open[one] = enter(now, 1, cost, rand() % 2 ? cost : cost / 10, &reserved[one]);
            granted += open[one];
            month = account.month == before ? month : 0;
            CU_ASSERT_TRUE(!open[one] || reserved[one] <= cost);
        } else {
            int64_t cost = reserved[one] ? rand() % (reserved[one] + 1) : 0, before = account.month;
            day = account.day == now / DAY ? day : 0;
            settle(now, now, 1, 1, reserved[one], cost);
            month = account.month == before ? month : 0;
            day += cost;
            month += cost;
            total += cost;
            open[one] = false;
        }
        CU_ASSERT_TRUE_FATAL(day <= 3 * USD && month <= 7 * USD && total <= 20 * USD);
        CU_ASSERT_TRUE_FATAL(account.reserved >= 0);
    }
    CU_ASSERT_TRUE(total > 19 * USD && granted > 40);
    CU_ASSERT_EQUAL(account.spent_total, total);
}

/* What is thought to be enough is enough only for a request beside which no other is open. */
static void an_estimate_must_fit_beside_others(void)
{
    int64_t first, second;
    start((struct client_limits){.usd_per_day = USD});
    CU_ASSERT_TRUE(enter(NOON, 1, USD - 100, 10, &first));
    CU_ASSERT_FALSE(enter(NOON, 1, USD / 2, 10, NULL));
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, SECOND);
    CU_ASSERT_TRUE(enter(NOON, 1, 100, 10, &second));
    settle(NOON, NOON, 1, 1, first, USD / 2);
    settle(NOON, NOON, 1, 1, second, 0);
    CU_ASSERT_TRUE(enter(NOON, 1, 5 * USD, 10, &first));
    CU_ASSERT_EQUAL(first, USD / 2);
}

static void the_wait_for_money_is_true(void)
{
    int64_t reserved;
    start((struct client_limits){.usd_per_day = USD});
    CU_ASSERT_TRUE(enter(NOON, 1, USD, USD, &reserved));
    CU_ASSERT_FALSE(enter(NOON, 1, 1, 1, NULL)); /* set aside, not spent: it may come back at any moment */
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, SECOND);
    settle(NOON, NOON, 1, 1, reserved, USD);
    CU_ASSERT_FALSE(enter(NOON, 1, 1, 1, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_DAY);
    CU_ASSERT_EQUAL(quota_status.count, USD);
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, 12 * HOUR);
    CU_ASSERT_FALSE(enter(NOON + 12 * HOUR - 1, 1, 1, 1, NULL));
    CU_ASSERT_TRUE(enter(NOON + 12 * HOUR, 1, 1, 1, NULL));
}

static void a_month_has_its_own_length(void)
{
    start((struct client_limits){.usd_per_month = USD});
    CU_ASSERT_TRUE(enter(NOON, 1, 0, 0, NULL));
    settle(NOON, NOON, 1, 1, 0, USD);
    CU_ASSERT_FALSE(enter(NOON, 1, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_MONTH);
    CU_ASSERT_EQUAL(quota_status.retry_after_ms,
                    36 * HOUR); /* the 31st is still to come, and then another year */
    CU_ASSERT_FALSE(enter(NOON + 36 * HOUR - 1, 1, 0, 0, NULL));
    CU_ASSERT_TRUE(enter(NOON + 36 * HOUR, 1, 0, 0, NULL));
    settle(NOON + 36 * HOUR, NOON + 36 * HOUR, 1, 1, 0, USD);
    CU_ASSERT_FALSE(enter(NOON + 36 * HOUR, 1, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, 31 * DAY);
}

static void all_in_all_is_for_good(void)
{
    start((struct client_limits){.usd_total = USD, .usd_per_month = USD, .usd_per_day = USD});
    CU_ASSERT_TRUE(enter(NOON, 1, 0, 0, NULL));
    settle(NOON, NOON, 1, 1, 0, USD);
    CU_ASSERT_FALSE(enter(NOON + 400 * DAY, 1, 0, 0, NULL));
    CU_ASSERT_FALSE(enter(NOON, 1, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_TOTAL);
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, DAY);
}

/* A client that is told to wait a second by one limit is not told to wait a day by the next one then. */
static void the_limit_that_holds_longest_is_told(void)
{
    start((struct client_limits){.requests_per_minute = 1, .concurrent = 1, .usd_per_day = USD});
    CU_ASSERT_TRUE(enter(NOON, 1, 0, 0, NULL));
    CU_ASSERT_FALSE(enter(NOON, 1, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_REQUESTS);
    settle(NOON, NOON, 1, 1, 0, USD);
    CU_ASSERT_FALSE(enter(NOON, 1, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_DAY);
    CU_ASSERT_FALSE(enter(NOON + DAY / 2 - SECOND, 1, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_DAY);
}

static void less_will_do_down_to_the_least(void)
{
    int64_t reserved;
    start((struct client_limits){.usd_total = USD});
    CU_ASSERT_TRUE(enter(NOON, 1, 5 * USD, USD / 10, &reserved));
    CU_ASSERT_EQUAL(reserved, USD);
    settle(NOON, NOON, 1, 1, reserved, USD - USD / 20);
    CU_ASSERT_FALSE(enter(NOON, 1, 5 * USD, USD / 10, &reserved));
    CU_ASSERT_EQUAL(reserved, 0);
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, DAY);
    CU_ASSERT_TRUE(enter(NOON, 1, 5 * USD, USD / 20, &reserved));
    CU_ASSERT_EQUAL(reserved, USD / 20);
}

/* ---- clocks ---- */

/* Two machines on both sides of midnight, one ledger: neither forgets what the other spends. */
static void clocks_apart_do_not_forget_a_day(void)
{
    int64_t midnight = NOON + DAY / 2;
    start((struct client_limits){.usd_per_day = USD});
    int spent = 0;
    for (int i = 0; i < 100; i++) {
        int64_t now = midnight + (i % 2 ? 2000 : -2000) + i;
        if (!enter(now, 1, USD / 10, USD / 10, NULL))
            continue;
        settle(now, now, 1, 1, USD / 10, USD / 10);
        spent++;
    }
    CU_ASSERT_EQUAL(spent, 11); /* one before anybody was past midnight */
    CU_ASSERT_FALSE(enter(midnight - 1, 1, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_DAY);
    CU_ASSERT_FALSE(enter(midnight, 1, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, DAY);
}

static void a_clock_set_back_far_keeps_the_sums(void)
{
    start((struct client_limits){.usd_per_day = USD, .usd_per_month = USD});
    CU_ASSERT_TRUE(enter(NOON, 1, 0, 0, NULL));
    settle(NOON, NOON, 1, 1, 0, USD);
    int64_t then = NOON - 400 * DAY;
    CU_ASSERT_FALSE(enter(then, 1, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_MONTH);
    CU_ASSERT_TRUE(quota_status.retry_after_ms < 31 * DAY);
    CU_ASSERT_TRUE(enter(then + 31 * DAY, 1, 0, 0, NULL));
}

/* A wrong clock for a while: what was spent on a day is still spent when the day comes again, also if the
 * clock was ahead, and in the month. */
static void a_day_comes_again_as_it_was_left(void)
{
    static const int64_t leaps[] = {-DAY, DAY, -2 * DAY, -3 * DAY, -40 * DAY, 9 * DAY, 4000 * DAY};
    for (size_t i = 0; i < sizeof leaps / sizeof *leaps; i++) {
        start((struct client_limits){.usd_per_day = USD, .usd_per_month = 2 * USD});
        CU_ASSERT_TRUE(enter(NOON, 1, 0, 0, NULL));
        settle(NOON, NOON, 1, 1, 0, USD - 5);
        (void)enter(NOON + leaps[i], 1, 1, 1, NULL);
        settle(NOON + leaps[i], NOON + leaps[i], 1, 1, 0, 1);
        CU_ASSERT_FALSE(enter(NOON, 1, 6, 6, NULL));
        CU_ASSERT_TRUE(account.spent_day >= USD - 5 && account.spent_day <= USD - 4);
        CU_ASSERT_TRUE(account.spent_month >= USD - 5 && account.spent_month <= USD - 4);
        CU_ASSERT_EQUAL(account.spent_total, USD - 4);
    }
}

/* A day has one budget, also if the clock is set back to it from the next one. */
static void a_clock_set_back_a_day_finds_what_was_spent(void)
{
    start((struct client_limits){.usd_per_day = USD});
    CU_ASSERT_TRUE(enter(NOON, 1, 0, 0, NULL));
    settle(NOON, NOON, 1, 1, 0, USD - 5);
    CU_ASSERT_TRUE(enter(NOON + DAY, 1, 6, 6, NULL));
    settle(NOON + DAY, NOON + DAY, 1, 1, 6, 6);
    CU_ASSERT_FALSE(enter(NOON, 1, 6, 6, NULL));
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, DAY / 2);
    CU_ASSERT_EQUAL(account.spent_day, USD - 5);
}

static void requests_are_counted_by_the_day(void)
{
    start((struct client_limits){.requests_per_day = 3});
    for (int i = 0; i < 3; i++)
        CU_ASSERT_TRUE(ask(NOON + i * HOUR));
    CU_ASSERT_EQUAL(quota_status.requests_left, 0);
    CU_ASSERT_FALSE(ask(NOON + 3 * HOUR));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_DAY_REQUESTS);
    CU_ASSERT_EQUAL(quota_status.count, 3);
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, 9 * HOUR);
    CU_ASSERT_FALSE(ask(NOON + 12 * HOUR - 1));
    CU_ASSERT_TRUE(ask(NOON + 12 * HOUR));
    (void)ask(NOON - 12 * HOUR - 1);
    CU_ASSERT_FALSE(ask(NOON)); /* the day is full, however often the clock comes back to it */
}

static void the_minute_survives_a_clock_set_back(void)
{
    start((struct client_limits){.requests_per_minute = 2});
    CU_ASSERT_TRUE(ask(NOON));
    CU_ASSERT_TRUE(ask(NOON - 10 * SECOND));
    CU_ASSERT_FALSE(ask(NOON - 20 * SECOND));
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, 81 * SECOND);
    CU_ASSERT_FALSE(ask(NOON - HOUR)); /* nothing is forgotten, and no request waits an hour for it */
    CU_ASSERT_TRUE(quota_status.retry_after_ms <= 61 * SECOND);
    CU_ASSERT_TRUE(ask(NOON - HOUR + quota_status.retry_after_ms));
}

/* ---- numbers at their ends ---- */

/* The sanitizers of a test run would speak of any overflow. */
static void huge_numbers_stop_at_the_end(void)
{
    start((struct client_limits){.usd_per_day = USD, .usd_total = INT64_MAX, .tokens_per_minute = INT32_MAX});
    struct client_limits money = limits;
    limits.usd_per_day = 0;
    for (int i = 0; i < 9; i++) {
        int64_t reserved;
        bool granted = enter(NOON, INT64_MAX, INT64_MAX, 0, &reserved);
        settle(NOON, NOON, INT64_MAX, INT64_MAX - 1, granted ? 0 : INT64_MAX, INT64_MAX);
        settle(NOON, NOON, INT64_MIN, INT64_MAX, INT64_MAX, INT64_MAX);
    }
    CU_ASSERT_TRUE(account.spent_total > 0 && account.spent_day > 0 && account.reserved >= 0);
    limits = money;
    CU_ASSERT_FALSE(enter(NOON, 1, 0, 0, NULL));
    CU_ASSERT_FALSE(enter(NOON, INT64_MIN, INT64_MIN, INT64_MIN, NULL));
    CU_ASSERT_FALSE(enter(NOON, 1, 0, INT64_MAX, NULL));
}

static void nothing_negative_gives_anything_back(void)
{
    int64_t reserved;
    start((struct client_limits){.usd_per_day = USD, .tokens_per_minute = 100});
    CU_ASSERT_TRUE(enter(NOON, -50, -5 * USD, -5 * USD, &reserved));
    CU_ASSERT_EQUAL(reserved, 0);
    CU_ASSERT_EQUAL(quota_status.tokens_left, 100);
    settle(NOON, NOON, -50, 10, reserved, -5 * USD);
    CU_ASSERT_EQUAL(account.spent_day, 0);
    CU_ASSERT_TRUE(enter(NOON, 1, 0, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.tokens_left, 89);
    CU_ASSERT_TRUE(enter(-DAY, 1, 0, 0, NULL)); /* a clock before 1970 is no reason to write anywhere */
}

/* ---- runs ---- */

static struct run_account run;

static bool enter_run(struct run_limits bounds, int64_t now_ms, int64_t cost, int64_t *reserved)
{
    struct reservation reservation = {.run = "r", .run_limits = bounds, .cost = cost, .cost_min = cost};
    int64_t unseen;
    quota_reserve(NULL, &run, &reservation, now_ms, &quota_status, reserved ? reserved : &unseen);
    return quota_status.verdict == QUOTA_GRANTED;
}

static void settle_run(struct run_limits bounds, int64_t now_ms, int64_t reserved, int64_t cost, bool error)
{
    struct settlement settlement = {.run = "r",
                                    .reserved_ms = now_ms,
                                    .reserved = reserved,
                                    .tokens = -1,
                                    .cost = cost,
                                    .run_error = error,
                                    .run_limits = bounds};
    quota_settle(NULL, &run, &settlement, now_ms);
}

static void a_run_is_judged_by_cost_then_errors(void)
{
    struct run_limits bounds = {.max_errors = 2, .max_cost = USD};
    int64_t reserved;
    memset(&run, 0, sizeof run);
    CU_ASSERT_TRUE(enter_run(bounds, NOON, USD, &reserved));
    CU_ASSERT_FALSE(enter_run(bounds, NOON, 1, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_RUN_BUSY);
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, SECOND);
    settle_run(bounds, NOON, reserved, 0, true);
    CU_ASSERT_TRUE(enter_run(bounds, NOON, 0, NULL));
    settle_run(bounds, NOON, 0, 0, true);
    CU_ASSERT_FALSE(enter_run(bounds, NOON + 1000 * DAY, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_RUN_ERRORS);
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, -1);
    settle_run(bounds, NOON, 0, USD, false);
    CU_ASSERT_FALSE(enter_run(bounds, NOON, 0, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_RUN_COST);
    CU_ASSERT_EQUAL(run.requests, 2);
}

/* As long as there is money left a run goes on, but not with two requests at once for the last of it. */
static void the_last_request_of_a_run_may_cost_more(void)
{
    struct run_limits bounds = {.max_cost = USD};
    int64_t reserved;
    memset(&run, 0, sizeof run);
    settle_run(bounds, NOON, 0, USD - 1, false);
    CU_ASSERT_TRUE(enter_run(bounds, NOON, USD, &reserved));
    CU_ASSERT_EQUAL(reserved, USD);
    CU_ASSERT_FALSE(enter_run(bounds, NOON, 1, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_RUN_BUSY);
    settle_run(bounds, NOON, reserved, 2, false);
    CU_ASSERT_FALSE(enter_run(bounds, NOON, 1, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_RUN_COST);
}

static void requests_of_a_run_at_once_share_its_money(void)
{
    struct run_limits bounds = {.max_cost = USD};
    int64_t reserved;
    memset(&run, 0, sizeof run);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_TRUE(enter_run(bounds, NOON, USD / 3, NULL));
    CU_ASSERT_FALSE(enter_run(bounds, NOON, USD / 3, NULL));
    CU_ASSERT_EQUAL(quota_status.verdict, QUOTA_RUN_BUSY);
    CU_ASSERT_EQUAL(quota_status.retry_after_ms, SECOND);
    settle_run(bounds, NOON, USD / 3 * 3, USD / 2, false);
    CU_ASSERT_TRUE(enter_run(bounds, NOON, 2 * USD, &reserved)); /* alone it may be the last one */
    CU_ASSERT_EQUAL(reserved, 2 * USD);
}

static void errors_of_a_run_can_be_forgotten(void)
{
    struct run_limits bounds = {.max_errors = 2, .error_window_ms = MINUTE};
    memset(&run, 0, sizeof run);
    settle_run(bounds, NOON, 0, 0, true);
    settle_run(bounds, NOON + MINUTE, 0, 0, true); /* the first one is forgotten by now */
    CU_ASSERT_EQUAL(run.errors, 1);
    settle_run(bounds, NOON + 2 * MINUTE - 1, 0, 0, true);
    CU_ASSERT_FALSE(enter_run(bounds, NOON + 2 * MINUTE, 0, NULL));
    int64_t wait = quota_status.retry_after_ms;
    CU_ASSERT_FALSE(enter_run(bounds, NOON + 2 * MINUTE + wait - 1, 0, NULL));
    CU_ASSERT_TRUE(enter_run(bounds, NOON + 2 * MINUTE + wait, 0, NULL));
    CU_ASSERT_FALSE(enter_run(bounds, NOON + MINUTE, 0, NULL)); /* the clock was set back a little */
    CU_ASSERT_TRUE(enter_run(bounds, NOON - MINUTE, 0, NULL));  /* and by more than the window */
}

static void a_client_without_limits_is_free(void)
{
    CU_ASSERT_FALSE(quota_has_limits(&(struct client_limits){0}));
    CU_ASSERT_TRUE(quota_has_limits(&(struct client_limits){.concurrent = 1}));
    CU_ASSERT_TRUE(quota_has_limits(&(struct client_limits){.usd_total = 1}));
}

static const struct unit_test tests[] = {
    {"a client without limits is free", a_client_without_limits_is_free},
    {"no minute holds more than the limit", no_minute_holds_more_than_the_limit},
    {"tokens are counted when they are known", tokens_are_counted_when_they_are_known},
    {"no burst uses more tokens than the limit", no_burst_uses_more_tokens_than_the_limit},
    {"an answer without a bound waits for others", an_answer_without_a_bound_waits_for_others},
    {"a reservation outlives its minute", a_reservation_outlives_its_minute},
    {"a request is counted before its body", a_request_is_counted_before_its_body},
    {"the tokens of a long answer count", the_tokens_of_a_long_answer_count},
    {"a request larger than the minute goes alone", a_request_larger_than_the_minute_goes_alone},
    {"at the same time means open", at_the_same_time_means_open},
    {"what is left is told", what_is_left_is_told},
    {"no burst spends more than the limit", no_burst_spends_more_than_the_limit},
    {"an estimate must fit beside others", an_estimate_must_fit_beside_others},
    {"the wait for money is true", the_wait_for_money_is_true},
    {"a month has its own length", a_month_has_its_own_length},
    {"all in all is for good", all_in_all_is_for_good},
    {"the limit that holds longest is told", the_limit_that_holds_longest_is_told},
    {"less will do, down to the least", less_will_do_down_to_the_least},
    {"clocks apart do not forget a day", clocks_apart_do_not_forget_a_day},
    {"a clock set back a day finds what was spent", a_clock_set_back_a_day_finds_what_was_spent},
    {"a clock set back far keeps the sums", a_clock_set_back_far_keeps_the_sums},
    {"a day comes again as it was left", a_day_comes_again_as_it_was_left},
    {"requests are counted by the day", requests_are_counted_by_the_day},
    {"the minute survives a clock set back", the_minute_survives_a_clock_set_back},
    {"huge numbers stop at the end", huge_numbers_stop_at_the_end},
    {"nothing negative gives anything back", nothing_negative_gives_anything_back},
    {"a run is judged by cost, then errors", a_run_is_judged_by_cost_then_errors},
    {"the last request of a run may cost more", the_last_request_of_a_run_may_cost_more},
    {"requests of a run at once share its money", requests_of_a_run_at_once_share_its_money},
    {"errors of a run can be forgotten", errors_of_a_run_can_be_forgotten},
};

UNIT_MAIN("reservations", tests)
