/* Reads retry delays as providers write them. */
#ifndef PENSTOCK_ERRORS_FAILURE_DELAY_H
#define PENSTOCK_ERRORS_FAILURE_DELAY_H

#include <stdint.h>

#define DELAY_UNKNOWN (-1)

/* "5s", "399ms", "9m38.016s", "4h51m33.9s", "7 minutes"; without a unit, seconds. In milliseconds;
 * DELAY_UNKNOWN for anything else. `*end` (`end` may be NULL) becomes the first byte after it. */
int64_t delay_duration_ms(const char *text, const char **end);

/* The value of a Retry-After header in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3). A date in
 * the past is 0. DELAY_UNKNOWN if it is neither. `now_us`: since 1970. */
int64_t delay_header_ms(const char *value, int64_t now_us);

/* The delay in a sentence in lower case, in milliseconds: "try again in 20s", "retry after 9 seconds", "wait
 * 3". */
int64_t delay_sentence_ms(const char *sentence);

#endif
