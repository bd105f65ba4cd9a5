/* Reads dates and times in the formats of settings and protocols. */
#include "base/date.h"

#include <curl/curl.h>
#include <string.h>

#define DAY_S 86400
#define DAYS_PER_ERA 146097 /* 400 years, after which the calendar repeats */
#define DAYS_TO_1970 719468 /* from 1 March of the year 0 */
#define FRACTION_MAX 9

static int64_t divide_down(int64_t number, int64_t divisor)
{
    return number / divisor - (number % divisor < 0);
}

/* Years are counted from March, so that the leap day is the last day of its year and the lengths of the
 * months repeat every five months (153 days). Days are since 1970. */
static int64_t days_to(int64_t year, int64_t month, int64_t day)
{
    year += divide_down(month - 3, 12);
    month = (month - 3) - divide_down(month - 3, 12) * 12; /* 0: March */
    int64_t era = divide_down(year, 400), year_of_era = year - era * 400;
    int64_t day_of_year = (153 * month + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

struct date date_of_second(int64_t second)
{
    int64_t days = divide_down(second, DAY_S), of_day = second - days * DAY_S;
    int64_t era = divide_down(days + DAYS_TO_1970, DAYS_PER_ERA);
    int64_t day_of_era = days + DAYS_TO_1970 - era * DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0: March */
    return (struct date){
        .year = (int)(year_of_era + era * 400 + (month >= 10)),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
        .hour = (int)(of_day / 3600),
        .minute = (int)(of_day / 60 % 60),
        .second = (int)(of_day % 60),
    };
}

int64_t date_to_second(const struct date *date)
{
    return days_to(date->year, date->month, date->day) * DAY_S + date->hour * INT64_C(3600) +
           date->minute * INT64_C(60) + date->second;
}

/* Reads exactly `count` digits. Returns -1 if there are fewer. */
static int take_digits(const char **text, int count)
{
    int number = 0;
    for (; count > 0; count--, ++*text) {
        if (!is_digit(**text))
            return -1;
        number = number * 10 + (**text - '0');
    }
    return number;
}

static bool take_byte(const char **text, const char *any_of)
{
    bool found = **text && strchr(any_of, **text);
    *text += found;
    return found;
}

/* Checks the day against the calendar, because February 30 would otherwise become March 1 or 2. */
static bool take_date(const char **text, struct date *date)
{
    date->year = take_digits(text, 4);
    if (date->year < 1970 || !take_byte(text, "-"))
        return false;
    date->month = take_digits(text, 2);
    if (date->month < 1 || date->month > 12 || !take_byte(text, "-"))
        return false;
    date->day = take_digits(text, 2);
    return date->day >= 1 && date_of_second(date_to_second(date)).day == date->day;
}

/* Reads HH:MM, of a time or of an offset. */
static bool take_minutes(const char **text, int *hours, int *minutes)
{
    *hours = take_digits(text, 2);
    if (*hours < 0 || *hours > 23 || !take_byte(text, ":"))
        return false;
    *minutes = take_digits(text, 2);
    return *minutes >= 0 && *minutes < 60;
}

/* Accepts second 60, a leap second (RFC 3339, 5.7). */
static bool take_time(const char **text, struct date *date)
{
    if (!take_minutes(text, &date->hour, &date->minute) || !take_byte(text, ":"))
        return false;
    date->second = take_digits(text, 2);
    if (take_byte(text, ".")) {
        size_t places = strspn(*text, "0123456789");
        *text += places;
        if (places == 0 || places > FRACTION_MAX)
            return false;
    }
    return date->second >= 0 && date->second <= 60;
}

/* Sets `seconds` to the number to add to the local time to get UTC; it is negative east of Greenwich. */
static bool take_offset(const char **text, int64_t *seconds)
{
    int hours, minutes;
    *seconds = 0;
    if (take_byte(text, "Zz"))
        return true;
    int sign = **text == '-' ? 1 : -1;
    if (!take_byte(text, "+-") || !take_minutes(text, &hours, &minutes))
        return false;
    *seconds = sign * (hours * INT64_C(3600) + minutes * 60);
    return true;
}

bool date_parse(const char *text, int64_t *second)
{
    struct date date = {0};
    int64_t offset = 0;
    *second = 0;
    if (!take_date(&text, &date))
        return false;
    bool good = !*text ||
                (take_byte(&text, "Tt ") && take_time(&text, &date) && take_offset(&text, &offset) && !*text);
    if (good)
        *second = date_to_second(&date) + offset;
    return good;
}

/* Two of the forms end with " GMT", the third with a year. The end is checked here, because libcurl ignores
 * trailing text such as an offset. If time_t has 32 bits, libcurl returns the largest time for dates after
 * January 2038. */
bool date_parse_http(const char *text, int64_t *second)
{
    size_t length = strlen(text);
    const char *tail = length > 4 ? text + length - 4 : "";
    bool ends = strcmp(tail, " GMT") == 0 || strspn(tail, "0123456789") == 4;
    time_t read = ends ? curl_getdate(text, NULL) : -1;
    *second = (int64_t)read;
    return read != -1;
}
