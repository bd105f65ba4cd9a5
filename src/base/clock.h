/* Two clocks: a monotonic clock for durations, and the wall clock for timestamps. */
#ifndef PENSTOCK_BASE_CLOCK_H
#define PENSTOCK_BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_TEXT_SIZE 32

/* Returns microseconds since an arbitrary start; the clock never goes back (CLOCK_MONOTONIC). */
int64_t clock_monotonic_us(void);

/* Returns microseconds since 1970 UTC; the clock may jump. */
int64_t clock_wall_us(void);

/* Returns how long a span of `length_us` from `since_us` still lasts by the wall clock, 0 if it is over. A
 * span that begins more than a second after `now_us` was made before the clock was set back, and is over. The
 * second is the time that a process may take from reading the clock to this call. */
int64_t clock_left_us(int64_t since_us, int64_t length_us, int64_t now_us);

/* Writes `wall_us` as RFC 3339 UTC with milliseconds, "2026-01-02T03:04:05.678Z". */
void clock_format(int64_t wall_us, char text[static CLOCK_TEXT_SIZE]);

#endif
