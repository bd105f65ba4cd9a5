/* Reserves what an exchange may use in the accounts of its client and its run, and settles what it used.
 *
 * This file is pure arithmetic. The stores call it within a transaction. Money that an exchange may spend
 * is reserved first, so that exchanges at the same time cannot spend the same money. Days and months are
 * UTC's; a minute is any 60 s, in which requests and tokens are counted by the second. ledger_redis.lua
 * implements the same rules: change both. */
#include "ledger/quota.h"

#include <stddef.h>
#include <string.h>

#include "base/base.h"
#include "base/date.h"

#define SECOND_MS 1000
#define DAY_S 86400
#define SOON_MS 1000                 /* a running request may release its reservation */
#define NEVER_MS (INT64_C(86400000)) /* an administrator may have raised the limit by then */

#define SUM_MAX (INT64_MAX / 4) /* no difference of three such sums overflows */

/* Sums stop at SUM_MAX; negative amounts count as 0. */
static int64_t add(int64_t sum, int64_t more)
{
    return max_int64(more, 0) > SUM_MAX - sum ? SUM_MAX : sum + max_int64(more, 0);
}

/* Months since January 1900. */
static int64_t month_of(int64_t second)
{
    struct date date = date_of_second(second);
    return (date.year - 1900) * INT64_C(12) + date.month - 1;
}

static int64_t next_month_ms(int64_t second)
{
    struct date date = date_of_second(second);
    date = (struct date){.year = date.year, .month = date.month + 1, .day = 1};
    return date_to_second(&date) * SECOND_MS;
}

/* ---- the minute ---- */

static size_t slot_of(int64_t second)
{
    return (size_t)((second % WINDOW_SECONDS + WINDOW_SECONDS) % WINDOW_SECONDS);
}

/* Moves the window to an earlier second. */
static void set_window_back(struct client_account *account, int64_t second)
{
    struct client_account before = *account;
    for (int64_t age = 0; age < WINDOW_SECONDS; age++) {
        account->requests[slot_of(second - age)] = before.requests[slot_of(before.second - age)];
        account->tokens[slot_of(second - age)] = before.tokens[slot_of(before.second - age)];
    }
    account->second = second;
}

/* Empties the slots of the seconds that have begun since the newest slot. If the clock was set back by less
 * than the window, the newest slot stays in use. If it was set back by more, the window goes back with it, so
 * that it forgets nothing and no request waits until the clock is there again. */
