/* Limits of a client in responses: failures and durations. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/failure.h"
#include "base/money.h"
#include "ledger/quota.h"
#include "routing/ratelimit.h"
#include "unit.h"

static void durations_have_the_format_of_openai(void)
{
    static const struct {
        int64_t ms;
        const char *text;
    } waits[] = {
        {-5, "0ms"},           {0, "0ms"},           {999, "999ms"},
        {1000, "1s"},          {1001, "2s"},         {59000, "59s"},
        {59001, "1m0s"},       {63000, "1m3s"},      {3600000, "1h0m0s"},
        {86400000, "24h0m0s"}, {11105000, "3h5m5s"}, {INT64_MAX, "2562047788015h12m56s"},
    };
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        char text[DURATION_TEXT_SIZE];
        duration_format(waits[i].ms, text);
        CU_ASSERT_STRING_EQUAL(text, waits[i].text);
    }
}

static const struct {
    struct quota_status status;
    enum failure_reason reason;
    bool retryable;
    const char *message;
} refusals[] = {
    {{.verdict = QUOTA_REQUESTS, .count = 60, .limit = 60, .retry_after_ms = 12000},
     FAILURE_LIMIT_REACHED,
     true,
     "60 of 60 requests per minute are used; try again in 12s"},
    {{.verdict = QUOTA_TOKENS, .count = 900, .limit = 1000, .retry_after_ms = 60500},
     FAILURE_LIMIT_REACHED,
     true,
     "900 of 1000 tokens per minute are used, and this request may need more than is left; try again in "
     "1m1s"},
    {{.verdict = QUOTA_CONCURRENT, .count = 4, .limit = 4, .retry_after_ms = 1000},
     FAILURE_LIMIT_REACHED,
     true,
     "4 of 4 concurrent requests are used; try again in 1s"},
    {{.verdict = QUOTA_DAY, .count = 1980000000, .limit = 2 * MONEY_USD, .retry_after_ms = 1000},
     FAILURE_LIMIT_REACHED,
     true,
     "1.98 of 2 USD per day are used, and the rest is reserved for running requests; try "
     "again "
     "in 1s"},
    {{.verdict = QUOTA_MONTH, .count = MONEY_USD / 2, .limit = MONEY_USD, .retry_after_ms = 86400000},
     FAILURE_LIMIT_REACHED,
     true,
     "0.5 of 1 USD per month are used, and this request may need more than is left; try again in 24h0m0s"},
    {{.verdict = QUOTA_TOTAL, .count = 10 * MONEY_USD, .limit = 10 * MONEY_USD, .retry_after_ms = 86400000},
     FAILURE_LIMIT_REACHED,
     false,
     "10 of 10 USD in total are used; the administrator can raise the limit"},
    {{.verdict = QUOTA_TOTAL, .count = 9 * MONEY_USD, .limit = 10 * MONEY_USD, .retry_after_ms = 1000},
     FAILURE_LIMIT_REACHED,
     true,
     "9 of 10 USD in total are used, and the rest is reserved for running requests; try again "
     "in "
     "1s"},
    {{.verdict = QUOTA_UNKNOWN, .retry_after_ms = -1},
     FAILURE_UNAVAILABLE,
     true,
     "the gateway cannot reach its quota store"},
    /* without run_check(), which has the messages for runs, the request fails all the same */
    {{.verdict = QUOTA_RUN_COST, .retry_after_ms = -1},
     FAILURE_LIMIT_REACHED,
     true,
     "a limit of the run is reached"},
};

static void each_failure_names_the_limit_and_the_wait(void)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct failure why;
        CU_ASSERT_FALSE(quota_check(&refusals[i].status, &why));
        CU_ASSERT_FALSE(quota_check(&refusals[i].status, NULL));
        CU_ASSERT_EQUAL(why.reason, refusals[i].reason);
        CU_ASSERT_EQUAL(why.retryable, refusals[i].retryable);
        CU_ASSERT_STRING_EQUAL(why.message, refusals[i].message);
        CU_ASSERT_TRUE(why.retry_after_ms > 0);
    }
    struct quota_status granted = {.verdict = QUOTA_GRANTED};
    CU_ASSERT_TRUE(quota_check(&granted, NULL));
}

static const struct unit_test tests[] = {
    {"durations have the format of OpenAI", durations_have_the_format_of_openai},
    {"each failure names the limit and the wait", each_failure_names_the_limit_and_the_wait},
};

UNIT_MAIN("ratelimit", tests)
