/* Reads retry delays as providers write them. */
#include "errors/failure_delay.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/date.h"

#define DIGITS_MAX 40
#define EPOCH_MIN_MS 1000000000000 /* a delay of 31 years is a time since 1970 */

/* Longer names first, so that "ms" is not read as "m". */
static const struct unit {
    const char *name;
    double ms;
} units[] = {
    {"milliseconds", 1}, {"millisecond", 1}, {"seconds", 1000}, {"second", 1000},   {"minutes", 60000},
    {"minute", 60000},   {"hours", 3600000}, {"hour", 3600000}, {"days", 86400000}, {"day", 86400000},
    {"secs", 1000},      {"mins", 60000},    {"sec", 1000},     {"min", 60000},     {"hrs", 3600000},
    {"ms", 1},           {"s", 1000},        {"m", 60000},      {"h", 3600000},     {"d", 86400000},
};

/* Finds the unit at `at`, whose name must be a whole word. */
static const struct unit *find_unit(const char *at)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t length = strlen(units[i].name);
        if (strncmp(at, units[i].name, length) == 0 && !isalpha((unsigned char)at[length]))
            return &units[i];
    }
    return NULL;
}

/* Reads digits with an optional fraction. strtod() would also read exponents and hexadecimal digits. */
static double read_number(const char *text, const char **end)
{
    char number[DIGITS_MAX + 1];
    size_t length = strspn(text, "0123456789");
    if (text[length] == '.' && is_digit(text[length + 1]))
        length += 1 + strspn(text + length + 1, "0123456789");
    *end = text + length;
    if (length > DIGITS_MAX)
        return INFINITY;
    memcpy(number, text, length);
    number[length] = '\0';
    return strtod(number, NULL);
}

/* True if what was read as a number is the beginning of a date, of a time, or of a number with an exponent.
 */
static bool continues(const char *end)
{
    return *end && strchr("-:/eExX", *end) && is_digit(end[1]);
}

/* Reads one number and its unit; seconds are assumed if there is none. */
static bool take_part(const char **at, double *ms, bool *has_unit)
{
    if (!is_digit(**at))
        return false;
    const char *end;
    double number = read_number(*at, &end);
    if (continues(end))
        return false;
    const char *after = end;
    if (*after == ' ')
        after++;
    const struct unit *unit = find_unit(after);
    *has_unit = unit != NULL;
    *ms += number * (unit ? unit->ms : 1000);
    *at = unit ? after + strlen(unit->name) : end;
    return true;
}

static int64_t duration(const char *text, const char **end, bool *has_unit)
{
    double ms = 0;
    const char *at = text;
    if (!take_part(&at, &ms, has_unit))
        return DELAY_UNKNOWN;
    bool more = *has_unit;
    while (more && take_part(&at, &ms, &more))
        continue;
    if (end)
        *end = at;
    return ms < (double)DELAY_MAX_MS ? round_up(ms) : DELAY_MAX_MS;
}

int64_t delay_duration_ms(const char *text, const char **end)
{
    bool has_unit;
    return duration(text, end, &has_unit);
}

/* Some providers send a date of RFC 3339. */
static int64_t date_ms(const char *value, int64_t now_us)
{
    int64_t second;
    if (!date_parse_http(value, &second) && !date_parse(value, &second))
        return DELAY_UNKNOWN;
    int64_t ms = second * 1000 - now_us / 1000;
    return ms > DELAY_MAX_MS ? DELAY_MAX_MS : max_int64(ms, 0);
}

int64_t delay_now_us(const char *date, int64_t now_us)
{
    int64_t second;
    if (!date || !date_parse_http(date, &second) || second < 0 || second > INT64_MAX / 1000000)
        return now_us;
    return second * 1000000;
}

int64_t delay_header_ms(const char *value, int64_t now_us)
{
    while (*value == ' ')
        value++;
    const char *end;
    bool has_unit;
    int64_t ms = duration(value, &end, &has_unit);
    if (ms == DELAY_UNKNOWN)
        return date_ms(value, now_us);
    if (end[strspn(end, " ")])
        return DELAY_UNKNOWN;
    return ms >= EPOCH_MIN_MS && ms < DELAY_MAX_MS && !has_unit ? max_int64(ms - now_us / 1000, 0) : ms;
}

/* After a weak lead the number must have a unit, because "after 5 attempts" is not a delay. */
static const struct lead {
    const char *words;
    bool weak;
} delay_leads[] = {
    {"again in ", false},     {"retry in ", false},    {"retry after ", false},
    {"again after ", false},  {"reset in ", false},    {"resets in ", false},
    {"reset after ", false},  {"wait ", false},        {"retry-after: ", false},
    {"retry after: ", false}, {"hold on for ", false}, {"hold off for ", false},
    {"pause for ", false},    {"sleep for ", false},   {"back off for ", false},
    {"available in ", true},  {"after ", true},        {"in ", true},
};

/* True if the words before `at` in its line tell of a time that has passed ("timed out after", "no answer
 * within") or of a number for a time ("10 requests in"). */
static bool is_of_the_past(const char *line, const char *at)
{
    static const char *const past[] = {"timed out", "timeout",   "gave up",     "failed", "did not",
                                       "didn't",    "no answer", "no response", "took",   "cancelled",
                                       "canceled",  "aborted",   "closed"};
    static const char *const counted[] = {"requests ", "calls ", "tokens ", "messages ", "attempts "};
    const char *start = at;
    while (start > line && start[-1] != '\n' && !(start[-1] == ' ' && start > line + 1 && start[-2] == '.'))
        start--;
    for (size_t i = 0; i < sizeof past / sizeof *past; i++) {
        const char *found = strstr(start, past[i]);
        if (found && found < at)
            return true;
    }
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
        size_t length = strlen(counted[i]);
        if ((size_t)(at - start) >= length && memcmp(at - length, counted[i], length) == 0)
            return true;
    }
    return false;
}

/* Reads "10秒后" (in 10 seconds). */
static int64_t chinese_delay_ms(const char *sentence)
{
    static const struct unit after[] = {
        {"秒后", 1000}, {"秒後", 1000}, {"秒之后", 1000}, {"分钟后", 60000}, {"小时后", 3600000}};
    for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
        const char *at = strstr(sentence, after[i].name), *start = at, *end;
        while (start && start > sentence && (start[-1] == ' ' || is_digit(start[-1]) || start[-1] == '.'))
            start--;
        if (!start)
            continue;
        start += strspn(start, " .");
        if (is_digit(*start)) {
            double ms = read_number(start, &end) * after[i].ms;
            return ms < (double)DELAY_MAX_MS ? round_up(ms) : DELAY_MAX_MS;
        }
    }
    return DELAY_UNKNOWN;
}

int64_t delay_sentence_ms(const char *sentence)
{
    for (size_t i = 0; i < sizeof delay_leads / sizeof *delay_leads; i++) {
        const struct lead *lead = &delay_leads[i];
        const char *at = sentence;
        while ((at = strstr(at, lead->words))) {
            bool counts = !lead->weak || !is_of_the_past(sentence, at);
            at += strlen(lead->words);
            bool has_unit = false;
            int64_t ms = counts ? duration(at, NULL, &has_unit) : DELAY_UNKNOWN;
            if (ms != DELAY_UNKNOWN && (has_unit || !lead->weak))
                return ms;
        }
    }
    return chinese_delay_ms(sentence);
}
