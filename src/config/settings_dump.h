/* Settings printed in the syntax of penstock.conf. */
#ifndef PENSTOCK_CONFIG_SETTINGS_DUMP_H
#define PENSTOCK_CONFIG_SETTINGS_DUMP_H

#include <stdio.h>

struct settings;

/* What is in force, with where each value came from; valid as a file again, but for the keys, which stay out.
 */
void settings_dump(const struct settings *settings, FILE *out);

/* Every setting at its default with its sentence: what is installed as penstock.conf. */
void settings_dump_defaults(FILE *out);

#endif