static void roll_window(struct client_account *account, int64_t second)
{
    int64_t passed = second - account->second;
    if (passed <= 0 && passed > -WINDOW_SECONDS)
        return;
    if (passed < 0) {
        set_window_back(account, second);
        return;
    }
    if (passed > WINDOW_SECONDS)
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

/* Milliseconds from `now_ms` until the window holds no more than `max`. */
static int64_t wait_for_room(const struct client_account *account, const uint32_t *slots, int64_t max,
                             int64_t now_ms)
{
    int64_t sum = sum_of(slots), oldest = account->second - WINDOW_SECONDS + 1;
    for (; sum > max && oldest <= account->second; oldest++)
        sum -= slots[slot_of(oldest)];
    return max_int64((oldest - 1 + WINDOW_SECONDS) * SECOND_MS - now_ms, 0);
}

/* Remembers a period that the account leaves, in place of the earliest one. */
static void remember(struct past_period *past, size_t count, struct past_period left)
{
    struct past_period *earliest = past;
    for (size_t i = 1; i < count; i++)
        if (past[i].key < earliest->key)
            earliest = &past[i];
    if ((left.spent || left.requests) && left.key > earliest->key)
        *earliest = left;
}

/* Returns what counts as used in the period at `key`, which the account enters from the period `left`. A new
 * and later period is empty. For any other the clock was set, or two clocks disagree, so that what was used
 * in either period may have been used in this one: the larger sum counts. */
static struct past_period recall(struct past_period *past, size_t count, int64_t key, struct past_period left)
{
    struct past_period known = {.key = key};
    bool is_new = key > left.key;
    for (size_t i = 0; i < count; i++)
        if (past[i].key == key && (past[i].spent || past[i].requests)) {
            known = past[i];
            past[i] = (struct past_period){0};
            is_new = false;
        }
    if (!is_new) {
        known.spent = max_int64(known.spent, left.spent);
        known.requests = max_int64(known.requests, left.requests);
    }
    return known;
}

static void enter_day(struct client_account *account, int64_t day)
{
    struct past_period left = {account->day, account->spent_day, account->requests_day};
    remember(account->days, PAST_DAYS, left);
    struct past_period known = recall(account->days, PAST_DAYS, day, left);
    account->spent_day = known.spent;
    account->requests_day = known.requests;
    account->day = day;
}

static void enter_month(struct client_account *account, int64_t month)
{
    struct past_period left = {.key = account->month, .spent = account->spent_month};
    remember(account->months, PAST_MONTHS, left);
    account->spent_month = recall(account->months, PAST_MONTHS, month, left).spent;
    account->month = month;
}

/* A day that the account leaves is remembered, in case the clock comes back to it. */
static void roll_day(struct client_account *account, int64_t day)
{
    if (day == account->day)
        return;
    int64_t month = month_of(day * DAY_S);
    enter_day(account, day);
    if (month != account->month)
        enter_month(account, month);
}

void quota_roll_windows(struct client_account *account, int64_t now_ms)
{
    int64_t second = now_ms / SECOND_MS;
    roll_window(account, second);
    roll_day(account, second / DAY_S);
}

/* ---- judging ---- */

static const struct quota_status nothing_refused = {
    .verdict = QUOTA_GRANTED, .retry_after_ms = -1, .requests_left = -1, .tokens_left = -1};

static bool refuse(struct quota_status *quota_status, enum quota_verdict verdict, int64_t count,
                   int64_t limit, int64_t retry_after_ms)
{
    quota_status->verdict = verdict;
    quota_status->count = count;
    quota_status->limit = limit;
    quota_status->retry_after_ms = retry_after_ms;
    return false;
}

/* If the clock was set back by more than the window, the errors are forgotten, too. */
int64_t quota_recent_errors(const struct run_account *run, const struct run_limits *limits, int64_t now_ms)
{
    int64_t window_ms = limits->error_window_ms, age_ms = now_ms - run->error_ms;
    bool forgotten = window_ms && (age_ms >= window_ms || age_ms <= -window_ms);
    return forgotten ? 0 : run->errors;
}

/* The part of `limit` that is neither spent nor reserved. A limit of 0 means no limit. */
static int64_t left_of(int64_t limit, int64_t spent, int64_t reserved)
{
    return limit ? limit - spent - reserved : INT64_MAX;
}

/* A run goes on as long as it has any money left: its last request may cost more, as the clients of runs
 * expect. Concurrent requests that may exceed the limit together are rejected (busy) until the actual cost of
 * those before is settled. */
static bool judge_run(const struct run_account *run, const struct run_limits *limits, int64_t cost,
                      int64_t now_ms, struct quota_status *quota_status)
{
    int64_t errors = quota_recent_errors(run, limits, now_ms);
    int64_t least = run->reserved ? max_int64(cost, 1) : 1;
    if (left_of(limits->max_cost, run->spent, 0) <= 0)
        return refuse(quota_status, QUOTA_RUN_COST, run->spent, limits->max_cost, -1);
    if (limits->max_errors && errors >= limits->max_errors)
        return refuse(quota_status, QUOTA_RUN_ERRORS, errors, limits->max_errors,
                      limits->error_window_ms ? run->error_ms + limits->error_window_ms - now_ms : -1);
    if (left_of(limits->max_cost, run->spent, run->reserved) < least)
        return refuse(quota_status, QUOTA_RUN_BUSY, run->spent + run->reserved, limits->max_cost, SOON_MS);
    return true;
}

/* If several limits are reached, reports the limit that holds longest, because the others have ended by
 * then. Of equal limits, reports the first in the order of the enum. */
static void refuse_longer(struct quota_status *quota_status, enum quota_verdict verdict, int64_t count,
                          int64_t limit, int64_t retry_after_ms)
{
    if (quota_status->verdict == QUOTA_GRANTED || retry_after_ms > quota_status->retry_after_ms)
        refuse(quota_status, verdict, count, limit, retry_after_ms);
}

/* At least one token is assumed, even if the count is unknown. */
static int64_t tokens_needed(const struct reservation *reservation, bool alone)
{
    int64_t tokens = alone ? reservation->tokens_min : reservation->tokens;
    return max_int64(max_int64(tokens, reservation->prompt_tokens), 1);
}

/* A single request may be larger than the limit of a minute: it is granted if it is the only request in the
 * window. What is reserved for answers may come back at any moment. */
static void judge_tokens(const struct client_account *client, const struct reservation *reservation,
                         int64_t now_ms, struct quota_status *quota_status)
{
    int64_t limit = reservation->client_limits.tokens_per_minute, tokens = sum_of(client->tokens);
    int64_t room = max_int64(limit - tokens_needed(reservation, false), 0);
    int64_t room_alone = max_int64(limit - tokens_needed(reservation, true), 0);
    if (!limit || tokens <= (client->answer_tokens ? room : room_alone))
        return;
    bool soon = client->answer_tokens && tokens - client->answer_tokens <= room_alone;
    refuse_longer(quota_status, QUOTA_TOKENS, tokens, limit,
                  soon ? SOON_MS : wait_for_room(client, client->tokens, room_alone, now_ms));
}

static void judge_rate(const struct client_account *client, const struct reservation *reservation,
                       int64_t now_ms, struct quota_status *quota_status)
{
    const struct client_limits *limits = &reservation->client_limits;
    int64_t requests = sum_of(client->requests);
    if (limits->requests_per_minute && requests >= limits->requests_per_minute)
        refuse_longer(quota_status, QUOTA_REQUESTS, requests, limits->requests_per_minute,
                      wait_for_room(client, client->requests, limits->requests_per_minute - 1, now_ms));
    if (limits->requests_per_day && client->requests_day >= limits->requests_per_day)
        refuse_longer(quota_status, QUOTA_DAY_REQUESTS, client->requests_day, limits->requests_per_day,
                      (client->day + 1) * DAY_S * SECOND_MS - now_ms);
    judge_tokens(client, reservation, now_ms, quota_status);
    if (limits->concurrent && client->concurrent >= limits->concurrent)
        refuse_longer(quota_status, QUOTA_CONCURRENT, client->concurrent, limits->concurrent, SOON_MS);
}

struct budget {
    enum quota_verdict verdict;
    int64_t limit, spent, refill_ms; /* since 1970 */
};

/* Reserved money may be released soon; spent money comes back with the next day or month, or never. */
static void judge_budget(const struct budget *budget, const struct client_account *client,
                         const struct reservation *reservation, int64_t now_ms,
                         struct quota_status *quota_status)
{
    int64_t left = left_of(budget->limit, budget->spent, client->reserved);
    if (left > 0 && left >= (client->reserved ? reservation->cost : reservation->cost_min))
        return;
    int64_t unspent = left + client->reserved;
    if (unspent > 0 && unspent >= reservation->cost_min)
        refuse_longer(quota_status, budget->verdict, budget->spent, budget->limit, SOON_MS);
    else if (budget->verdict == QUOTA_TOTAL)
        refuse(quota_status, budget->verdict, budget->spent, budget->limit, NEVER_MS);
    else
        refuse_longer(quota_status, budget->verdict, budget->spent, budget->limit,
                      budget->refill_ms - now_ms);
}

/* The total comes last, because it holds longer than any month. */
static void judge_money(const struct client_account *client, const struct reservation *reservation,
                        int64_t now_ms, struct quota_status *quota_status)
{
    const struct client_limits *limits = &reservation->client_limits;
    int64_t day_s = client->day * DAY_S;
    const struct budget budgets[] = {
        {QUOTA_DAY, limits->usd_per_day, client->spent_day, (day_s + DAY_S) * SECOND_MS},
        {QUOTA_MONTH, limits->usd_per_month, client->spent_month, next_month_ms(day_s)},
        {QUOTA_TOTAL, limits->usd_total, client->spent_total, 0},
    };
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++)
        judge_budget(&budgets[i], client, reservation, now_ms, quota_status);
}

