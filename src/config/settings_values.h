/* What file, environment and command line say about settings, in one form and in the order in which it
 * counts. */
#ifndef PENSTOCK_CONFIG_SETTINGS_VALUES_H
#define PENSTOCK_CONFIG_SETTINGS_VALUES_H

#include <stdbool.h>
#include <stddef.h>

/* In which form a value was said; TEXT leaves it to the setting's type to read it. */
enum value_form {
    VALUE_TEXT,
    VALUE_STRING,
    VALUE_INTEGER,
    VALUE_FLOAT,
    VALUE_BOOLEAN,
    VALUE_ELEMENT,
    VALUE_JSON,
    VALUE_GROUP
};

struct settings_value {
    char *path;  /* "pool.min_spare", "providers.nim.base_url", "clients.[0].name" */
    char *text;  /* the value; "" for a group */
    char *where; /* "FILE:LINE", "PENSTOCK_A_B" or "command line" */
    enum value_form form;
};

struct settings_values {
    size_t count;
    struct settings_value *items;
};

/* Appends copies of the three texts; where two speak of one setting, the later one counts. */
void settings_values_add(struct settings_values *said, const char *where, const char *path,
                         enum value_form form, const char *text);

/* The one that counts for `path`, or NULL. */
const struct settings_value *settings_values_find(const struct settings_values *said, const char *path);

/* Where `path` was said, or else where something in it was, or else `otherwise`. */
const char *settings_values_origin(const struct settings_values *said, const char *path,
                                   const char *otherwise);

/* Overwrites the value, which was a secret, so that none stays behind. */
void settings_value_wipe(struct settings_value *assignment);

/* Wipes and frees all; NULL is allowed. */
void settings_values_free(struct settings_values *said);

#endif
