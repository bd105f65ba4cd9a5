/* Two clocks: one that never jumps, for durations, and the wall's, for people. */
#include "base/clock.h"

#include <string.h>
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

/* The calendar is asked once a second: every record and every line of a log has the time. */
void clock_format(int64_t wall_us, char text[static CLOCK_TEXT_SIZE])
{
    static time_t known = -1;
    static char second[CLOCK_TEXT_SIZE];
    time_t seconds = wall_us / 1000000;
    int thousandths = (int)(wall_us / 1000 % 1000);
    if (seconds != known) {
        struct tm parts;
        gmtime_r(&seconds, &parts);
        strftime(second, sizeof second, "%Y-%m-%dT%H:%M:%S.", &parts);
        known = seconds;
    }
    char *at = stpcpy(text, second);
    *at++ = (char)('0' + thousandths / 100);
    *at++ = (char)('0' + thousandths / 10 % 10);
    *at++ = (char)('0' + thousandths % 10);
    memcpy(at, "Z", 2);
}