static bool judge_client(const struct client_account *client, const struct reservation *reservation,
                         int64_t now_ms, struct quota_status *quota_status)
{
    (reservation->counted ? judge_tokens : judge_rate)(client, reservation, now_ms, quota_status);
    judge_money(client, reservation, now_ms, quota_status);
    return quota_status->verdict == QUOTA_GRANTED;
}

/* ---- entering ---- */

/* The cost, or less if the tightest limit leaves less. */
static int64_t money_to_reserve(const struct client_account *client, const struct run_account *run,
                                const struct reservation *reservation)
{
    const struct client_limits *limits = &reservation->client_limits;
    int64_t cost = max_int64(reservation->cost, 0);
    if (run)
        cost = max_int64(
            min_int64(cost, left_of(reservation->run_limits.max_cost, run->spent, run->reserved)),
            max_int64(reservation->cost_min, 0));
    if (client) {
        cost = min_int64(cost, left_of(limits->usd_per_day, client->spent_day, client->reserved));
        cost = min_int64(cost, left_of(limits->usd_per_month, client->spent_month, client->reserved));
        cost = min_int64(cost, left_of(limits->usd_total, client->spent_total, client->reserved));
    }
    return cost;
}

static void put_tokens(struct client_account *client, size_t slot, int64_t tokens)
{
    int64_t bounded = max_int64(min_int64(tokens, UINT32_MAX), -(int64_t)UINT32_MAX);
    int64_t sum = min_int64(max_int64(client->tokens[slot] + bounded, 0), UINT32_MAX);
    client->tokens[slot] = (uint32_t)sum;
}

