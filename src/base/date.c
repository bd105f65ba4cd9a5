/* Points in time as people write them: a date, or a time of RFC 3339. */
#include "base/date.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#define FRACTION_MAX 9

/* Takes exactly `count` digits; -1 where there are fewer. */
static int take_digits(const char **text, int count)
{
    int number = 0;
    for (; count > 0; count--, ++*text) {
        if (**text < '0' || **text > '9')
            return -1;
        number = number * 10 + (**text - '0');
    }
    return number;
}

static bool take_byte(const char **text, const char *any_of)
{
    bool there = **text && strchr(any_of, **text);
    *text += there;
    return there;
}

/* mktime's kind turns February 30 into March 2; then it is not the day that was written. */
static bool make_second(struct tm date, int64_t *second)
{
    struct tm same = date;
    *second = (int64_t)timegm(&same);
    return same.tm_mday == date.tm_mday && same.tm_mon == date.tm_mon;
}

static bool take_date(const char **text, struct tm *date)
{
    date->tm_year = take_digits(text, 4) - 1900;
    bool good = date->tm_year >= 70 && take_byte(text, "-");
    date->tm_mon = good ? take_digits(text, 2) - 1 : -1;
    good = date->tm_mon >= 0 && date->tm_mon < 12 && take_byte(text, "-");
    date->tm_mday = good ? take_digits(text, 2) : 0;
    return date->tm_mday >= 1 && date->tm_mday <= 31;
}

/* HH:MM, as a time has it and an offset. */
static bool take_minutes(const char **text, int *hours, int *minutes)
{
    *hours = take_digits(text, 2);
    bool good = *hours >= 0 && *hours < 24 && take_byte(text, ":");
    *minutes = good ? take_digits(text, 2) : -1;
    return *minutes >= 0 && *minutes < 60;
}

/* A minute may have a second 60 (RFC 3339, 5.7). */
static bool take_time(const char **text, struct tm *date)
{
    if (!take_minutes(text, &date->tm_hour, &date->tm_min) || !take_byte(text, ":"))
        return false;
    date->tm_sec = take_digits(text, 2);
    if (take_byte(text, ".")) {
        size_t places = strspn(*text, "0123456789");
        *text += places;
        if (places == 0 || places > FRACTION_MAX)
            return false;
    }
    return date->tm_sec >= 0 && date->tm_sec <= 60;
}

static bool take_offset(const char **text, int64_t *seconds)
{
    int hours, minutes;
    *seconds = 0;
    if (take_byte(text, "Zz"))
        return true;
    int sign = **text == '-' ? 1 : -1; /* east of Greenwich it is later than in UTC */
    if (!take_byte(text, "+-") || !take_minutes(text, &hours, &minutes))
        return false;
    *seconds = (int64_t)sign * (hours * 3600 + minutes * 60);
    return true;
}

bool date_parse(const char *text, int64_t *second)
{
    struct tm date = {0};
    int64_t offset = 0;
    if (!take_date(&text, &date) || !make_second(date, second))
        return false;
    if (!*text)
        return true;
    bool good = take_byte(&text, "Tt ") && take_time(&text, &date) && take_offset(&text, &offset) && !*text;
    *second = good ? (int64_t)timegm(&date) + offset : 0;
    return good;
}
