/* Compares what the provider generated with what the clients may spend, and with what was recorded. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "money_game.h"
#include "tests/kit/process.h"
#include "tests/kit/text.h"

#define OVERLAP_MS 40
#define PERIODS 8
#define WINDOW_MS 58000 /* a minute, less the second that the window rounds to and one for slow machines */
#define SETTLE_MS 3000  /* in which the end of a request that broke off may not be known yet */

struct sums {
    int64_t bill, recorded; /* of a client */
    long served, limited;
};

static struct money_request request_of(const struct money_game *money, long number)
{
    return money_request_of(money->game.seed, number);
}

/* Of a stream that its client left, what has passed counts. */
static int64_t cost_of_bill(const struct money_game *money, long number)
{
    const struct money_bill *bill = &money->shared->bills[number];
    const struct money_play *play = &money->plays[number];
    struct money_request request = request_of(money, number);
    bool left = play->result == RESULT_LEFT && request.fate == FATE_LEAVES;
    long made = left && play->seen < bill->completion ? play->seen : bill->completion;
    return money_cost(request.model, bill->prompt, made);
}

static const char *describe(const struct money_game *money, long number)
{
    static const char *const routes[] = {"chat",       "responses", "completions",
                                         "embeddings", "images",    "a form"};
    static const char *const usages[] = {"whole", "floats", "late", "absent", "null", "{}", "half", "zeros"};
    static const char *const fates[] = {"well", "an error under 200", "cut",
                                        "500",  "the client leaves",  "the client leaves before the usage"};
    static const char *const bounds[] = {
        "number", "max_completion_tokens", "two that differ", "float", "power", "text", "none", "twice",
        "folded"};
    static char words[500];
    struct money_request request = request_of(money, number);
    const struct money_bill *bill = &money->shared->bills[number];
    snprintf(words, sizeof words,
             "c%u, %s%s of %s, maximum %ld (%s), n %u (%u), usage %s, %s; provider: heard %u, %ld + %ld "
             "tokens%s; client: status %d",
             request.client, routes[request.route], request.stream ? " streamed" : "",
             money_models[request.model].name, request.maximum, bounds[request.bound], request.n,
             request.n_form, usages[request.usage], fates[request.fate], bill->heard, bill->prompt,
             bill->completion, bill->left ? ", left" : "", money->plays[number].status);
    return words;
}

/* ---- each request and its record ---- */

static bool judge_cost(struct money_game *money, long number, const struct game_record *record)
{
    const struct money_bill *bill = &money->shared->bills[number];
    int64_t billed = cost_of_bill(money, number);
    /* What a picture counts is reckoned from others, with what their texts are thought to count. */
    int64_t least = request_of(money, number).pictures ? billed / 10 * 9 : billed;
    bool exact = bill->reported && bill->heard == 1 && strcmp(record->end, "crashed") != 0 &&
                 !(money->plays[number].result == RESULT_LEFT &&
                   request_of(money, number).fate == FATE_LEAVES);
    if (billed && record->cost < 0)
        game_fail(&money->game, number, "the cost is unknown, the provider bills %" PRId64 ": %s", billed,
                  describe(money, number));
    else if (exact && record->cost != billed)
        game_fail(&money->game, number, "the record says %" PRId64 ", the provider %" PRId64 ": %s",
                  record->cost, billed, describe(money, number));
    else if (billed > 0 && record->cost < least)
        game_fail(&money->game, number, "the estimate is %" PRId64 " (%s, end %s), the bill %" PRId64 ": %s",
                  record->cost, record->usage_source, record->end, billed, describe(money, number));
    else
        return true;
    return false;
}

static bool judge_request(struct money_game *money, long number, const struct game_records *records)
{
    size_t count;
    struct money_request request = request_of(money, number);
    const struct money_play *play = &money->plays[number];
    const struct money_bill *bill = &money->shared->bills[number];
    const struct game_record *record = game_records_find(records, number, &count);
    bool needs = bill->heard || play->result == RESULT_SERVED || play->result == RESULT_LIMITED ||
                 play->result == RESULT_REFUSED;
    if (count > 1 || (needs && !count)) {
        game_fail(&money->game, number, "%zu records: %s", count, describe(money, number));
        return false;
    }
    if (money_request_is_bad(&request) && bill->heard) {
        game_fail(&money->game, number, "a request with a double is sent: %s", describe(money, number));
        return false;
    }
    if (play->result == RESULT_OTHER) {
        game_fail(&money->game, number, "an answer that no rule explains: %s", describe(money, number));
        return false;
    }
    return !bill->heard || judge_cost(money, number, record);
}

