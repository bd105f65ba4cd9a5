/* The values that file, environment and command line give to settings, in the order in which they apply. */
#ifndef PENSTOCK_CONFIG_SETTINGS_VALUES_H
#define PENSTOCK_CONFIG_SETTINGS_VALUES_H

#include <stdbool.h>
#include <stddef.h>

/* The syntax in which a value was written; a TEXT is read as the setting's type wants it. */
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
    char *path;           /* "pool.min_spare", "providers.nim.base_url", "clients.[0].name" */
    char *text;           /* "" for a group */
    char *origin;         /* "FILE:LINE", "PENSTOCK_A_B" or "command line" */
    const char *old_name; /* the deprecated path by which the setting was named; NULL: by its own */
    enum value_form form;
};

struct settings_values {
    size_t count;
    struct settings_value *items;
};

/* Appends copies of the texts; of two values of one setting the later one applies. A `path` that is the old
 * name of a setting becomes its present one. */
void settings_values_add(struct settings_values *values, const char *origin, const char *path,
                         enum value_form form, const char *text);

/* The value that applies to `path`, or NULL. */
const struct settings_value *settings_values_find(const struct settings_values *values, const char *path);

/* Where `path` was set, or else where something in it was, or else `otherwise`. */
const char *settings_values_origin(const struct settings_values *values, const char *path,
                                   const char *otherwise);

/* Overwrites the text, which was a secret. */
void settings_value_wipe(struct settings_value *value);

/* Wipes and frees all; NULL is allowed. */
void settings_values_free(struct settings_values *values);

#endif
