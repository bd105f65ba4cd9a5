/* One value of one setting: from text into its field. */
#ifndef PENSTOCK_CONFIG_SETTINGS_STORE_H
#define PENSTOCK_CONFIG_SETTINGS_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "config/settings_values.h"

#define SETTING_EXPECTS_SIZE 160

struct failure;
struct setting_row;

/* Reads the assignment's text as the row's type and puts it into the row's field in `base` (a struct
 * settings, provider_settings or client_settings). On a mistake the field stays as it was, and `why` holds
 * the reason. */
bool setting_store(const struct setting_row *row, void *base, const struct settings_value *said,
                   struct failure *why) MUST_CHECK;

/* What the row takes, in words that follow "must be". */
void setting_expects(const struct setting_row *row, char words[static SETTING_EXPECTS_SIZE]);

/* Frees what the field holds, wiping a secret, and leaves it empty. */
void setting_clear(const struct setting_row *row, void *base);

#endif