/* The tokens, or fewer if the limit leaves fewer. */
static int64_t tokens_to_reserve(const struct client_account *client, const struct reservation *reservation)
{
    int64_t limit = reservation->client_limits.tokens_per_minute;
    int64_t left = limit ? limit - sum_of(client->tokens) : INT64_MAX;
    return min_int64(tokens_needed(reservation, false), max_int64(left, tokens_needed(reservation, true)));
}

/* Enters the request, unless it is counted, and what its body asks for. */
static void enter_client(struct client_account *client, const struct reservation *reservation, int64_t money,
                         struct quota_status *quota_status)
{
    int64_t prompt = max_int64(reservation->prompt_tokens, 0);
    int64_t tokens = max_int64(tokens_to_reserve(client, reservation), prompt);
    bool answers = reservation->tokens > prompt && !reservation->by_address;
    quota_status->answer_tokens = answers ? tokens - prompt : 0;
    client->reserved = add(client->reserved, money);
    client->answer_tokens = add(client->answer_tokens, quota_status->answer_tokens);
    put_tokens(client, slot_of(client->second), prompt + quota_status->answer_tokens);
    if (reservation->counted)
        return;
    client->concurrent += !reservation->by_address;
    client->requests[slot_of(client->second)]++;
    client->requests_day++;
}

/* The tokens reserved for the answer are not reported as used: the client's next request comes when they are
 * settled. */
static void report_rest(const struct client_account *client, const struct reservation *reservation,
                        int64_t now_ms, struct quota_status *quota_status)
{
    const struct client_limits *limits = &reservation->client_limits;
    if (limits->requests_per_minute) {
        quota_status->requests_left = max_int64(limits->requests_per_minute - sum_of(client->requests), 0);
        quota_status->requests_reset_ms = wait_for_room(client, client->requests, 0, now_ms);
    } else if (limits->requests_per_day) {
        quota_status->requests_left = max_int64(limits->requests_per_day - client->requests_day, 0);
        quota_status->requests_reset_ms = (client->day + 1) * DAY_S * SECOND_MS - now_ms;
    }
    if (limits->tokens_per_minute) {
        quota_status->tokens_left = max_int64(
            limits->tokens_per_minute - sum_of(client->tokens) + quota_status->answer_tokens, 0);
        quota_status->tokens_reset_ms = wait_for_room(client, client->tokens, 0, now_ms);
    }
}

/* A run with an open exchange is in use. */
bool quota_expire_run(struct run_account *run, const struct run_limits *limits, int64_t now_ms)
{
    bool expired = limits->expire_ms && !run->reserved && run->used_ms &&
                   now_ms - run->used_ms >= limits->expire_ms;
    if (expired)
        *run = (struct run_account){0};
    return expired;
}

