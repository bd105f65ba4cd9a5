/* What single values cannot show: rules that join several settings, and what follows from a preset. */
#ifndef PENSTOCK_CONFIG_SETTINGS_RULES_H
#define PENSTOCK_CONFIG_SETTINGS_RULES_H

struct config_errors;
struct settings;

/* Finds presets, addresses and keys, decodes clients' keys, fits the pool's numbers to each other. */
void settings_complete(struct settings *settings, struct config_errors *mistakes);

#endif
