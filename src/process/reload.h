/* Reading the settings again while the service runs. */
#ifndef PENSTOCK_PROCESS_RELOAD_H
#define PENSTOCK_PROCESS_RELOAD_H

struct settings;
struct settings_source;

/* The settings as they are now, or NULL when there is a mistake in them: each is logged. What only a restart
 * can change keeps its value from `old`, and is logged too. `old` stays the caller's, to be freed. */
struct settings *reload_settings(const struct settings_source *source, struct settings *old);

#endif
