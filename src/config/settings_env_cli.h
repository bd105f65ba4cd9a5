/* What the environment and the command line say about settings. */
#ifndef PENSTOCK_CONFIG_SETTINGS_ENV_CLI_H
#define PENSTOCK_CONFIG_SETTINGS_ENV_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

#define SETTING_ENV_NAME_SIZE 64

struct settings_values;
struct config_errors;
struct setting_row;

/* The environment variable of a setting, "PENSTOCK_POOL_MIN_SPARE"; false where it has none: in groups. */
bool setting_env_name(const struct setting_row *row, char name[static SETTING_ENV_NAME_SIZE]);

/* The row that an environment entry "PENSTOCK_A_B=..." is about, or NULL. */
const struct setting_row *setting_of_env(const char *entry);

/* Is it a PENSTOCK_ entry that means nothing here, and so perhaps a slip? */
bool env_is_unknown(const char *entry);

/* Adds what the process's environment says. An empty variable says nothing; an unknown one is nobody's
 * mistake. */
void settings_read_env(struct settings_values *said);

/* Adds what --set says; an unknown setting is a mistake. */
void settings_read_cli(struct settings_values *said, const struct name_value *sets, size_t count,
                       struct config_errors *mistakes);

#endif
