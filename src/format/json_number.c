/* Reads a number as the most generous of all parsers would.
 *
 * The digits are read by hand: strtod() depends on the locale, and the text may be longer than any buffer. */
#include "format/json_number.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/base.h"
#include "format/json_internal.h"

#define EXPONENT_MAX 1000 /* beyond the range of a double */
#define EXACT_MAX 1e17    /* digits after this many do not change a count */
#define LARGEST 9.2e18    /* below INT64_MAX */
#define WORD_MAX 4
#define LISTS_MAX 3 /* lists within lists */

/* The characters of a number or of a string, one byte each. A character outside ASCII is FOREIGN. */
struct text {
    const char *at, *end;
    bool quoted;
    char next; /* the character not yet taken; '\0': none is left */
};

#define FOREIGN '\x7f'

static void take(struct text *text)
{
    char piece[4], *to = piece;
    text->next = '\0';
    if (text->at >= text->end)
        return;
    text->at = json_decode_one(text->at, text->end, &to);
    text->next = to - piece == 1 && (unsigned char)*piece < 0x80 ? *piece : FOREIGN;
    if (!text->next)
        text->next = ' '; /* U+0000, which ends or does not end the text */
}

static struct text open_text(struct json_value value)
{
    bool quoted = json_kind(value) == JSON_STRING;
    struct text text = {value.at + quoted, value.at + value.length - quoted, quoted, '\0'};
    take(&text);
    return text;
}

static bool is_blank(char byte)
{
    return byte && ((unsigned char)byte <= ' ');
}

/* Separators between the digits of a text, as in "1_000" and "1,000". */
static bool is_separator(const struct text *text)
{
    return text->quoted && (text->next == '_' || text->next == ',' || text->next == '\'');
}

/* The digits of a number so far: `mantissa` times ten to the power of `exponent`. */
struct digits {
    double mantissa;
    int exponent;
    bool some, rest; /* there was a digit; a digit other than 0 was too small to be added */
};

static void add_digit(struct digits *digits, int digit, bool fraction)
{
    digits->some = true;
    if (digits->mantissa > EXACT_MAX) {
        digits->rest = digits->rest || digit;
        digits->exponent += !fraction && digits->exponent < EXPONENT_MAX;
        return;
    }
    digits->mantissa = digits->mantissa * 10 + digit;
    digits->exponent -= fraction;
}

static void take_digits(struct text *text, struct digits *digits, bool fraction)
{
    for (; is_digit(text->next) || is_separator(text); take(text))
        if (is_digit(text->next))
            add_digit(digits, text->next - '0', fraction);
}

static void take_exponent(struct text *text, struct digits *digits)
{
    if (text->next != 'e' && text->next != 'E')
        return;
    take(text);
    bool negative = text->next == '-';
    if (negative || text->next == '+')
        take(text);
    int exponent = 0;
    for (; is_digit(text->next); take(text))
        if (exponent < EXPONENT_MAX)
            exponent = exponent * 10 + text->next - '0';
    digits->exponent += negative ? -exponent : exponent;
}

static double value_of(const struct digits *digits)
{
    double value = digits->mantissa;
    for (int i = 0; i < digits->exponent && value < LARGEST && value > 0; i++)
        value *= 10;
    for (int i = 0; i > digits->exponent && value > 0; i--)
        value /= 10;
    return value;
}

static int64_t to_integer(double value, bool negative, bool rest)
{
    if (value >= LARGEST)
        return negative ? -INT64_MAX : INT64_MAX;
    return negative ? -(int64_t)value : round_up(value) + rest;
}

static int digit_of(char byte)
{
    const char *digits = "0123456789abcdef", *found = byte ? strchr(digits, byte | 0x20) : NULL;
    return is_digit(byte) ? byte - '0' : found ? (int)(found - digits) : 99;
}

/* "0x1f", "0b101" and "0o17", after the zero. */
static double take_other_base(struct text *text, int base)
{
    double value = 0;
    for (take(text); digit_of(text->next) < base || is_separator(text); take(text))
        if (!is_separator(text) && value < LARGEST)
            value = value * base + digit_of(text->next);
    return value;
}

static int base_of(char letter)
{
    switch (letter | 0x20) {
    case 'x':
        return 16;
    case 'o':
        return 8;
    case 'b':
        return 2;
    default:
        return 0;
    }
}

/* True for "inf" and "Infinity"; "nan" is no number. */
static bool is_infinite(struct text *text)
{
    char word[WORD_MAX] = "";
    for (size_t i = 0; i + 1 < sizeof word; i++, take(text))
        word[i] = text->next;
    return strcasecmp(word, "inf") == 0;
}

/* Reads a text without digits at its beginning. A foreign character may be a digit or a blank. */
static int64_t read_words(struct text *text, bool negative)
{
    if (text->next == FOREIGN)
        return INT64_MAX;
    if (!text->quoted || !is_infinite(text))
        return JSON_NO_NUMBER;
    return negative ? -INT64_MAX : INT64_MAX;
}

static int64_t read_text(struct json_value value)
{
    struct text text = open_text(value);
    struct digits digits = {0};
    while (is_blank(text.next))
        take(&text);
    bool negative = text.next == '-';
    if (negative || text.next == '+')
        take(&text);
    bool zero = text.next == '0';
    if (zero)
        take(&text);
    digits.some = zero;
    if (zero && text.quoted && base_of(text.next))
        return to_integer(take_other_base(&text, base_of(text.next)), negative, false);
    take_digits(&text, &digits, false);
    if (text.next == '.') {
        take(&text);
        take_digits(&text, &digits, true);
    }
    if (!digits.some)
        return read_words(&text, negative);
    take_exponent(&text, &digits);
    if (text.next == FOREIGN)
        return INT64_MAX;
    return to_integer(value_of(&digits), negative, digits.rest);
}

static int64_t read_any(struct json_value value, int depth);

/* The depth is limited, because each level reads the whole text again. */
static int64_t read_elements(struct json_value array, int depth)
{
    struct json_value rest = json_elements(array), element;
    int64_t largest = JSON_NO_NUMBER;
    if (depth > LISTS_MAX)
        return INT64_MAX;
    while (json_next_element(&rest, &element))
        largest = max_int64(largest, read_any(element, depth));
    return largest;
}

static int64_t read_any(struct json_value value, int depth)
{
    switch (json_kind(value)) {
    case JSON_NUMBER:
    case JSON_STRING:
        return read_text(value);
    case JSON_ARRAY:
        return read_elements(value, depth + 1);
    case JSON_TRUE:
        return 1;
    case JSON_FALSE:
        return 0;
    default:
        return JSON_NO_NUMBER;
    }
}

int64_t json_largest_number(struct json_value value)
{
    return read_any(value, 0);
}

/* Whole numbers are read below 2^53, where a double is exact. */
bool json_whole_number(struct json_value value, int64_t *number)
{
    static const double largest = 9007199254740992.0;
    if (json_integer(value, number))
        return true;
    if (json_kind(value) != JSON_NUMBER)
        return false;
    struct text text = open_text(value);
    struct digits digits = {0};
    bool negative = text.next == '-';
    if (negative)
        take(&text);
    take_digits(&text, &digits, false);
    if (text.next == '.') {
        take(&text);
        take_digits(&text, &digits, true);
    }
    take_exponent(&text, &digits);
    double read = value_of(&digits);
    if (digits.rest || read >= largest || read != (double)(int64_t)read)
        return false;
    *number = negative ? -(int64_t)read : (int64_t)read;
    return true;
}