/* ---- each client ---- */

enum period { IN_ALL, ON_A_DAY, IN_A_MONTH };

/* The number of the day or month; `day` is since 1970. */
static int64_t period_of(enum period period, int64_t day)
{
    time_t seconds = (time_t)day * 86400;
    struct tm when;
    if (period != IN_A_MONTH)
        return period == ON_A_DAY ? day : 0;
    gmtime_r(&seconds, &when);
    return when.tm_year * 12 + when.tm_mon;
}

/* What was billed in each period of a game; few are played. */
struct periods {
    int64_t keys[PERIODS], sums[PERIODS];
    size_t count, last;
};

static size_t place_of(struct periods *periods, int64_t key, bool *fresh)
{
    size_t place = 0;
    while (place < periods->count && periods->keys[place] != key)
        place++;
    *fresh = place == periods->count && periods->count + 1 < PERIODS;
    if (*fresh)
        periods->keys[periods->count++] = key;
    return place;
}

/* The largest sum of a client's bills in one period: money, or requests. */
static int64_t worst_bill(const struct money_game *money, unsigned client, enum period period, bool requests)
{
    struct periods periods = {0};
    int64_t worst = 0;
    bool fresh;
    for (long i = 0; i < money->shared->count; i++) {
        const struct money_bill *bill = &money->shared->bills[i];
        if (!bill->heard || request_of(money, i).client != client)
            continue;
        int64_t *sum = &periods.sums[place_of(&periods, period_of(period, bill->day), &fresh)];
        *sum += requests ? 1 : cost_of_bill(money, i);
        worst = *sum > worst ? *sum : worst;
    }
    return worst;
}

static void judge_budget(struct money_game *money, unsigned client, const char *name, int64_t budget,
                         enum period period)
{
    int64_t bill = budget ? worst_bill(money, client, period, false) : 0;
    if (bill > budget)
        game_fail(&money->game, -1, "client c%u: %s is %.9f, the provider bills %.9f", client, name,
                  (double)budget / 1e9, (double)bill / 1e9);
    else
        money->game.passed++;
}

static void judge_days(struct money_game *money, unsigned client, unsigned most)
{
    int64_t heard = most ? worst_bill(money, client, ON_A_DAY, true) : 0;
    if (heard > most)
        game_fail(&money->game, -1, "client c%u: %" PRId64 " requests on a day, %u may be", client, heard,
                  most);
    else
        money->game.passed++;
}

/* The money that is left to a client that has spent only what its records say. */
static int64_t left_of(const struct money_client *client, int64_t total, int64_t today, int64_t this_month)
{
    int64_t left = INT64_MAX;
    if (client->usd_total)
        left = client->usd_total - total;
    if (client->usd_per_day && client->usd_per_day - today < left)
        left = client->usd_per_day - today;
    if (client->usd_per_month && client->usd_per_month - this_month < left)
        left = client->usd_per_month - this_month;
    return left;
}

/* What a careful ledger may hold against a client in a period. A clock that was set back takes the spending
 * of the later period along. */
static int64_t *spent_in(struct periods *periods, int64_t key)
{
    bool fresh, later = periods->count == 0 || key > periods->keys[periods->last];
    int64_t before = periods->sums[periods->last];
    size_t place = place_of(periods, key, &fresh);
    if (place != periods->last && !(fresh && later) && before > periods->sums[place])
        periods->sums[place] = before;
    periods->last = place;
    return &periods->sums[place];
}

/* A client that waits for each answer is refused only where its records leave no room. */
static void judge_sequence(struct money_game *money, unsigned client, const struct game_records *records)
{
    struct periods days = {0}, months = {0};
    int64_t total = 0, unsure_ms = 0;
    for (long i = 0; i < money->shared->count; i++) {
        size_t count;
        struct money_request request = request_of(money, i);
        const struct money_play *play = &money->plays[i];
        const struct game_record *record = request.client == client ? game_records_find(records, i, &count)
                                                                    : NULL;
        if (!record)
            continue;
        int64_t day = record->at_ms / 86400000;
        int64_t most = money_request_most(&request, play->body_length);
        int64_t *today = spent_in(&days, day), *this_month = spent_in(&months, period_of(IN_A_MONTH, day));
        int64_t left = left_of(&money->clients[client], total, *today, *this_month);
        if (play->result == RESULT_LIMITED && most >= 0 && left >= most && play->began_ms > unsure_ms)
            game_fail(&money->game, i, "refused, and %.9f USD are left for at most %.9f: %s",
                      (double)left / 1e9, (double)most / 1e9, describe(money, i));
        int64_t cost = record->cost > 0 ? record->cost : 0;
        total += cost;
        *today += cost;
        *this_month += cost;
        if (play->result == RESULT_BROKEN || play->result == RESULT_LEFT)
            unsure_ms = play->ended_ms + SETTLE_MS;
    }
    money->game.passed++;
}

