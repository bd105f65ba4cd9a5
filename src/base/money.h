/* Money, in integer billionths of a USD, so that sums are exact. */
#ifndef PENSTOCK_BASE_MONEY_H
#define PENSTOCK_BASE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

#define MONEY_USD INT64_C(1000000000)
#define MONEY_MAX (MONEY_USD * MONEY_USD) /* a billion USD */
#define MONEY_TEXT_SIZE 24

/* Reads an amount of USD, "2", "0.05" or "1e-05", rounded to a billionth. Returns false for any other text,
 * for more than MONEY_MAX, and for an amount so small that it would be rounded to 0. */
bool money_parse(const char *text, int64_t *billionths) MUST_CHECK;

/* Writes an amount of USD, with as few decimals as possible: "2", "0.05". */
void money_print(int64_t billionths, char text[static MONEY_TEXT_SIZE]);

#endif
