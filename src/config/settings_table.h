/* Every setting, one row each: what the reader, `penstock check`, penstock.conf and its manual page go by. */
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
    SETTING_SIZE,     /* int64_t bytes; a text with K, M or G in the file */
    SETTING_MONEY,    /* int64_t billionths of a USD; USD in the file */
    SETTING_MODE,     /* int64_t; a text of octal digits in the file */
    SETTING_CHOICE,   /* int64_t: the place in `choices` */
    SETTING_BOOLEAN,  /* bool */
    SETTING_NAMES,    /* struct string_list */
    SETTING_PAIR,     /* struct name_value_list; the path's last part is the name */
    SETTING_JSON      /* the same, and the value is JSON text */
};

struct setting_row {
    const char *path; /* "*" stands for any name, "#" for the place in a list */
    enum setting_type type;
    const char *standard; /* the default, as text */
    int64_t least,
        most; /* both included, in the field's unit; a text with least 1: empty means the default */
    const char *choices; /* "chunk comment", or NULL */
    bool reloadable;     /* SIGHUP is enough for a new value */
    size_t offset;       /* of the field in struct settings or the struct of the group's items */
    const char *sentence;
};

/* The rows in order, NULL past the end. */
const struct setting_row *setting_row_at(size_t index);

/* The row that rules `path` ("providers.nim.base_url", "clients.[0].name"), or NULL. */
const struct setting_row *setting_row_find(const char *path);

enum setting_group { GROUP_NONE, GROUP_NAMES, GROUP_LIST };

/* What lies at `path`, if it is no setting itself: nothing known, a group { }, or a list of groups ( ). */
enum setting_group setting_group_find(const char *path);

#define SETTING_PATH_SIZE 512

/* The known setting or group that `path` was probably meant to be; false when nothing is near. */
bool setting_suggest(const char *path, char nearest[static SETTING_PATH_SIZE]);

#endif
