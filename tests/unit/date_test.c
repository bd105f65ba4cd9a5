/* Dates are read and written by the calendar, far beyond what 32 bits hold. */
#include "base/date.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "unit.h"

static void dates_and_times_are_read(void)
{
    static const struct {
        const char *text;
        int64_t second;
    } good[] = {
        {"1970-01-01", 0},
        {"2026-12-31", 1798675200},
        {"2024-02-29", 1709164800},
        {"2026-12-31T00:00:00Z", 1798675200},
        {"2026-12-31t18:30:05z", 1798741805},
        {"2026-12-31 18:30:05.999Z", 1798741805},
        {"2026-12-31T18:30:05+01:00", 1798738205},
        {"2026-12-31T18:30:05-05:30", 1798761605},
        {"2016-12-31T23:59:60Z", 1483228800},
        {"9999-12-31T23:59:59Z", 253402300799},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t second = -1;
        CU_ASSERT_TRUE(date_parse(good[i].text, &second));
        CU_ASSERT_EQUAL(second, good[i].second);
    }
}

static void other_texts_are_refused(void)
{
    static const char *const bad[] = {"",
                                      "never",
                                      "2026",
                                      "2026-12",
                                      "26-12-31",
                                      "2026-13-01",
                                      "2026-00-01",
                                      "2026-02-29",
                                      "2026-04-31",
                                      "2026-12-32",
                                      "2026-12-00",
                                      "2026/12/31",
                                      "1969-12-31",
                                      "2026-12-31Z",
                                      "2026-12-31T",
                                      "2026-12-31T18:00Z",
                                      "2026-12-31T18:00:00",
                                      "2026-12-31T24:00:00Z",
                                      "2026-12-31T18:60:00Z",
                                      "2026-12-31T18:00:61Z",
                                      "2026-12-31T18:00:00.Z",
                                      "2026-12-31T18:00:00+0100",
                                      "2026-12-31T18:00:00+24:00",
                                      "2026-12-31T18:00:00Z ",
                                      " 2026-12-31"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t second;
        bool parsed = date_parse(bad[i], &second);
        if (parsed)
            printf("\n  %s was parsed\n", bad[i]);
        CU_ASSERT_FALSE(parsed);
    }
}

static void http_dates_are_read_in_three_forms(void)
{
    static const struct {
        const char *text;
        int64_t second;
    } cases[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
        {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
        {"Sun Nov  6 08:49:37 1994", 784111777},
        {"Sun, 06 Nov 1994 08:49:37 GMT+1", -1},
        {"Sun, 06 Nov 1994 08:49:37 GMT, or later", -1},
        {"tomorrow", -1},
        {"", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t second = 0;
        CU_ASSERT_EQUAL(date_parse_http(cases[i].text, &second), cases[i].second >= 0);
        CU_ASSERT_EQUAL(second, cases[i].second);
    }
}

/* Every day of 800 years, compared with the C library where it can. */
static void every_day_is_right_in_the_calendar(void)
{
    struct date before = date_of_second(-86400);
    CU_ASSERT_TRUE(before.year == 1969 && before.month == 12 && before.day == 31);
    for (int64_t day = -200 * 366; day < 600 * 366; day++) {
        int64_t second = day * 86400 + (day * 7919 % 86400 + 86400) % 86400;
        struct date date = date_of_second(second);
        time_t same = (time_t)second;
        struct tm parts;
        CU_ASSERT_EQUAL_FATAL(date_to_second(&date), second);
        if (same != second)
            continue;
        gmtime_r(&same, &parts);
        CU_ASSERT_TRUE_FATAL(parts.tm_year == date.year - 1900 && parts.tm_mon == date.month - 1 &&
                             parts.tm_mday == date.day && parts.tm_hour == date.hour &&
                             parts.tm_min == date.minute && parts.tm_sec == date.second);
    }
}

static void months_are_added_across_years(void)
{
    struct date date = {.year = 2025, .month = 13, .day = 1};
    CU_ASSERT_EQUAL(date_to_second(&date), 1767225600); /* 2026-01-01 */
    date.month = 14;
    date.day = 29;
    CU_ASSERT_EQUAL(date_to_second(&date), 1772323200); /* 2026-03-01 */
}

static void the_wall_clock_is_written_in_utc(void)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format(1700000000123456, text);
    CU_ASSERT_STRING_EQUAL(text, "2023-11-14T22:13:20.123Z");
    clock_format(1700000000009999, text); /* the same second */
    CU_ASSERT_STRING_EQUAL(text, "2023-11-14T22:13:20.009Z");
    clock_format(1700000001000000, text);
    CU_ASSERT_STRING_EQUAL(text, "2023-11-14T22:13:21.000Z");
    clock_format(INT64_C(4102444800000000), text);
    CU_ASSERT_STRING_EQUAL(text, "2100-01-01T00:00:00.000Z");
}

static const struct unit_test tests[] = {
    {"dates and times are read", dates_and_times_are_read},
    {"other texts are refused", other_texts_are_refused},
    {"HTTP dates are read in three forms", http_dates_are_read_in_three_forms},
    {"every day is right in the calendar", every_day_is_right_in_the_calendar},
    {"months are added across years", months_are_added_across_years},
    {"the wall clock is written in UTC", the_wall_clock_is_written_in_utc},
};

UNIT_MAIN("date", tests)
