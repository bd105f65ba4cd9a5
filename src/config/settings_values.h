/* The values of settings from the file, the environment and the command line, in the order in which they
 * apply. */
#ifndef PENSTOCK_CONFIG_SETTINGS_VALUES_H
#define PENSTOCK_CONFIG_SETTINGS_VALUES_H

#include <stdbool.h>
#include <stddef.h>

/* The syntax in which a value was written; a TEXT is parsed according to the type of the setting. */
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
    const char *old_name; /* the deprecated path that the source used; NULL: the present path */
    enum value_form form;
};

struct settings_values {
    size_t count;
    struct settings_value *items;
};

/* Appends copies of the texts. Of two values of one setting, the later value applies. If `path` is the old
 * name of a setting, it is replaced by the present name. */
void settings_values_add(struct settings_values *values, const char *origin, const char *path,
                         enum value_form form, const char *text);

/* Returns the value that applies to `path`, or NULL. */
const struct settings_value *settings_values_find(const struct settings_values *values, const char *path);

/* Returns the origin of the value at `path`, else that of a value in the group `path`, else `otherwise`. */
const char *settings_values_origin(const struct settings_values *values, const char *path,
                                   const char *otherwise);

/* Overwrites the text, which is a secret. */
void settings_value_wipe(struct settings_value *value);

/* Wipes and frees all values. NULL is allowed. */
void settings_values_free(struct settings_values *values);

#endif
