/* Prints settings in the syntax of penstock.conf. */
#ifndef PENSTOCK_CONFIG_SETTINGS_DUMP_H
#define PENSTOCK_CONFIG_SETTINGS_DUMP_H

#include <stdio.h>

struct settings;

/* Prints the settings in effect and the origin of each value. The output is valid as a file, except that keys
 * are left out. */
void settings_dump(const struct settings *settings, FILE *out);

/* Prints every setting at its default with its description, as comments: the installed penstock.conf. */
void settings_dump_defaults(FILE *out);

#endif
