/* The delay before a retry, in every way that providers write it. */
#include "errors/failure_delay.h"

#include <string.h>

#include "unit.h"

#define SECOND 1000LL
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define NOW_US (1000000000LL * 1000000) /* Sun, 09 Sep 2001 01:46:40 GMT */

static void durations_have_units(void)
{
    static const struct {
        const char *text;
        int64_t ms;
        const char *rest;
    } cases[] = {
        {"5", 5 * SECOND, ""},
        {"0", 0, ""},
        {"0.5", 500, ""},
        {"5s", 5 * SECOND, ""},
        {"399ms", 399, ""},
        {"1m", MINUTE, ""},
        {"6m0s", 6 * MINUTE, ""},
        {"9m38.016s", 9 * MINUTE + 38016, ""},
        {"4h51m33.9s", 4 * HOUR + 51 * MINUTE + 33900, ""},
        {"1d2h", 26 * HOUR, ""},
        {"7 minutes", 7 * MINUTE, ""},
        {"1 hour", HOUR, ""},
        {"2 secs.", 2 * SECOND, "."},
        {"3 days, please", 72 * HOUR, ", please"},
        {"20 sacks", 20 * SECOND, " sacks"},
        {"1.5 seconds", 1500, ""},
        {"0.0001s", 1, ""}, /* never too early */
        {"17493.989s", 17493989, ""},
        {"5 5", 5 * SECOND, " 5"},
        {"", DELAY_UNKNOWN, NULL},
        {"s", DELAY_UNKNOWN, NULL},
        {"-1", DELAY_UNKNOWN, NULL},
        {"+1", DELAY_UNKNOWN, NULL},
        {".5", DELAY_UNKNOWN, NULL},
        {" 5", DELAY_UNKNOWN, NULL},
        {"nan", DELAY_UNKNOWN, NULL},
        {"Infinity", DELAY_UNKNOWN, NULL},
        {"1e400", DELAY_UNKNOWN, NULL},
        {"99999999999999999999", DELAY_MAX_MS, ""}, /* long, not unknown */
        {"999999999999s", DELAY_MAX_MS, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *end = NULL;
        CU_ASSERT_EQUAL(delay_duration_ms(cases[i].text, &end), cases[i].ms);
        if (cases[i].rest)
            CU_ASSERT_STRING_EQUAL(end, cases[i].rest);
    }
}

static void headers_are_seconds_or_dates(void)
{
    static const struct {
        const char *value;
        int64_t ms;
    } cases[] = {
        {"7", 7 * SECOND},
        {" 7 ", 7 * SECOND},
        {"0", 0},
        {"1.5", 1500},
        {"7s", 7 * SECOND}, /* wrong, but some send it */
        {"Sun, 09 Sep 2001 01:46:50 GMT", 10 * SECOND},
        {"Sunday, 09-Sep-01 01:46:50 GMT", 10 * SECOND},
        {"Sun Sep  9 01:46:50 2001", 10 * SECOND},
        {"Sun, 09 Sep 2001 01:46:40 GMT", 0},
        {"Sun, 09 Sep 2001 01:46:30 GMT", 0},
        {"Mon, 10 Sep 2001 01:46:40 GMT", 24 * HOUR},
        {"Sun, 09 Sep 9001 01:46:40 GMT", DELAY_MAX_MS},
        {"Fri, 31 Dec 9999 23:59:59 GMT", DELAY_MAX_MS},
        {"9999-12-31T23:59:59Z", DELAY_MAX_MS},
        {"99999999999999999999", DELAY_MAX_MS},
        {"5, 10", DELAY_UNKNOWN},
        {"Sun, 09 Sep 2001 01:46:50 GMT+1", DELAY_UNKNOWN},
        {"", DELAY_UNKNOWN},
        {"-1", DELAY_UNKNOWN},
        {"soon", DELAY_UNKNOWN},
        {"7, 8", DELAY_UNKNOWN},
        {"1e3", DELAY_UNKNOWN},
        {"0x10", DELAY_UNKNOWN},
        {"99999999", 99999999 * SECOND},
        {"99999999999999999999999999999999999999999999999", DELAY_MAX_MS},
        {"1000000030", 30 * SECOND}, /* since 1970 */
        {"2001-09-09T01:46:50Z", 10 * SECOND},
        {"2001-09-09", 0},
        {"7 or more", DELAY_UNKNOWN},
        {"abc", DELAY_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_EQUAL(delay_header_ms(cases[i].value, NOW_US), cases[i].ms);
}

/* The provider's clock may be wrong: its dates are compared with its own Date. */
static void the_answers_date_is_the_providers_time(void)
{
    static const char later[] = "Sun, 09 Sep 2001 02:46:43 GMT";
    CU_ASSERT_EQUAL(delay_header_ms(later, delay_now_us("Sun, 09 Sep 2001 02:46:40 GMT", NOW_US)),
                    3 * SECOND);
    CU_ASSERT_EQUAL(delay_now_us(NULL, NOW_US), NOW_US);
    CU_ASSERT_EQUAL(delay_now_us("", NOW_US), NOW_US);
    CU_ASSERT_EQUAL(delay_now_us("today", NOW_US), NOW_US);
}

static void sentences_say_when(void)
{
    static const struct {
        const char *sentence;
        int64_t ms;
    } cases[] = {
        {"please try again in 20s.", 20 * SECOND},
        {"try again in 6m0s", 6 * MINUTE},
        {"please retry after 9 seconds.", 9 * SECOND},
        {"retry in 1 hour", HOUR},
        {"wait 3", 3 * SECOND},
        {"wait 43200 seconds", 12 * HOUR},
        {"try again in -5 seconds", DELAY_UNKNOWN},
        {"try again after 2026-11-29t12:00:00z", DELAY_UNKNOWN},
        {"try again in 12:30", DELAY_UNKNOWN},
        {"please wait 5 minutes, then", 5 * MINUTE},
        {"your quota resets in 4h51m33.9s", 4 * HOUR + 51 * MINUTE + 33900},
        {"will reset after 2d", 48 * HOUR},
        {"retry-after: 12", 12 * SECOND},
        {"available in 30 seconds", 30 * SECOND},
        {"you may come after 7 minutes", 7 * MINUTE},
        {"failed after 5 attempts, in 3 places; try again in 2s", 2 * SECOND},
        {"failed after 5 attempts", DELAY_UNKNOWN},
        {"available in 30 regions", DELAY_UNKNOWN},
        {"limit 30000, used 29000", DELAY_UNKNOWN},
        {"try again in a while", DELAY_UNKNOWN},
        {"try again later", DELAY_UNKNOWN},
        {"", DELAY_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_EQUAL(delay_sentence_ms(cases[i].sentence), cases[i].ms);
}

static const struct unit_test tests[] = {
    {"durations have units", durations_have_units},
    {"headers are seconds or dates", headers_are_seconds_or_dates},
    {"the answer's date is the provider's time", the_answers_date_is_the_providers_time},
    {"sentences say when", sentences_say_when},
};

UNIT_MAIN("failure_delay", tests)
