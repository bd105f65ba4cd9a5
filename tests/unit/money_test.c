/* Amounts of money and points in time, as people write them. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/money.h"
#include "unit.h"

static void amounts_are_exact(void)
{
    static const struct {
        const char *text;
        int64_t billionths;
        const char *back;
    } good[] = {
        {"0", 0, "0"},
        {"0.0", 0, "0"},
        {"0e9", 0, "0"},
        {"2", 2 * MONEY_USD, "2"},
        {"2.0", 2 * MONEY_USD, "2"},
        {"10", 10 * MONEY_USD, "10"},
        {"0.05", MONEY_USD / 20, "0.05"},
        {"0.1", MONEY_USD / 10, "0.1"},
        {"0.3", 3 * MONEY_USD / 10, "0.3"},
        {"1e-05", 10000, "0.00001"},
        {"1.5e3", 1500 * MONEY_USD, "1500"},
        {"1.5E+3", 1500 * MONEY_USD, "1500"},
        {"12.5e-1", 1250000000, "1.25"},
        {"000007.25", 7250000000, "7.25"},
        {"0.000000001", 1, "0.000000001"},
        {"0.0000000015", 2, "0.000000002"},
        {"0.0000000005", 1, "0.000000001"},
        {"123456789.123456789", 123456789123456789, "123456789.123456789"},
        {"999999999.9999999994", 999999999999999999, "999999999.999999999"},
        {"999999999.9999999995", MONEY_MAX, "1000000000"},
        {"1000000000", MONEY_MAX, "1000000000"},
        {"1e9", MONEY_MAX, "1000000000"},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t amount = -1;
        char back[MONEY_TEXT_SIZE];
        CU_ASSERT_TRUE(money_parse(good[i].text, &amount));
        money_print(amount, back);
        if (amount != good[i].billionths || strcmp(back, good[i].back) != 0)
            printf("\n  %s became %" PRId64 ", %s\n", good[i].text, amount, back);
        CU_ASSERT_EQUAL(amount, good[i].billionths);
        CU_ASSERT_STRING_EQUAL(back, good[i].back);
    }
}

static void what_is_no_amount_is_refused(void)
{
    static const char *const bad[] = {"",
                                      " 1",
                                      "1 ",
                                      "-1",
                                      "+1",
                                      ".5",
                                      "1.",
                                      "1,5",
                                      "1.5.",
                                      "1..5",
                                      "0x10",
                                      "inf",
                                      "nan",
                                      "$2",
                                      "2 USD",
                                      "1e",
                                      "1e+",
                                      "1e1.5",
                                      "1e5000",
                                      "1e10",
                                      "1000000000.1",
                                      "1e400",
                                      "1e-40",
                                      "1e99999999999999999999",
                                      "0.0000000004",
                                      "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t amount;
        bool taken = money_parse(bad[i], &amount);
        if (taken)
            printf("\n  %s was taken\n", bad[i]);
        CU_ASSERT_FALSE(taken);
    }
}

static void any_amount_can_be_printed(void)
{
    char text[MONEY_TEXT_SIZE];
    money_print(-1, text);
    CU_ASSERT_STRING_EQUAL(text, "-0.000000001");
    money_print(INT64_MAX, text);
    CU_ASSERT_STRING_EQUAL(text, "9223372036.854775807");
    money_print(INT64_MIN, text);
    CU_ASSERT_STRING_EQUAL(text, "-9223372036.854775808");
}

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

static void what_is_no_date_is_refused(void)
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
        bool taken = date_parse(bad[i], &second);
        if (taken)
            printf("\n  %s was taken\n", bad[i]);
        CU_ASSERT_FALSE(taken);
    }
}

static const struct unit_test tests[] = {
    {"amounts are exact", amounts_are_exact},
    {"what is no amount is refused", what_is_no_amount_is_refused},
    {"any amount can be printed", any_amount_can_be_printed},
    {"dates and times are read", dates_and_times_are_read},
    {"what is no date is refused", what_is_no_date_is_refused},
};

UNIT_MAIN("money and dates", tests)
