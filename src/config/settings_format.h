/* One value in the syntax of penstock.conf. */
#ifndef PENSTOCK_CONFIG_SETTINGS_FORMAT_H
#define PENSTOCK_CONFIG_SETTINGS_FORMAT_H

#include <stdbool.h>
#include <stdio.h>

struct setting_row;

/* A text between quotation marks, with what needs it escaped. */
void quoted_print(const char *text, FILE *out);

/* Is it a name in libconfig's syntax? */
bool name_is_printable(const char *name);

/* Can libconfig hold this JSON text? It has no null, and its names are letters, digits, - _ and *. */
bool json_is_printable(const char *json);
void json_print(const char *json, FILE *out);

/* The field that `row` has in `base`; for any type but a secret, pairs and JSON. */
void setting_print(const struct setting_row *row, const void *base, FILE *out);

#endif
