/* Reads the settings of a process from defaults, file, environment and command line. */
#ifndef PENSTOCK_CONFIG_SETTINGS_H
#define PENSTOCK_CONFIG_SETTINGS_H

#include <stddef.h>

#include "config/config_errors.h"
#include "config/settings_types.h"

struct settings_source {
    const char *file;              /* -c; NULL: the search order of penstock.conf(5) */
    const struct name_value *sets; /* --set path=value; has the highest precedence */
    size_t set_count;
    const char *system_file; /* the last file of the search order; NULL: SYSCONFDIR/penstock/penstock.conf */
};

/* Reads all sources and reports every error to `report_error`. Returns NULL after any error. The result is to
 * be freed with settings_free(). Logs nothing. */
struct settings *settings_load(const struct settings_source *source, config_error_handler *report_error,
                               void *context);

/* Wipes the keys and frees the settings. NULL is allowed. */
void settings_free(struct settings *settings);

/* Returns the provider of that name, or NULL. */
const struct provider_settings *settings_provider(const struct settings *settings, const char *name,
                                                  size_t length);

#endif
