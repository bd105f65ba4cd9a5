/* Integers and thousandths as text.
 *
 * A usage record has about twenty of them. With snprintf(), they would take most of the time to write a
 * record. */
#include "format/decimal.h"

#include <string.h>

/* Writes the digits from the right, with a point before the last `places` digits. */
static size_t write_digits(int64_t number, int places, char *text)
{
    char digits[DECIMAL_SIZE];
    size_t at = sizeof digits;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    digits[--at] = '\0';
    for (int place = 0; left || place <= places; place++) {
        if (place == places && places)
            digits[--at] = '.';
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    }
    if (number < 0)
        digits[--at] = '-';
    memcpy(text, digits + at, sizeof digits - at);
    return sizeof digits - at - 1;
}

size_t decimal_write(int64_t number, char text[static DECIMAL_SIZE])
{
    return write_digits(number, 0, text);
}

size_t decimal_write_thousandths(int64_t thousandths, char text[static DECIMAL_SIZE])
{
    return write_digits(thousandths, 3, text);
}
