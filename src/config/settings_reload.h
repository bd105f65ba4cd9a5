/* Settings that a reload cannot change. */
#ifndef PENSTOCK_CONFIG_SETTINGS_RELOAD_H
#define PENSTOCK_CONFIG_SETTINGS_RELOAD_H

struct settings;

/* Copies the settings that need a restart from `old` to `fresh`, and logs those that differ. The caller frees
 * both. */
void settings_keep_until_restart(struct settings *fresh, struct settings *old);

#endif
