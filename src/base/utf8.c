/* UTF-8 (RFC 3629). */
#include "base/utf8.h"

/* Sets the valid range of the second byte, which depends on the first byte (RFC 3629, section 4). */
static void second_byte_range(unsigned char first, unsigned char *low, unsigned char *high)
{
    *low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
}

size_t utf8_length(const char *at, size_t left)
{
    const unsigned char *bytes = (const unsigned char *)at;
    if (bytes[0] < 0x80)
        return 1;
    if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
        return 0;
    size_t length = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
    if (left < length)
        return 0;
    unsigned char low, high;
    second_byte_range(bytes[0], &low, &high);
    if (bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

static char continuation(unsigned point, unsigned shift)
{
    return (char)(0x80 | (point >> shift & 0x3f));
}

char *utf8_put(char *to, unsigned point)
{
    if (point < 0x80) {
        *to++ = (char)point;
        return to;
    }
    if (point >= 0x10000) {
        *to++ = (char)(0xf0 | point >> 18);
        *to++ = continuation(point, 12);
        *to++ = continuation(point, 6);
    } else if (point >= 0x800) {
        *to++ = (char)(0xe0 | point >> 12);
        *to++ = continuation(point, 6);
    } else {
        *to++ = (char)(0xc0 | point >> 6);
    }
    *to++ = continuation(point, 0);
    return to;
}
