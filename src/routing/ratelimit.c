/* How it stands with a client's limits: the failure for the one that is reached, and the header lines
 * by which a program can slow down before it is.
 *
 * The lines are OpenAI's (its guide to rate limits, "Rate limits in headers"), for its client programs and
 * proxies read them already. */
#include "routing/ratelimit.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/failure.h"
#include "base/money.h"
#include "config/limits.h"
#include "front/response.h"

#define WORDS_SIZE 160
#define DOWN_MS 5000 /* a store that is away may be back by then */
#define PASSING_MS 1000 /* up to this it is exchanges at the same time that stand in the way */

void standing_wait(int64_t ms, char text[static WAIT_TEXT_SIZE])
{
    int64_t seconds = ms / 1000 + (ms % 1000 > 0);
    int64_t hours = seconds / 3600, minutes = seconds / 60 % 60;
    if (ms < 1000)
        snprintf(text, WAIT_TEXT_SIZE, "%" PRId64 "ms", ms > 0 ? ms : 0);
    else if (hours)
        snprintf(text, WAIT_TEXT_SIZE, "%" PRId64 "h%" PRId64 "m%" PRId64 "s", hours, minutes, seconds % 60);
    else if (minutes)
        snprintf(text, WAIT_TEXT_SIZE, "%" PRId64 "m%" PRId64 "s", minutes, seconds % 60);
    else
        snprintf(text, WAIT_TEXT_SIZE, "%" PRId64 "s", seconds);
}

/* ---- refusals ---- */

/* What the limits are on; NULL for a verdict that is not about the client. */
static const char *unit_of(enum ledger_verdict verdict)
{
    switch (verdict) {
    case LEDGER_REQUESTS:
        return "requests per minute";
    case LEDGER_TOKENS:
        return "tokens per minute";
    case LEDGER_CONCURRENT:
        return "requests at the same time";
    case LEDGER_DAY:
        return "USD per day";
    case LEDGER_MONTH:
        return "USD per month";
    case LEDGER_TOTAL:
        return "USD in all";
    default:
        return NULL;
    }
}

static bool is_money(enum ledger_verdict verdict)
{
    return verdict == LEDGER_DAY || verdict == LEDGER_MONTH || verdict == LEDGER_TOTAL;
}

/* "59 of 60 tokens per minute", "1.98 of 2 USD per day". */
static void write_use(const struct standing *standing, char words[static WORDS_SIZE])
{
    char count[MONEY_TEXT_SIZE], limit[MONEY_TEXT_SIZE];
    if (is_money(standing->verdict)) {
        money_print(standing->count, count);
        money_print(standing->limit, limit);
    } else {
        snprintf(count, sizeof count, "%" PRId64, standing->count);
        snprintf(limit, sizeof limit, "%" PRId64, standing->limit);
    }
    snprintf(words, WORDS_SIZE, "%s of %s %s", count, limit, unit_of(standing->verdict));
}

/* Why a limit stands in the way that is not used up. */
static const char *rest_of(const struct standing *standing)
{
    if (standing->count >= standing->limit)
        return "";
    if (is_money(standing->verdict) && standing->retry_after_ms <= PASSING_MS)
        return ", and the rest is set aside for requests that are still running";
    return ", and this request may need more than is left";
}

static bool refuse(const struct standing *standing, struct failure *why)
{
    char use[WORDS_SIZE], wait[WAIT_TEXT_SIZE];
    bool for_good = standing->verdict == LEDGER_TOTAL && standing->retry_after_ms > PASSING_MS;
    write_use(standing, use);
    standing_wait(standing->retry_after_ms, wait);
    fail(why, FAILURE_LIMIT_REACHED, "%s are used%s; %s%s", use, rest_of(standing),
         for_good ? "the administrator can raise the limit" : "try again in ", for_good ? "" : wait);
    if (!why)
        return false;
    why->retryable = !for_good;
    why->retry_after_ms = standing->retry_after_ms;
    return false;
}

static bool refuse_unknown(const struct standing *standing, struct failure *why)
{
    bool down = standing->verdict == LEDGER_DOWN;
    fail(why, down ? FAILURE_UNAVAILABLE : FAILURE_LIMIT_REACHED, "%s",
         down ? "the gateway cannot reach its accounts now, so it cannot say whether a limit is kept"
              : "a limit of the run is reached");
    if (why)
        why->retry_after_ms = standing->retry_after_ms < 0 ? DOWN_MS : standing->retry_after_ms;
    return false;
}

bool standing_allows(const struct standing *standing, struct failure *why)
{
    if (standing->verdict == LEDGER_GRANTED)
        return true;
    return unit_of(standing->verdict) ? refuse(standing, why) : refuse_unknown(standing, why);
}

/* ---- header lines ---- */

static void put_limit(struct reply *reply, const char *unit, int64_t limit, int64_t left, int64_t reset_ms)
{
    char name[48], value[WAIT_TEXT_SIZE];
    if (!limit || left < 0)
        return;
    snprintf(name, sizeof name, "x-ratelimit-limit-%s", unit);
    snprintf(value, sizeof value, "%" PRId64, limit);
    reply_header(reply, name, value);
    snprintf(name, sizeof name, "x-ratelimit-remaining-%s", unit);
    snprintf(value, sizeof value, "%" PRId64, left);
    reply_header(reply, name, value);
    snprintf(name, sizeof name, "x-ratelimit-reset-%s", unit);
    standing_wait(reset_ms, value);
    reply_header(reply, name, value);
}

void standing_put(struct reply *reply, const struct standing *standing, const struct client_limits *limits)
{
    put_limit(reply, "requests", limits->requests_per_minute, standing->requests_left,
              standing->requests_reset_ms);
    put_limit(reply, "tokens", limits->tokens_per_minute, standing->tokens_left, standing->tokens_reset_ms);
}
