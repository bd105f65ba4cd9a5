/* Percent-encoding (RFC 3986, 2.1). */
#include "base/percent.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

static int hex_digit(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = digit ? strchr(digits, digit | 0x20) : NULL;
    return found ? (int)(found - digits) : -1;
}

char *url_percent_decode(struct arena *arena, const char *at, size_t length)
{
    char *text = arena_copy(arena, at, length), *to = text;
    for (const char *from = text; *from; from++) {
        int high = *from == '%' ? hex_digit(from[1]) : -1;
        int low = high >= 0 ? hex_digit(from[2]) : -1;
        bool escape = low >= 0 && high + low > 0;
        *to++ = escape ? (char)(high * 16 + low) : *from;
        from += escape ? 2 : 0;
    }
    *to = '\0';
    return text;
}

char *url_percent_encode(struct arena *arena, const char *text)
{
    static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    char *encoded = arena_alloc(arena, 3 * strlen(text) + 1), *to = encoded;
    for (; *text; text++)
        if (strchr(unreserved, *text))
            *to++ = *text;
        else
            to += sprintf(to, "%%%02X", (unsigned char)*text);
    return encoded;
}
