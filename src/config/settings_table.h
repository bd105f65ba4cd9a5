/* Every setting, one row each: the reader, `penstock check`, penstock.conf and its manual page use this
 * table. */
#ifndef PENSTOCK_CONFIG_SETTINGS_TABLE_H
#define PENSTOCK_CONFIG_SETTINGS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_type {
    SETTING_TEXT,     /* char * */
    SETTING_PATH,     /* char *, absolute */
    SETTING_SECRET,   /* struct secret */
    SETTING_INTEGER,  /* int64_t */
    SETTING_DURATION, /* int64_t milliseconds; seconds in the file */
    SETTING_SIZE,     /* int64_t bytes; a string with K, M or G in the file */
    SETTING_MONEY,    /* int64_t billionths of a USD; USD in the file */
    SETTING_MODE,     /* int64_t; a string of octal digits in the file */
    SETTING_CHOICE,   /* int64_t: the index in `choices` */
    SETTING_BOOLEAN,  /* bool */
    SETTING_NAMES,    /* struct string_list */
    SETTING_PAIR,     /* struct name_value_list; the last part of the path is the name */
    SETTING_JSON,     /* struct name_value_list; each value is a JSON text */
    SETTING_TARGETS   /* struct target_list; strings, or groups with a model and options */
};

/* The struct of settings_types.h that a field is in. */
enum setting_owner { OWNER_SETTINGS, OWNER_PROVIDER, OWNER_CLIENT, OWNER_ALIAS };

struct setting_row {
    const char *path;     /* "*" stands for any name, "#" for an index in a list */
    const char *old_name; /* the path before the setting was deprecated path, still accepted; NULL: none */
    enum setting_type type;
    enum setting_owner owner;
    size_t offset;            /* offset of the field in its owner */
    const char *default_text; /* NULL: empty, see setting_default() */
    bool empty_is_default;    /* for texts that cannot be empty */
    int64_t min, max;         /* both included, in the field's unit */
    const char *choices;      /* "chunk comment", or NULL */
    bool reloadable;          /* a reload (SIGHUP) applies a new value */
    const char *description;  /* for penstock.conf: one or two sentences */
};

/* Returns the row at `index`, or NULL past the end. */
const struct setting_row *setting_row_at(size_t index);

/* Returns the row of the setting at `path` ("providers.nim.base_url", "clients.[0].name"), or NULL. */
const struct setting_row *setting_row_find(const char *path);

/* Returns the row of the setting whose old path is `path`, or NULL. */
const struct setting_row *setting_row_find_old(const char *path);

/* Returns the default in the syntax of the command line, or "" if there is none. */
const char *setting_default(const struct setting_row *row);

enum setting_group { GROUP_NONE, GROUP_NAMES, GROUP_LIST };

/* Returns whether `path`, which is not a setting, is a group { } or a list of groups ( ). */
enum setting_group setting_group_find(const char *path);

#define SETTING_PATH_SIZE 512

/* Writes the first `parts` parts of `pattern`, the path of a row, with the wildcards replaced by the names in
 * `path`. */
void setting_path_fill(const char *pattern, const char *path, size_t parts,
                       char filled[static SETTING_PATH_SIZE]);

/* Finds the setting or group that `path` was probably meant to be. Returns false if none is similar. */
bool setting_suggest(const char *path, char suggestion[static SETTING_PATH_SIZE]);

#endif
