/* From what was said to the struct: defaults, then each assignment in its order. */
#ifndef PENSTOCK_CONFIG_SETTINGS_APPLY_H
#define PENSTOCK_CONFIG_SETTINGS_APPLY_H

#include <stddef.h>

struct settings_values;
struct config_errors;
struct provider_settings;
struct settings;

/* Gives every setting that belongs to no group of its own its default. */
void settings_set_defaults(struct settings *settings);

/* Puts each assignment into its field, making providers and clients as they are named; wipes the secrets'
 * texts. */
void settings_apply(struct settings *settings, struct settings_values *said, struct config_errors *mistakes);

/* The provider of that name, made with its defaults if there is none; valid until the next is made. */
struct provider_settings *settings_add_provider(struct settings *settings, const char *name, size_t length);

/* Wipes and frees everything in it. */
void settings_clear(struct settings *settings);

#endif
