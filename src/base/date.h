/* Points in time as people write them. */
#ifndef PENSTOCK_BASE_DATE_H
#define PENSTOCK_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

/* Reads a date, "2026-12-31", which is its first second in UTC, or a time of RFC 3339,
 * "2026-12-31T18:00:00+01:00", a fraction dropped. `second` is since 1970; false for what is neither, or no
 * day of the calendar. */
bool date_parse(const char *text, int64_t *second) MUST_CHECK;

#endif