void quota_reserve(struct client_account *client, struct run_account *run,
                   const struct reservation *reservation, int64_t now_ms, struct quota_status *quota_status,
                   int64_t *reserved)
{
    *quota_status = nothing_refused;
    *reserved = 0;
    if (client)
        quota_roll_windows(client, now_ms);
    if (run)
        quota_expire_run(run, &reservation->run_limits, now_ms);
    bool granted = (!run ||
                    judge_run(run, &reservation->run_limits, reservation->cost, now_ms, quota_status)) &&
                   (!client || judge_client(client, reservation, now_ms, quota_status));
    if (granted)
        *reserved = money_to_reserve(client, run, reservation);
    if (granted && run) {
        run->reserved = add(run->reserved, *reserved);
        run->requests++;
        run->used_ms = now_ms;
    }
    if (granted && client)
        enter_client(client, reservation, *reserved, quota_status);
    if (client)
        report_rest(client, reservation, now_ms, quota_status);
}

bool quota_reserve_more(struct client_account *client, struct run_account *run,
                        const struct reservation *reservation, int64_t now_ms, int64_t *reserved)
{
    struct quota_status quota_status = nothing_refused;
    if (client)
        quota_roll_windows(client, now_ms);
    if (run)
        judge_run(run, &reservation->run_limits, reservation->cost, now_ms, &quota_status);
    if (client)
        judge_money(client, reservation, now_ms, &quota_status);
    if (quota_status.verdict != QUOTA_GRANTED)
        return false;
    *reserved = money_to_reserve(client, run, reservation);
    if (run)
        run->reserved = add(run->reserved, *reserved);
    if (client)
        client->reserved = add(client->reserved, *reserved);
    return true;
}

void quota_count_request(struct client_account *client, int64_t now_ms)
{
    roll_day(client, now_ms / SECOND_MS / DAY_S);
    client->requests_day++;
}

struct quota_status quota_check_run(const struct run_account *run, const struct run_limits *limits,
                                    int64_t now_ms)
{
    struct quota_status quota_status = nothing_refused;
    judge_run(run, limits, 0, now_ms, &quota_status);
    return quota_status;
}

/* Tokens used beyond the reservation count from now on, because an answer may take longer than the window
 * holds. Tokens reserved in excess leave the second that they were counted in. */
static void settle_tokens(struct client_account *client, const struct settlement *settlement)
{
    int64_t reserved_s = settlement->reserved_ms / SECOND_MS;
    int64_t more = max_int64(settlement->tokens, -1) -
                   add(max_int64(settlement->prompt_tokens, 0), settlement->answer_tokens);
    bool held = reserved_s <= client->second && reserved_s > client->second - WINDOW_SECONDS;
    if (settlement->tokens >= 0 && (more > 0 || held))
        put_tokens(client, slot_of(more > 0 ? client->second : reserved_s), more);
}

static void settle_client(struct client_account *client, const struct settlement *settlement, int64_t now_ms)
{
    quota_roll_windows(client, now_ms);
    if (settlement->reserved_ms)
        client->concurrent = max_int64(client->concurrent - 1, 0);
    client->reserved = max_int64(client->reserved - settlement->reserved, 0);
    client->answer_tokens = max_int64(client->answer_tokens - max_int64(settlement->answer_tokens, 0), 0);
    client->spent_day = add(client->spent_day, settlement->cost);
    client->spent_month = add(client->spent_month, settlement->cost);
    client->spent_total = add(client->spent_total, settlement->cost);
    settle_tokens(client, settlement);
}

void quota_settle(struct client_account *client, struct run_account *run, const struct settlement *settlement,
                  int64_t now_ms)
{
    if (client)
        settle_client(client, settlement, now_ms);
    if (!run)
        return;
    quota_expire_run(run, &settlement->run_limits, now_ms);
    run->reserved = max_int64(run->reserved - settlement->reserved, 0);
    run->spent = add(run->spent, settlement->cost);
    run->used_ms = now_ms;
    if (settlement->run_error) {
        run->errors = quota_recent_errors(run, &settlement->run_limits, now_ms) + 1;
        run->error_ms = now_ms;
    }
}

bool quota_limits_money(const struct client_limits *limits)
{
    return limits->usd_per_day || limits->usd_per_month || limits->usd_total;
}

bool quota_has_limits(const struct client_limits *limits)
{
    return limits->requests_per_minute || limits->requests_per_day || limits->tokens_per_minute ||
           limits->concurrent || quota_limits_money(limits);
}
