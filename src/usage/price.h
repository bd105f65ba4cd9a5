/* What tokens cost: the table of prices, and the sum for one request. */
#ifndef PENSTOCK_USAGE_PRICE_H
#define PENSTOCK_USAGE_PRICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct price;
struct token_usage;

#define COST_UNKNOWN (-1)
#define COST_TEXT_SIZE 32

struct prices;

/* The table of the file at `own` (NULL or "": none), whose prices count before those of the file at
 * `installed`. Reads nothing yet: that is done when a price is asked for first, or by prices_read(). Both
 * paths must outlive it. Freed with prices_free(); NULL is allowed there. */
struct prices *prices_create(const char *own, const char *installed);
void prices_free(struct prices *prices);

/* Reads the files now: before a fork, so that all children share what was read. A file that cannot be read
 * and a line that is no price are logged. */
void prices_read(struct prices *prices);

/* The price of `model` at the provider of that name in the settings, which comes from that preset (NULL:
 * none). In each file a row for the provider's name counts before one for the preset's, and that before one
 * for any; then the model's own name, its name without the date at its end, and the longest pattern that fits
 * either. False when there is none, which is logged once for each model. */
bool price_find(struct prices *prices, const char *provider, const char *preset, const char *model,
                struct price *price) MUST_CHECK;

/* In billionths of a USD, rounded to the nearest; COST_UNKNOWN where tokens are unknown. */
int64_t price_cost(const struct price *price, const struct token_usage *usage);

/* Written as a decimal number of USD without trailing zeros. */
void cost_format(int64_t cost, char text[static COST_TEXT_SIZE]);

#endif
