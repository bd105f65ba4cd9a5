/* What one exchange may take from the accounts of its client and its run, and what it gives back.
 *
 * Pure arithmetic: the stores call it while they keep everybody else out. Money that may be spent is set
 * aside first, so that exchanges at the same time cannot spend the same. A day and a month are UTC's; a
 * minute is any 60 s, in which requests and tokens are counted by the second. */
#include "claim.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#define SECOND_MS 1000
#define DAY_S 86400
#define SOON_MS 1000               /* an exchange that holds something may end at any moment */
#define NEVER_MS (INT64_C(86400000)) /* what is used up for good may have been raised by then */

static int64_t later(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

static int64_t month_of(int64_t second)
{
    time_t at = (time_t)second;
    struct tm date;
    gmtime_r(&at, &date);
    return (int64_t)date.tm_year * 12 + date.tm_mon;
}

static int64_t next_month_ms(int64_t second)
{
    time_t at = (time_t)second;
    struct tm date;
    gmtime_r(&at, &date);
    date = (struct tm){.tm_year = date.tm_year, .tm_mon = date.tm_mon + 1, .tm_mday = 1};
    return (int64_t)timegm(&date) * SECOND_MS;
}

/* ---- the minute ---- */

static size_t slot_of(int64_t second)
{
    return (size_t)(second % WINDOW_SECONDS);
}

/* Empties the slots of the seconds that have begun since. A clock that was set back by more than the window
 * starts anew; by less, the newest slot goes on. */
static void turn_window(struct client_account *account, int64_t second)
{
    int64_t passed = second - account->second;
    if (passed <= 0 && passed > -WINDOW_SECONDS)
        return;
    if (passed < 0 || passed > WINDOW_SECONDS)
        passed = WINDOW_SECONDS;
    for (int64_t i = 0; i < passed; i++)
        account->requests[slot_of(second - i)] = account->tokens[slot_of(second - i)] = 0;
    account->second = second;
}

static int64_t sum_of(const uint32_t *slots)
{
    int64_t sum = 0;
    for (size_t i = 0; i < WINDOW_SECONDS; i++)
        sum += slots[i];
    return sum;
}

/* Until no more than `most` are left in the window, from `now_ms`. */
static int64_t wait_for_room(const struct client_account *account, const uint32_t *slots, int64_t most,
                             int64_t now_ms)
{
    int64_t sum = sum_of(slots), oldest = account->second - WINDOW_SECONDS + 1;
    for (; sum > most && oldest <= account->second; oldest++)
        sum -= slots[slot_of(oldest)];
    return later((oldest - 1 + WINDOW_SECONDS) * SECOND_MS - now_ms, 0);
}

static void turn_account(struct client_account *account, int64_t now_ms)
{
    int64_t second = now_ms / SECOND_MS, day = second / DAY_S;
    turn_window(account, second);
    if (day == account->day)
        return;
    int64_t month = month_of(second);
    account->spent_day = 0;
    if (month != account->month)
        account->spent_month = 0;
    account->day = day;
    account->month = month;
}

/* ---- judging ---- */

static bool refuse(struct standing *standing, enum ledger_verdict verdict, int64_t count, int64_t limit,
                   int64_t retry_after_ms)
{
    standing->verdict = verdict;
    standing->count = count;
    standing->limit = limit;
    standing->retry_after_ms = retry_after_ms;
    return false;
}

int64_t claim_errors(const struct run_account *run, const struct run_limits *limits, int64_t now_ms)
{
    bool forgotten = limits->error_window_ms && now_ms - run->error_ms >= limits->error_window_ms;
    return forgotten ? 0 : run->errors;
}

/* What of `limit` is neither spent nor set aside; without a limit there is no end to it. */
static int64_t left_of(int64_t limit, int64_t spent, int64_t reserved)
{
    return limit ? limit - spent - reserved : INT64_MAX;
}

static bool judge_run(const struct run_account *run, const struct claim *claim, int64_t now_ms,
                      struct standing *standing)
{
    const struct run_limits *limits = &claim->run_limits;
    int64_t errors = claim_errors(run, limits, now_ms);
    int64_t unspent = left_of(limits->max_cost, run->spent, 0);
    if (unspent <= 0 || unspent < claim->cost_least)
        return refuse(standing, LEDGER_RUN_COST, run->spent, limits->max_cost, -1);
    if (limits->max_errors && errors >= limits->max_errors)
        return refuse(standing, LEDGER_RUN_ERRORS, errors, limits->max_errors,
                      limits->error_window_ms ? run->error_ms + limits->error_window_ms - now_ms : -1);
    int64_t left = left_of(limits->max_cost, run->spent, run->reserved);
    if (left <= 0 || left < claim->cost_least)
        return refuse(standing, LEDGER_RUN_BUSY, run->spent + run->reserved, limits->max_cost, SOON_MS);
    return true;
}

/* A single request may be larger than the limit of a minute: it goes when it is the only one. */
static bool judge_rate(const struct client_account *client, const struct claim *claim, int64_t now_ms,
                       struct standing *standing)
{
    const struct client_limits *limits = &claim->client_limits;
    int64_t requests = sum_of(client->requests), tokens = sum_of(client->tokens);
    if (limits->requests_per_minute && requests >= limits->requests_per_minute)
        return refuse(standing, LEDGER_REQUESTS, requests, limits->requests_per_minute,
                      wait_for_room(client, client->requests, limits->requests_per_minute - 1, now_ms));
    int64_t room = later(limits->tokens_per_minute - claim->prompt_tokens, 0);
    if (limits->tokens_per_minute && tokens > room)
        return refuse(standing, LEDGER_TOKENS, tokens, limits->tokens_per_minute,
                      wait_for_room(client, client->tokens, room, now_ms));
    if (limits->concurrent && client->concurrent >= limits->concurrent)
        return refuse(standing, LEDGER_CONCURRENT, client->concurrent, limits->concurrent, SOON_MS);
    return true;
}

struct purse {
    enum ledger_verdict verdict;
    int64_t limit, spent, refill_ms;
};

/* What is only set aside may come back soon; what is spent comes back with the next day or month. */
static bool judge_money(const struct client_account *client, const struct claim *claim, int64_t now_ms,
                        struct standing *standing)
{
    const struct client_limits *limits = &claim->client_limits;
    const struct purse purses[] = {
        {LEDGER_TOTAL, limits->usd_total, client->spent_total, now_ms + NEVER_MS},
        {LEDGER_MONTH, limits->usd_per_month, client->spent_month, 0},
        {LEDGER_DAY, limits->usd_per_day, client->spent_day, (client->day + 1) * DAY_S * SECOND_MS},
    };
    for (size_t i = 0; i < sizeof purses / sizeof *purses; i++) {
        const struct purse *purse = &purses[i];
        int64_t left = left_of(purse->limit, purse->spent, client->reserved);
        if (left > 0 && left >= claim->cost_least)
            continue;
        int64_t unspent = left + client->reserved;
        int64_t refill_ms = purse->refill_ms ? purse->refill_ms : next_month_ms(now_ms / SECOND_MS);
        bool passing = unspent > 0 && unspent >= claim->cost_least;
        return refuse(standing, purse->verdict, purse->spent, purse->limit,
                      passing ? SOON_MS : refill_ms - now_ms);
    }
    return true;
}

/* ---- entering ---- */

static int64_t lesser(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* As much as was asked for, or what the tightest limit leaves of it. */
static int64_t set_aside(const struct client_account *client, const struct run_account *run,
                         const struct claim *claim)
{
    const struct client_limits *limits = &claim->client_limits;
    int64_t cost = claim->cost;
    if (run)
        cost = lesser(cost, left_of(claim->run_limits.max_cost, run->spent, run->reserved));
    if (client) {
        cost = lesser(cost, left_of(limits->usd_per_day, client->spent_day, client->reserved));
        cost = lesser(cost, left_of(limits->usd_per_month, client->spent_month, client->reserved));
        cost = lesser(cost, left_of(limits->usd_total, client->spent_total, client->reserved));
    }
    return cost;
}

static void put_tokens(struct client_account *client, size_t slot, int64_t tokens)
{
    int64_t sum = lesser(later(client->tokens[slot] + tokens, 0), UINT32_MAX);
    client->tokens[slot] = (uint32_t)sum;
}

static void tell_rest(const struct client_account *client, const struct claim *claim, int64_t now_ms,
                      struct standing *standing)
{
    const struct client_limits *limits = &claim->client_limits;
    if (limits->requests_per_minute) {
        standing->requests_left = later(limits->requests_per_minute - sum_of(client->requests), 0);
        standing->requests_reset_ms = wait_for_room(client, client->requests, 0, now_ms);
    }
    if (limits->tokens_per_minute) {
        standing->tokens_left = later(limits->tokens_per_minute - sum_of(client->tokens), 0);
        standing->tokens_reset_ms = wait_for_room(client, client->tokens, 0, now_ms);
    }
}

void claim_enter(struct client_account *client, struct run_account *run, const struct claim *claim,
                 int64_t now_ms, struct standing *standing, int64_t *reserved)
{
    *standing = (struct standing){.retry_after_ms = -1, .requests_left = -1, .tokens_left = -1};
    *reserved = 0;
    if (client)
        turn_account(client, now_ms);
    bool granted = (!run || judge_run(run, claim, now_ms, standing)) &&
                   (!client || (judge_rate(client, claim, now_ms, standing) &&
                                judge_money(client, claim, now_ms, standing)));
    if (granted)
        *reserved = set_aside(client, run, claim);
    if (granted && run) {
        run->reserved += *reserved;
        run->requests++;
        run->used_ms = now_ms;
    }
    if (granted && client) {
        client->reserved += *reserved;
        client->concurrent++;
        client->requests[slot_of(client->second)]++;
        put_tokens(client, slot_of(client->second), claim->prompt_tokens);
    }
    if (client)
        tell_rest(client, claim, now_ms, standing);
}

/* The tokens go to the second that they were claimed in, as long as the window holds it. */
static void settle_client(struct client_account *client, const struct settlement *settlement, int64_t now_ms)
{
    int64_t claimed_s = settlement->claimed_ms / SECOND_MS;
    turn_account(client, now_ms);
    client->concurrent = later(client->concurrent - 1, 0);
    client->reserved = later(client->reserved - settlement->reserved, 0);
    client->spent_day += settlement->cost;
    client->spent_month += settlement->cost;
    client->spent_total += settlement->cost;
    if (settlement->tokens >= 0 && claimed_s <= client->second &&
        claimed_s > client->second - WINDOW_SECONDS)
        put_tokens(client, slot_of(claimed_s), settlement->tokens - settlement->prompt_tokens);
}

void claim_settle(struct client_account *client, struct run_account *run, const struct settlement *settlement,
                  int64_t now_ms)
{
    if (client)
        settle_client(client, settlement, now_ms);
    if (!run)
        return;
    run->reserved = later(run->reserved - settlement->reserved, 0);
    run->spent += settlement->cost;
    run->used_ms = now_ms;
    if (settlement->run_error) {
        run->errors = claim_errors(run, &settlement->run_limits, now_ms) + 1;
        run->error_ms = now_ms;
    }
}
