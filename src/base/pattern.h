/* Patterns with '*'. */
#ifndef PENSTOCK_BASE_PATTERN_H
#define PENSTOCK_BASE_PATTERN_H

#include <stdbool.h>

/* True if one of the patterns, separated by '|', matches the entire text. A '*' matches any bytes or none. */
bool pattern_matches(const char *patterns, const char *text);

#endif
