/* Reads retry delays as providers write them. */
#include "errors/failure_delay.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/date.h"

#define DELAY_MAX_MS (100LL * 366 * 24 * 3600 * 1000)

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

/* Reads one number and its unit; seconds are assumed if there is none. */
static bool take_part(const char **at, double *ms, bool *has_unit)
{
    if (!isdigit((unsigned char)**at))
        return false;
    char *end;
    double number = strtod(*at, &end);
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
    return isfinite(ms) && ms <= (double)DELAY_MAX_MS ? round_up(ms) : DELAY_UNKNOWN;
}

int64_t delay_duration_ms(const char *text, const char **end)
{
    bool has_unit;
    return duration(text, end, &has_unit);
}

static int64_t date_ms(const char *value, int64_t now_us)
{
    int64_t second;
    if (!date_parse_http(value, &second))
        return DELAY_UNKNOWN;
    int64_t ms = second * 1000 - now_us / 1000;
    return ms > DELAY_MAX_MS ? DELAY_UNKNOWN : max_int64(ms, 0);
}

int64_t delay_header_ms(const char *value, int64_t now_us)
{
    while (*value == ' ')
        value++;
    const char *end;
    int64_t ms = delay_duration_ms(value, &end);
    if (ms == DELAY_UNKNOWN)
        return date_ms(value, now_us);
    return end[strspn(end, " ")] ? DELAY_UNKNOWN : ms;
}

/* After a weak lead the number must have a unit, because "after 5 attempts" is not a delay. */
static const struct lead {
    const char *words;
    bool weak;
} delay_leads[] = {
    {"again in ", false},     {"retry in ", false},    {"retry after ", false}, {"again after ", false},
    {"reset in ", false},     {"resets in ", false},   {"reset after ", false}, {"wait ", false},
    {"retry-after: ", false}, {"available in ", true}, {"after ", true},        {"in ", true},
};

int64_t delay_sentence_ms(const char *sentence)
{
    for (size_t i = 0; i < sizeof delay_leads / sizeof *delay_leads; i++) {
        const struct lead *lead = &delay_leads[i];
        const char *at = sentence;
        while ((at = strstr(at, lead->words))) {
            at += strlen(lead->words);
            bool has_unit = false;
            int64_t ms = duration(at, NULL, &has_unit);
            if (ms != DELAY_UNKNOWN && (has_unit || !lead->weak))
                return ms;
        }
    }
    return DELAY_UNKNOWN;
}
