/* The options that every command understands: -c FILE and --set SETTING=VALUE. */
#ifndef PENSTOCK_CLI_OPTIONS_H
#define PENSTOCK_CLI_OPTIONS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "config/settings.h"

struct failure;

struct options {
    struct settings_source source; /* for settings_load(); points into `sets` and the arguments */
    struct name_value *sets;
    char **rest; /* the arguments that are not ours, in their order */
    int rest_count;
};

/* Reads the `count` arguments behind the command's name. `why` is one sentence for the user. On success freed
 * with options_free(). */
bool options_read(struct options *options, int count, char **arguments, struct failure *why) MUST_CHECK;
void options_free(struct options *options);

/* A command: `run` gets what its arguments say, and its status is the one to exit with. Arguments that cannot
 * be read are told, after the `name`, and are a wrong use. */
int options_run(const char *name, int count, char **arguments,
                int (*run)(const struct options *options)) MUST_CHECK;

/* The value of an option that arguments[*index] gives as "NAME VALUE", "-cVALUE" or "--set=VALUE"; NULL when
 * this is another argument. `*index` moves on when the value is an argument of its own; a missing value comes
 * back as "". */
const char *option_value(const char *name, int count, char **arguments, int *index);

#endif
