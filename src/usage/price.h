/* The prices of models, and the cost of one request. */
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

/* The prices of two files: those in `own` (NULL or "": none) have precedence over those in `installed`. The
 * files are read by prices_read(), or when a price is looked up first. Both paths must outlive the result.
 * Freed with prices_free(), which allows NULL. */
struct prices *prices_create(const char *own, const char *installed);
void prices_free(struct prices *prices);

/* Reads the files now: called before a fork, so that all children share the memory. Logs a warning for a file
 * that cannot be read and for each malformed line. */
void prices_read(struct prices *prices);

/* Finds the price of `model` at the provider named `provider` in the settings, which uses `preset` (NULL:
 * none). Within a file, a row for the provider beats one for the preset, and that beats one for "*"; then the
 * exact name beats the name without its date, and that beats the longest pattern that matches either. False
 * if there is no price; the first time for each model, that is logged. */
bool price_find(struct prices *prices, const char *provider, const char *preset, const char *model,
                struct price *price) MUST_CHECK;

/* The same, without the log. */
bool price_look_up(struct prices *prices, const char *provider, const char *preset, const char *model,
                   struct price *price) MUST_CHECK;

/* True if there is a price of any model of the provider. */
bool price_knows_provider(struct prices *prices, const char *provider, const char *preset);

/* The cost in billionths of a USD, rounded to the nearest; COST_UNKNOWN if the tokens are unknown. */
int64_t price_cost(const struct price *price, const struct token_usage *usage);

/* The cost of `tokens` at a price of so many USD per million tokens, in billionths of a USD, rounded up. A
 * negative price is none. */
int64_t price_of_tokens(double price, int64_t tokens);

/* Writes `cost`, in billionths of a USD, as a decimal number of USD without trailing zeros. */
void cost_format(int64_t cost, char text[static COST_TEXT_SIZE]);

#endif
