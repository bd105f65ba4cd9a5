/* Amounts of money are exact, from a text and back. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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

static void anything_but_an_amount_is_refused(void)
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

static const struct unit_test tests[] = {
    {"amounts are exact", amounts_are_exact},
    {"anything but an amount is refused", anything_but_an_amount_is_refused},
    {"any amount can be printed", any_amount_can_be_printed},
};

UNIT_MAIN("money and dates", tests)
