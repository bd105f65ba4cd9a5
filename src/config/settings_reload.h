/* What a reload of the settings cannot change. */
#ifndef PENSTOCK_CONFIG_SETTINGS_RELOAD_H
#define PENSTOCK_CONFIG_SETTINGS_RELOAD_H

struct settings;

/* Gives each setting that only a restart can change its value from `old`, and logs those that differ. Both
 * stay the caller's, to be freed. */
void settings_keep_until_restart(struct settings *fresh, struct settings *old);

#endif
