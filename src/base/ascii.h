/* Characters of ASCII, whatever the locale. */
#ifndef PENSTOCK_BASE_ASCII_H
#define PENSTOCK_BASE_ASCII_H

#include "base/base.h"

/* Returns the value of a hexadecimal digit in either case, -1 for any other char. */
static inline int hex_value(char byte)
{
    if (is_digit(byte))
        return byte - '0';
    char letter = (char)(byte | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Unlike tolower(), changes only ASCII letters and ignores the locale. */
static inline char ascii_lower(char byte)
{
    return (char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
}

#endif
