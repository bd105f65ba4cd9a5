/* Two clocks: a monotonic clock for durations, and the wall clock for timestamps. */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/date.h"

#define LAG_US 1000000 /* see clock_left_us() */

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

/* Every usage record and every log line contains the time, so the text of the current second is cached. */
int64_t clock_left_us(int64_t since_us, int64_t length_us, int64_t now_us)
{
    int64_t age_us = now_us - since_us;
    if (age_us < -LAG_US || age_us >= length_us)
        return 0;
    return age_us > 0 ? length_us - age_us : length_us;
}

void clock_format(int64_t wall_us, char text[static CLOCK_TEXT_SIZE])
{
    static int64_t known = INT64_MIN;
    static char known_text[CLOCK_TEXT_SIZE];
    int64_t second = wall_us / 1000000;
    int thousandths = (int)(wall_us / 1000 % 1000);
    if (second != known) {
        struct date date = date_of_second(second);
        snprintf(known_text, sizeof known_text, "%04d-%02d-%02dT%02d:%02d:%02d.", date.year, date.month,
                 date.day, date.hour, date.minute, date.second);
        known = second;
    }
    char *at = stpcpy(text, known_text);
    *at++ = (char)('0' + thousandths / 100);
    *at++ = (char)('0' + thousandths / 10 % 10);
    *at++ = (char)('0' + thousandths % 10);
    memcpy(at, "Z", 2);
}
