/* Reads retry delays as providers write them. */
#ifndef PENSTOCK_ERRORS_FAILURE_DELAY_H
#define PENSTOCK_ERRORS_FAILURE_DELAY_H

#include <stdint.h>

#define DELAY_UNKNOWN (-1)
/* 100 years. A longer delay counts as this one: it is long, and not unknown. */
#define DELAY_MAX_MS (100LL * 366 * 24 * 3600 * 1000)

/* Reads a duration such as "5s", "399ms", "9m38.016s", "4h51m33.9s" or "7 minutes"; a number without a unit
 * is in seconds. Returns milliseconds, or DELAY_UNKNOWN for any other text. Sets `*end` to the first byte
 * after the duration; `end` may be NULL. */
int64_t delay_duration_ms(const char *text, const char **end);

/* Returns the provider's time since 1970 in microseconds: that of the header Date of its answer (NULL: there
 * is none), so that a provider's wrong clock does no harm, or else `now_us`. */
int64_t delay_now_us(const char *date, int64_t now_us);

/* Reads the value of a Retry-After header: seconds, or an HTTP date (RFC 9110, 10.2.3) or one of RFC 3339.
 * Returns milliseconds, 0 for a date in the past, or DELAY_UNKNOWN for any other value. `now_us` is the
 * provider's time, as delay_now_us() returns it. */
int64_t delay_header_ms(const char *value, int64_t now_us);

/* Finds the delay in a sentence in lower case, such as "try again in 20s", "retry after 9 seconds" or "wait
 * 3". Returns milliseconds, or DELAY_UNKNOWN. */
int64_t delay_sentence_ms(const char *sentence);

#endif
