/* Finds out whether a string of JSON has bytes that need a look of their own, eight at a time. */
#ifndef PENSTOCK_FORMAT_JSON_PLAIN_H
#define PENSTOCK_FORMAT_JSON_PLAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EIGHT_TIMES(byte) (UINT64_C(0x0101010101010101) * (byte))

/* True if none of eight bytes is a control character, a quote, a backslash or above ASCII. Subtracting n from
 * a byte sets its highest bit if it was less than n; a byte equals n if their exclusive or is less than 1. A
 * byte borrows from the next only if it is special itself. */
static inline bool json_eight_are_plain(const char *at)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    uint64_t control = bytes - EIGHT_TIMES(0x20);
    uint64_t quote = (bytes ^ EIGHT_TIMES('"')) - EIGHT_TIMES(1);
    uint64_t escape = (bytes ^ EIGHT_TIMES('\\')) - EIGHT_TIMES(1);
    return !((bytes | control | quote | escape) & EIGHT_TIMES(0x80));
}

#endif