/* The numbers of a client's requests that the provider heard; freed with free(). */
static long *list_heard(const struct money_game *money, unsigned client, size_t *count)
{
    long *numbers = calloc((size_t)money->shared->count, sizeof *numbers);
    if (!numbers)
        give_up("no memory for a list");
    *count = 0;
    for (long i = 0; i < money->shared->count; i++)
        if (money->shared->bills[i].heard && request_of(money, i).client == client)
            numbers[(*count)++] = i;
    return numbers;
}

static void judge_minutes(struct money_game *money, unsigned client, unsigned most, const long *numbers,
                          size_t count)
{
    const struct money_play *plays = money->plays;
    for (size_t i = 0; i < count; i++) {
        const struct money_play *first = &plays[numbers[i]];
        unsigned granted = 0;
        for (size_t k = i; k < count && plays[numbers[k]].began_ms < first->began_ms + 60000; k++)
            granted += plays[numbers[k]].phase == first->phase &&
                       plays[numbers[k]].ended_ms <= first->began_ms + 60000;
        if (granted > most) {
            game_fail(&money->game, numbers[i], "client c%u: %u requests in a minute, %u may be", client,
                      granted, most);
            return;
        }
    }
}

/* A worker that was killed leaves the provider in its own time, so short overlaps count for nothing. */
static void judge_crowd(struct money_game *money, unsigned client, unsigned most, const long *numbers,
                        size_t count)
{
    const struct money_bill *bills = money->shared->bills;
    for (size_t i = 0; i < count; i++) {
        int64_t at_ms = bills[numbers[i]].began_ms;
        unsigned running = 0;
        for (size_t k = 0; k < count; k++)
            running += bills[numbers[k]].began_ms <= at_ms && bills[numbers[k]].ends_ms > at_ms + OVERLAP_MS;
        if (running > most) {
            game_fail(&money->game, numbers[i], "client c%u: %u requests at once, %u may be", client, running,
                      most);
            return;
        }
    }
}

/* The tokens by the records of requests that were granted in the minute before this one was heard, and
 * settled before it was asked. */
static int64_t tokens_before(const struct money_game *money, const struct game_records *records,
                             const long *numbers, size_t at)
{
    const struct money_play *plays = money->plays, *play = &plays[numbers[at]];
    int64_t heard_ms = money->shared->bills[numbers[at]].began_ms, tokens = 0;
    for (size_t i = at; i > 0 && plays[numbers[i - 1]].began_ms > heard_ms - WINDOW_MS; i--) {
        size_t count;
        const struct money_play *before = &plays[numbers[i - 1]];
        const struct game_record *record = game_records_find(records, numbers[i - 1], &count);
        if (before->phase == play->phase && before->result == RESULT_SERVED &&
            before->ended_ms < play->began_ms && record && record->prompt >= 0)
            tokens += record->prompt + (record->completion > 0 ? record->completion : 0);
    }
    return tokens;
}

static void judge_tokens(struct money_game *money, unsigned client, const struct game_records *records,
                         const long *numbers, size_t count)
{
    unsigned most = money->clients[client].tokens_per_minute;
    for (size_t i = 0; i < count; i++) {
        int64_t tokens = tokens_before(money, records, numbers, i);
        if (tokens < most)
            continue;
        game_fail(&money->game, numbers[i],
                  "client c%u: granted after %" PRId64 " tokens in a minute, %u may be: %s", client, tokens,
                  most, describe(money, numbers[i]));
        return;
    }
}

static void judge_rates(struct money_game *money, unsigned client, const struct game_records *records)
{
    const struct money_client *limits = &money->clients[client];
    size_t count;
    if (!limits->requests_per_minute && !limits->concurrent && !limits->tokens_per_minute)
        return;
    long *numbers = list_heard(money, client, &count);
    if (limits->tokens_per_minute)
        judge_tokens(money, client, records, numbers, count);
    if (limits->requests_per_minute)
        judge_minutes(money, client, limits->requests_per_minute, numbers, count);
    if (limits->concurrent)
        judge_crowd(money, client, limits->concurrent, numbers, count);
    free(numbers);
    money->game.passed++;
}

