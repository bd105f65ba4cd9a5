/* Rules that join several settings, and rules for clients and aliases. */
#ifndef PENSTOCK_CONFIG_SETTINGS_RULES_H
#define PENSTOCK_CONFIG_SETTINGS_RULES_H

struct config_errors;
struct settings;

/* Resolves presets, addresses and keys, decodes the digests and dates of clients, and makes the numbers of
 * the pool consistent. Reports every invalid setting. */
void settings_complete(struct settings *settings, struct config_errors *errors);

#endif
