/* Reads dates and times in the formats of settings and protocols.
 *
 * Dates are in the Gregorian calendar and in UTC. The arithmetic has 64 bits, so that a machine with a 32-bit
 * time_t handles dates after January 2038 too. */
#ifndef PENSTOCK_BASE_DATE_H
#define PENSTOCK_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct date {
    int year, month, day; /* month and day count from 1 */
    int hour, minute, second;
};

/* Returns the date of `second`, which is since 1970 and may be negative. */
struct date date_of_second(int64_t second);

/* Returns the second since 1970. A month, day, hour, minute or second beyond its range carries over, so month
 * 13 is the next January. */
int64_t date_to_second(const struct date *date);

/* Reads a date, "2026-12-31", which stands for its first second in UTC, or a time of RFC 3339 (5.6),
 * "2026-12-31T18:00:00+01:00", whose fraction is dropped. `*second` is since 1970. Returns false for any
 * other text, for a day that the calendar does not have, and for a year before 1970. */
bool date_parse(const char *text, int64_t *second) MUST_CHECK;

/* Reads the date of an HTTP header in any of its three forms (RFC 9110, 5.6.7); `*second` is since 1970. */
bool date_parse_http(const char *text, int64_t *second) MUST_CHECK;

#endif
