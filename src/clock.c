/* Two clocks: one that never jumps, for durations, and the wall's, for people. */
#include "clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

void clock_format(int64_t wall_us, char text[static CLOCK_TEXT_SIZE])
{
    time_t seconds = wall_us / 1000000;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t used = strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + used, CLOCK_TEXT_SIZE - used, ".%03dZ", (int)(wall_us / 1000 % 1000));
}
