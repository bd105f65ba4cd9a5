/* UTF-8 (RFC 3629). */
#ifndef PENSTOCK_BASE_UTF8_H
#define PENSTOCK_BASE_UTF8_H

#include <stddef.h>

/* The length of the well-formed sequence at `at`, where `left` (at least 1) bytes are left; 0 if there is
 * none. */
size_t utf8_length(const char *at, size_t left);

/* Writes the code point at `to`, at most 4 bytes; returns the byte after it. */
char *utf8_put(char *to, unsigned point);

#endif
