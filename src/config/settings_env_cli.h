/* What the environment and the command line say about settings. */
#ifndef PENSTOCK_CONFIG_SETTINGS_ENV_CLI_H
#define PENSTOCK_CONFIG_SETTINGS_ENV_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

#define VARIABLE_SIZE 64

struct assignments;
struct config_errors;
struct setting_row;

/* The environment variable of a setting, "PENSTOCK_POOL_MIN_SPARE"; false where it has none: in groups. */
bool setting_variable(const struct setting_row *row, char name[static VARIABLE_SIZE]);

/* The row that an environment entry "PENSTOCK_A_B=..." is about, or NULL. */
const struct setting_row *setting_of_variable(const char *entry);

/* Is it a PENSTOCK_ entry that means nothing here, and so perhaps a slip? */
bool variable_is_unknown(const char *entry);

/* Adds what the process's environment says. An empty variable says nothing; an unknown one is nobody's
 * mistake. */
void environment_say(struct assignments *said);

/* Adds what --set says; an unknown setting is a mistake. */
void command_line_say(struct assignments *said, const struct name_value *sets, size_t count,
                      struct config_errors *mistakes);

#endif
