/* UTF-8 (RFC 3629). */
#ifndef PENSTOCK_BASE_UTF8_H
#define PENSTOCK_BASE_UTF8_H

#include <stddef.h>

/* Returns the length of the well-formed sequence at `at`, or 0 if there is none. `left` is the number of
 * bytes that can be read, at least 1. */
size_t utf8_length(const char *at, size_t left);

/* Writes the code point at `to`, at most 4 bytes; returns the byte after it. */
char *utf8_put(char *to, unsigned point);

#endif
