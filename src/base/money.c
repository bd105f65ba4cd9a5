/* Money: whole billionths of a USD, read and written.
 *
 * A price such as 0.1 has no exact double, so an amount is never one: its digits are taken as they stand. */
#include "base/money.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define PLACES 9
#define EXPONENT_MAX 400 /* a double's is within +-324; what is far beyond is no amount */

/* Digits with at most one point in them, and where the first place behind the point would be. */
struct decimal {
    const char *digits;
    int length, point; /* bytes; digits before the point, the exponent included */
};

/* The exponent behind an e; 0 for none. */
static bool read_exponent(const char *text, int *exponent)
{
    char *end;
    *exponent = 0;
    if (!*text)
        return true;
    const char *number = text + 1 + (text[1] == '-' || text[1] == '+');
    if ((*text | 0x20) != 'e' || !is_digit(*number))
        return false;
    errno = 0;
    long value = strtol(text + 1, &end, 10);
    *exponent = (int)value;
    return !*end && !errno && value >= -EXPONENT_MAX && value <= EXPONENT_MAX;
}

static bool read_decimal(const char *text, struct decimal *decimal)
{
    size_t whole = strspn(text, "0123456789");
    size_t length = whole;
    if (text[whole] == '.')
        length += 1 + strspn(text + whole + 1, "0123456789");
    int exponent;
    bool good = whole > 0 && text[length - 1] != '.' && length <= EXPONENT_MAX &&
                read_exponent(text + length, &exponent);
    if (good)
        *decimal = (struct decimal){text, (int)length, (int)whole + exponent};
    return good;
}

/* The digit `place` places right of the point, or left of it where that is negative; 0 beyond both ends. */
static int digit_at(const struct decimal *decimal, int place)
{
    int index = decimal->point + place;
    const char *point = memchr(decimal->digits, '.', (size_t)decimal->length);
    if (point && index >= point - decimal->digits)
        index++;
    return index >= 0 && index < decimal->length ? decimal->digits[index] - '0' : 0;
}

bool money_parse(const char *text, int64_t *billionths)
{
    struct decimal decimal;
    if (!read_decimal(text, &decimal))
        return false;
    int64_t amount = 0;
    for (int place = -decimal.point; place < PLACES; place++) {
        if (amount > MONEY_MAX / 10)
            return false;
        amount = amount * 10 + digit_at(&decimal, place);
    }
    amount += digit_at(&decimal, PLACES) >= 5;
    *billionths = amount;
    bool is_zero = strcspn(text, "123456789") >= (size_t)decimal.length;
    return amount <= MONEY_MAX && (amount > 0 || is_zero);
}

void money_print(int64_t billionths, char text[static MONEY_TEXT_SIZE])
{
    const char *sign = billionths < 0 ? "-" : "";
    uint64_t amount = billionths < 0 ? -(uint64_t)billionths : (uint64_t)billionths;
    int length = snprintf(text, MONEY_TEXT_SIZE, "%s%" PRIu64 ".%09" PRIu64, sign,
                          amount / (uint64_t)MONEY_USD, amount % (uint64_t)MONEY_USD);
    while (text[length - 1] == '0')
        text[--length] = '\0';
    if (text[length - 1] == '.')
        text[--length] = '\0';
}
