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
#include "front/response.h"
#include "ledger/quota.h"

#define WORDS_SIZE 160
#define DOWN_MS 5000    /* a store that is away may be back by then */
#define PASSING_MS 1000 /* up to this it is exchanges at the same time that stand in the way */

void duration_format(int64_t ms, char text[static DURATION_TEXT_SIZE])
{
    int64_t seconds = ms / 1000 + (ms % 1000 > 0);
    int64_t hours = seconds / 3600, minutes = seconds / 60 % 60;
    if (ms < 1000)
        snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "ms", ms > 0 ? ms : 0);
    else if (hours)
        snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "h%" PRId64 "m%" PRId64 "s", hours, minutes,
                 seconds % 60);
    else if (minutes)
        snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "m%" PRId64 "s", minutes, seconds % 60);
    else
        snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "s", seconds);
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
static void write_use(const struct quota_status *quota_status, char words[static WORDS_SIZE])
{
    char count[MONEY_TEXT_SIZE], limit[MONEY_TEXT_SIZE];
    if (is_money(quota_status->verdict)) {
        money_print(quota_status->count, count);
        money_print(quota_status->limit, limit);
    } else {
        snprintf(count, sizeof count, "%" PRId64, quota_status->count);
        snprintf(limit, sizeof limit, "%" PRId64, quota_status->limit);
    }
    snprintf(words, WORDS_SIZE, "%s of %s %s", count, limit, unit_of(quota_status->verdict));
}

/* Why a limit stands in the way that is not used up. */
static const char *rest_of(const struct quota_status *quota_status)
{
    if (quota_status->count >= quota_status->limit)
        return "";
    if (is_money(quota_status->verdict) && quota_status->retry_after_ms <= PASSING_MS)
        return ", and the rest is set aside for requests that are still running";
    return ", and this request may need more than is left";
}

static bool refuse(const struct quota_status *quota_status, struct failure *why)
{
    char use[WORDS_SIZE], wait[DURATION_TEXT_SIZE];
    bool for_good = quota_status->verdict == LEDGER_TOTAL && quota_status->retry_after_ms > PASSING_MS;
    write_use(quota_status, use);
    duration_format(quota_status->retry_after_ms, wait);
    fail(why, FAILURE_LIMIT_REACHED, "%s are used%s; %s%s", use, rest_of(quota_status),
         for_good ? "the administrator can raise the limit" : "try again in ", for_good ? "" : wait);
    if (!why)
        return false;
    why->retryable = !for_good;
    why->retry_after_ms = quota_status->retry_after_ms;
    return false;
}

static bool refuse_unknown(const struct quota_status *quota_status, struct failure *why)
{
    bool down = quota_status->verdict == LEDGER_DOWN;
    fail(why, down ? FAILURE_UNAVAILABLE : FAILURE_LIMIT_REACHED, "%s",
         down ? "the gateway cannot reach its accounts now, so it cannot say whether a limit is kept"
              : "a limit of the run is reached");
    if (why)
        why->retry_after_ms = quota_status->retry_after_ms < 0 ? DOWN_MS : quota_status->retry_after_ms;
    return false;
}

bool quota_check(const struct quota_status *quota_status, struct failure *why)
{
    if (quota_status->verdict == LEDGER_GRANTED)
        return true;
    return unit_of(quota_status->verdict) ? refuse(quota_status, why) : refuse_unknown(quota_status, why);
}

/* ---- header lines ---- */

static void put_limit(struct response *response, const char *unit, int64_t limit, int64_t left,
                      int64_t reset_ms)
{
    char name[48], value[DURATION_TEXT_SIZE];
    if (!limit || left < 0)
        return;
    snprintf(name, sizeof name, "x-ratelimit-limit-%s", unit);
    snprintf(value, sizeof value, "%" PRId64, limit);
    response_header(response, name, value);
    snprintf(name, sizeof name, "x-ratelimit-remaining-%s", unit);
    snprintf(value, sizeof value, "%" PRId64, left);
    response_header(response, name, value);
    snprintf(name, sizeof name, "x-ratelimit-reset-%s", unit);
    duration_format(reset_ms, value);
    response_header(response, name, value);
}

void ratelimit_headers_put(struct response *response, const struct quota_status *quota_status,
                           const struct client_limits *limits)
{
    put_limit(response, "requests", limits->requests_per_minute, quota_status->requests_left,
              quota_status->requests_reset_ms);
    put_limit(response, "tokens", limits->tokens_per_minute, quota_status->tokens_left,
              quota_status->tokens_reset_ms);
}
