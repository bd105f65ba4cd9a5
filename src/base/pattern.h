/* Names with a '*' in them. */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>

/* Does one of the patterns, parted by '|', fit the whole text? A '*' stands for any bytes or none. */
bool pattern_fits(const char *patterns, const char *text);

#endif
