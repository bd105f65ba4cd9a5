/* Prints values in the syntax of penstock.conf. */
#ifndef PENSTOCK_CONFIG_SETTINGS_FORMAT_H
#define PENSTOCK_CONFIG_SETTINGS_FORMAT_H

#include <stdbool.h>
#include <stdio.h>

struct setting_row;

/* Prints a text in quotation marks, escaped. */
void config_print_string(const char *text, FILE *out);

/* True if the name is valid in libconfig: a letter or *, then letters, digits, -, _ and *. */
bool config_is_name(const char *name);

/* True if libconfig can represent this JSON text: no null, and only names that config_is_name() accepts. */
bool config_can_hold_json(const char *json);
void config_print_json(const char *json, FILE *out);

/* Prints the field of `row` in `base`, for all types except secrets, pairs and JSON. */
void setting_print(const struct setting_row *row, const void *base, FILE *out);

#endif
