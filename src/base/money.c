/* Reads and writes amounts of money in billionths of a USD.
 *
 * A price such as 0.1 has no exact double, so amounts are parsed digit by digit. */
#include "base/money.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define PLACES 9
#define EXPONENT_MAX 400 /* far beyond the exponents of a double, which are within +-324 */

/* Digits with at most one point among them. */
struct decimal {
    const char *digits;
    int length; /* in bytes */
    int point;  /* the number of digits before the point, after the exponent is applied */
};

/* Reads the exponent after an "e"; 0 if there is none. */
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
    size_t integral = strspn(text, "0123456789");
    size_t length = integral;
    if (text[integral] == '.')
        length += 1 + strspn(text + integral + 1, "0123456789");
    int exponent;
    bool good = integral > 0 && text[length - 1] != '.' && length <= EXPONENT_MAX &&
                read_exponent(text + length, &exponent);
    if (good)
        *decimal = (struct decimal){text, (int)length, (int)integral + exponent};
    return good;
}

/* Returns the digit at `place`: place 0 is the first digit after the point, place -1 the last digit before
 * the point. Returns 0 beyond both ends. */
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
