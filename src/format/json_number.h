/* Reads a number as the most generous of all parsers would. */
#ifndef PENSTOCK_FORMAT_JSON_NUMBER_H
#define PENSTOCK_FORMAT_JSON_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

#include "format/json.h"

#define JSON_NO_NUMBER INT64_MIN

/* Returns the largest number that any parser may read from a value of checked JSON, rounded up. Providers
 * differ: some take "10", 10.0, 1e1, " 10 ", "1_0", "0xa", "10 tokens", [10] and true as numbers (Python's
 * int() and float(), JavaScript's Number(), PHP's intval(), pydantic).
 *
 * INT64_MAX: larger than any count, or a text that cannot be judged. JSON_NO_NUMBER: no parser reads a
 * number: absent, null, an object, an empty list, a text that begins with something else. */
int64_t json_largest_number(struct json_value value);

/* Reads a whole number as json_integer() does, also if it is written with a fraction or an exponent, as
 * "10.0" and "1e3" (RFC 8259, 6). Returns false for any other value. */
bool json_whole_number(struct json_value value, int64_t *number) MUST_CHECK;

#endif
