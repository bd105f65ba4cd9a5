/* Names with a '*' in them. */
#ifndef PENSTOCK_BASE_PATTERN_H
#define PENSTOCK_BASE_PATTERN_H

#include <stdbool.h>

/* Does one of the patterns, parted by '|', fit the whole text? A '*' stands for any bytes or none. */
bool pattern_matches(const char *patterns, const char *text);

#endif
