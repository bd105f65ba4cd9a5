/* Two clocks: one that never jumps, for durations, and the wall clock, for people. */
#ifndef PENSTOCK_BASE_CLOCK_H
#define PENSTOCK_BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_TEXT_SIZE 32

/* Microseconds since an arbitrary start; never goes back (CLOCK_MONOTONIC). */
int64_t clock_monotonic_us(void);

/* Microseconds since 1970 UTC; may jump. */
int64_t clock_wall_us(void);

/* Writes `wall_us` as RFC 3339 UTC with milliseconds, "2026-01-02T03:04:05.678Z". */
void clock_format(int64_t wall_us, char text[static CLOCK_TEXT_SIZE]);

#endif
