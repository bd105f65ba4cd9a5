/* One value in the syntax of penstock.conf. */
#ifndef PENSTOCK_CONFIG_SETTINGS_FORMAT_H
#define PENSTOCK_CONFIG_SETTINGS_FORMAT_H

#include <stdbool.h>
#include <stdio.h>

struct setting_row;

/* A text between quotation marks, with what needs it escaped. */
void config_print_string(const char *text, FILE *out);

/* Is it a name in libconfig's syntax? */
bool config_is_name(const char *name);

/* Can libconfig hold this JSON text? It has no null, and its names are letters, digits, - _ and *. */
bool config_can_hold_json(const char *json);
void config_print_json(const char *json, FILE *out);

/* The field that `row` has in `base`; for any type but a secret, pairs and JSON. */
void setting_print(const struct setting_row *row, const void *base, FILE *out);

#endif
