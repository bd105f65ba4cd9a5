/* Patterns with '*'. */
#ifndef PENSTOCK_BASE_PATTERN_H
#define PENSTOCK_BASE_PATTERN_H

#include <stdbool.h>

/* Does one of the patterns, separated by '|', match all of the text? A '*' matches any bytes or none. */
bool pattern_matches(const char *patterns, const char *text);

#endif
