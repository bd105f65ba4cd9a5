/* What single values cannot show: rules that join several settings, and what follows from a preset. */
#ifndef SETTINGS_RULES_H
#define SETTINGS_RULES_H

struct mistakes;
struct settings;

/* Finds presets, addresses and keys, decodes clients' keys, fits the pool's numbers to each other. */
void settings_complete(struct settings *settings, struct mistakes *mistakes);

#endif
