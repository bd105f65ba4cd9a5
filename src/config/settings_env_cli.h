/* Values for settings from the environment and the command line. */
#ifndef PENSTOCK_CONFIG_SETTINGS_ENV_CLI_H
#define PENSTOCK_CONFIG_SETTINGS_ENV_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

#define SETTING_ENV_NAME_SIZE 64

struct settings_values;
struct config_errors;
struct setting_row;

/* Writes the name of a setting's environment variable, "PENSTOCK_POOL_MIN_SPARE". Returns false for settings
 * of providers, clients and aliases, which have no variable. */
bool setting_env_name(const struct setting_row *row, char name[static SETTING_ENV_NAME_SIZE]);

/* True if an entry "PENSTOCK_A_B=..." names no setting and so may be a typing error. */
bool env_is_unknown(const char *entry);

/* Adds the values of the process's environment. Empty and unknown variables are ignored. */
void settings_read_env(struct settings_values *values);

/* Adds the values of --set; an unknown setting is an error. */
void settings_read_cli(struct settings_values *values, const struct name_value *sets, size_t count,
                       struct config_errors *errors);

#endif
