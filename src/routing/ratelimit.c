/* Reports a client's limits: the failure at a limit, and the headers by which a program can slow down in
 * time.
 *
 * The headers are those of OpenAI (guide "Rate limits", section "Rate limits in headers"), because client
 * programs and proxies already read them. */
#include "routing/ratelimit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/failure.h"
#include "base/money.h"
#include "format/decimal.h"
#include "front/response.h"
#include "ledger/quota.h"

#define USE_TEXT_SIZE 160
#define DOWN_RETRY_MS 5000 /* suggested wait while the quota store is unreachable */
#define BUSY_RETRY_MS 1000 /* the wait that the ledger sets when running requests hold the rest */

/* Writes the number with its unit behind it. Not with snprintf(), because each response has six numbers. */
static char *put_number(char *at, int64_t number, const char *unit)
{
    char digits[DECIMAL_SIZE];
    decimal_write(number, digits);
    return stpcpy(stpcpy(at, digits), unit);
}

void duration_format(int64_t ms, char text[static DURATION_TEXT_SIZE])
{
    int64_t seconds = ms / 1000 + (ms % 1000 > 0);
    int64_t hours = seconds / 3600, minutes = seconds / 60 % 60;
    char *at = text;
    if (ms < 1000) {
        put_number(at, ms > 0 ? ms : 0, "ms");
        return;
    }
    if (hours)
        at = put_number(at, hours, "h");
    if (hours || minutes)
        at = put_number(at, minutes, "m");
    put_number(at, seconds % 60, "s");
}

/* ---- failures ---- */

/* Returns the unit of a limit, NULL for a verdict that is not about a limit of the client. */
static const char *unit_of(enum quota_verdict verdict)
{
    switch (verdict) {
    case QUOTA_REQUESTS:
        return "requests per minute";
    case QUOTA_TOKENS:
        return "tokens per minute";
    case QUOTA_CONCURRENT:
        return "concurrent requests";
    case QUOTA_DAY_REQUESTS:
        return "requests per day";
    case QUOTA_DAY:
        return "USD per day";
    case QUOTA_MONTH:
        return "USD per month";
    case QUOTA_TOTAL:
        return "USD in total";
    default:
        return NULL;
    }
}

static bool is_money(enum quota_verdict verdict)
{
    return verdict == QUOTA_DAY || verdict == QUOTA_MONTH || verdict == QUOTA_TOTAL;
}

/* Formats the use of a limit: "59 of 60 tokens per minute", "1.98 of 2 USD per day". */
static void format_use(const struct quota_status *status, char words[static USE_TEXT_SIZE])
{
    char count[MONEY_TEXT_SIZE], limit[MONEY_TEXT_SIZE];
    if (is_money(status->verdict)) {
        money_print(status->count, count);
        money_print(status->limit, limit);
    } else {
        snprintf(count, sizeof count, "%" PRId64, status->count);
        snprintf(limit, sizeof limit, "%" PRId64, status->limit);
    }
    snprintf(words, USE_TEXT_SIZE, "%s of %s %s", count, limit, unit_of(status->verdict));
}

/* Returns the reason why the request is rejected although some of the limit is left, "" if none is left. */
static const char *explain_rest(const struct quota_status *status)
{
    if (status->count >= status->limit)
        return "";
    if (is_money(status->verdict) && status->retry_after_ms <= BUSY_RETRY_MS)
        return ", and the rest is reserved for running requests";
    return ", and this request may need more than is left";
}

/* No waiting helps a request that is more than the whole limit by itself. */
static bool reject_alone(const struct quota_status *status, struct failure *why)
{
    char cost[MONEY_TEXT_SIZE], limit[MONEY_TEXT_SIZE];
    money_print(status->alone, cost);
    money_print(status->limit, limit);
    fail(why, FAILURE_LIMIT_REACHED,
         "what this request names, or asks for, without bounds is reckoned at %s USD, which alone is more "
         "than the "
         "whole limit of %s %s",
         cost, limit, unit_of(status->verdict));
    if (why)
        why->retryable = false;
    return false;
}

static bool reject(const struct quota_status *status, struct failure *why)
{
    char use[USE_TEXT_SIZE], wait[DURATION_TEXT_SIZE];
    bool permanent = status->verdict == QUOTA_TOTAL && status->retry_after_ms > BUSY_RETRY_MS;
    format_use(status, use);
    duration_format(status->retry_after_ms, wait);
    fail(why, FAILURE_LIMIT_REACHED, "%s are used%s; %s%s", use, explain_rest(status),
         permanent ? "the administrator can raise the limit" : "try again in ", permanent ? "" : wait);
    if (!why)
        return false;
    why->retryable = !permanent;
    why->retry_after_ms = status->retry_after_ms;
    return false;
}

static bool reject_other(const struct quota_status *status, struct failure *why)
{
    bool down = status->verdict == QUOTA_UNKNOWN;
    fail(why, down ? FAILURE_UNAVAILABLE : FAILURE_LIMIT_REACHED, "%s",
         down ? "the gateway cannot reach its quota store" : "a limit of the run is reached");
    if (why)
        why->retry_after_ms = status->retry_after_ms < 0 ? DOWN_RETRY_MS : status->retry_after_ms;
    return false;
}

bool quota_check(const struct quota_status *status, struct failure *why)
{
    if (status->verdict == QUOTA_GRANTED)
        return true;
    if (status->alone)
        return reject_alone(status, why);
    return unit_of(status->verdict) ? reject(status, why) : reject_other(status, why);
}

/* ---- headers ---- */

static void put_member(struct response *response, const char *name, const char *unit, const char *value)
{
    char header[48];
    stpcpy(stpcpy(header, name), unit);
    response_header(response, header, value);
}

static void put_limit(struct response *response, const char *unit, int64_t limit, int64_t left,
                      int64_t reset_ms)
{
    char value[DURATION_TEXT_SIZE];
    if (!limit || left < 0)
        return;
    put_number(value, limit, "");
    put_member(response, "x-ratelimit-limit-", unit, value);
    put_number(value, left, "");
    put_member(response, "x-ratelimit-remaining-", unit, value);
    duration_format(reset_ms, value);
    put_member(response, "x-ratelimit-reset-", unit, value);
}

void ratelimit_headers_put(struct response *response, const struct quota_status *status,
                           const struct client_limits *limits)
{
    int64_t requests = limits->requests_per_minute ? limits->requests_per_minute : limits->requests_per_day;
    put_limit(response, "requests", requests, status->requests_left, status->requests_reset_ms);
    put_limit(response, "tokens", limits->tokens_per_minute, status->tokens_left, status->tokens_reset_ms);
}
