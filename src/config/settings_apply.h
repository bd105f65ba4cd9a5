/* Fills the settings: the defaults, then each value in order. */
#ifndef PENSTOCK_CONFIG_SETTINGS_APPLY_H
#define PENSTOCK_CONFIG_SETTINGS_APPLY_H

#include <stddef.h>

struct alias_settings;
struct settings_values;
struct config_errors;
struct provider_settings;
struct settings;

/* Sets every setting outside providers, clients and aliases to its default. */
void settings_set_defaults(struct settings *settings);

/* Stores each value in its field, and adds each provider, client and alias that a value names. Wipes the
 * texts of secrets. */
void settings_apply(struct settings *settings, struct settings_values *values, struct config_errors *errors);

/* Returns the provider of that name; adds the provider with its defaults if it is missing. The pointer is
 * valid until the next provider is added. */
struct provider_settings *settings_add_provider(struct settings *settings, const char *name, size_t length);

/* Sets every setting of an alias to its default. */
void settings_set_alias_defaults(struct alias_settings *alias);

/* Wipes and frees all that the struct points to. */
void settings_clear(struct settings *settings);

#endif