/* ---- the ledger and the report ---- */

static int64_t parse_usd(const char *words)
{
    return (int64_t)(strtod(words, NULL) * 1e9 + 0.5);
}

static void run_command(const struct money_game *money, const char *command, struct text *out)
{
    struct text line = {0};
    char piece[4096];
    text_format(&line, "%s %s -c %s 2>&1", money->game.service.binary, command, money->game.service.config);
    FILE *pipe = popen(line.bytes, "r");
    for (size_t got; pipe && (got = fread(piece, 1, sizeof piece, pipe)) > 0;)
        text_append(out, piece, got);
    if (pipe)
        pclose(pipe);
    text_free(&line);
}

static int64_t find_after(const char *words, const char *mark, const char *unit)
{
    const char *at = strstr(words, mark), *end = at ? strchr(at, '\n') : NULL;
    const char *found = at ? strstr(at, unit) : NULL;
    return found && (!end || found < end) ? parse_usd(found + strlen(unit)) : -1;
}

static void judge_sums(struct money_game *money, const struct sums sums[MONEY_CLIENTS])
{
    struct text ledger = {0}, usage = {0};
    run_command(money, "ledger", &ledger);
    run_command(money, "usage --csv", &usage);
    for (unsigned i = 0; i < MONEY_CLIENTS; i++) {
        char mark[32];
        snprintf(mark, sizeof mark, "client c%u: ", i);
        int64_t is = find_after(text_words(&ledger), mark, " this month, ");
        if (is != sums[i].recorded)
            game_fail(&money->game, -1, "client c%u: the ledger says %.9f, the records %.9f", i,
                      (double)is / 1e9, (double)sums[i].recorded / 1e9);
        snprintf(mark, sizeof mark, "\"c%u\"", i);
        const char *line = strstr(text_words(&usage), mark), *end = line ? strchr(line, '\r') : NULL;
        while (end && end > line && end[-1] != ',')
            end--;
        int64_t reported = end ? parse_usd(end) : 0;
        if (reported != sums[i].recorded)
            game_fail(&money->game, -1, "client c%u: penstock usage says %.9f, the records %.9f", i,
                      (double)reported / 1e9, (double)sums[i].recorded / 1e9);
        money->game.passed++;
    }
    text_free(&ledger);
    text_free(&usage);
}

void money_judge(struct money_game *money)
{
    struct sums sums[MONEY_CLIENTS] = {{0}};
    struct game_records records;
    game_records_read(&records, money->game.service.usage);
    for (long i = 0; i < money->shared->count; i++) {
        size_t count;
        unsigned client = request_of(money, i).client;
        const struct game_record *record = game_records_find(&records, i, &count);
        sums[client].bill += cost_of_bill(money, i);
        for (size_t k = 0; k < count; k++)
            sums[client].recorded += record[k].cost > 0 ? record[k].cost : 0;
        sums[client].served += money->plays[i].result == RESULT_SERVED;
        sums[client].limited += money->plays[i].result == RESULT_LIMITED;
        money->game.passed += judge_request(money, i, &records);
    }
    for (unsigned i = 0; i < MONEY_CLIENTS; i++) {
        const struct money_client *client = &money->clients[i];
        judge_budget(money, i, "usd_total", client->usd_total, IN_ALL);
        judge_budget(money, i, "usd_per_day", client->usd_per_day, ON_A_DAY);
        judge_budget(money, i, "usd_per_month", client->usd_per_month, IN_A_MONTH);
        judge_days(money, i, client->requests_per_day);
        if (client->sequential)
            judge_sequence(money, i, &records);
        judge_rates(money, i, &records);
        if (money->game.verbose)
            printf("c%-2u %5ld served, %5ld limited; budget %.6f %.6f %.6f, bill %.6f, recorded %.6f\n", i,
                   sums[i].served, sums[i].limited, (double)client->usd_total / 1e9,
                   (double)client->usd_per_day / 1e9, (double)client->usd_per_month / 1e9,
                   (double)sums[i].bill / 1e9, (double)sums[i].recorded / 1e9);
    }
    judge_sums(money, sums);
    if (count_in_file(money->game.service.errors, "set aside"))
        game_fail(&money->game, -1, "a ledger was set aside");
    game_records_free(&records);
}
