/* Stores one value of one setting: from text into its field. */
#ifndef PENSTOCK_CONFIG_SETTINGS_STORE_H
#define PENSTOCK_CONFIG_SETTINGS_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "config/settings_values.h"

#define SETTING_EXPECTS_SIZE 160

struct failure;
struct setting_row;

/* Parses the value as the row's type and stores it in the row's field of `base`, the struct that row->owner
 * names. On an error, the field keeps its value and `why` contains the reason. */
bool setting_store(const struct setting_row *row, void *base, const struct settings_value *value,
                   struct failure *why) MUST_CHECK;

/* Describes the values that the row accepts, in words that follow "must be". */
void setting_expects(const struct setting_row *row, char words[static SETTING_EXPECTS_SIZE]);

/* Frees the content of the field, wiping a secret, and leaves the field empty. */
void setting_clear(const struct setting_row *row, void *base);

#endif
