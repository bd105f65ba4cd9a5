/* When to come back, as providers write it. */
#ifndef PENSTOCK_ERRORS_FAILURE_DELAY_H
#define PENSTOCK_ERRORS_FAILURE_DELAY_H

#include <stdint.h>

#define DELAY_UNKNOWN (-1)

/* "5s", "399ms", "9m38.016s", "4h51m33.9s", "7 minutes"; without a unit, seconds. In milliseconds;
 * DELAY_UNKNOWN for anything else. `*end`, where wanted, is the first byte behind it. */
int64_t delay_duration_ms(const char *text, const char **end);

/* The value of a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3); one in the past is 0. */
int64_t delay_header_ms(const char *value, int64_t now_us);

/* What a sentence in lower case says: "try again in 20s", "retry after 9 seconds", "wait 3". */
int64_t delay_sentence_ms(const char *sentence);

#endif
