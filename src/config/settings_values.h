/* What file, environment and command line say about settings, in one form and in the order in which it
 * counts. */
#ifndef PENSTOCK_CONFIG_SETTINGS_VALUES_H
#define PENSTOCK_CONFIG_SETTINGS_VALUES_H

#include <stdbool.h>
#include <stddef.h>

/* In which form a value was said; TEXT leaves it to the setting's type to read it. */
enum said_as {
    SAID_TEXT,
    SAID_STRING,
    SAID_INTEGER,
    SAID_FLOAT,
    SAID_BOOLEAN,
    SAID_ELEMENT,
    SAID_JSON,
    SAID_GROUP
};

struct assignment {
    char *path;  /* "pool.min_spare", "providers.nim.base_url", "clients.[0].name" */
    char *text;  /* the value; "" for a group */
    char *where; /* "FILE:LINE", "PENSTOCK_A_B" or "command line" */
    enum said_as form;
};

struct assignments {
    size_t count;
    struct assignment *items;
};

/* Appends copies of the three texts; where two speak of one setting, the later one counts. */
void assignment_add(struct assignments *said, const char *where, const char *path, enum said_as form,
                    const char *text);

/* The one that counts for `path`, or NULL. */
const struct assignment *assignment_find(const struct assignments *said, const char *path);

/* Where `path` was said, or else where something in it was, or else `otherwise`. */
const char *assignment_where(const struct assignments *said, const char *path, const char *otherwise);

/* Overwrites the value, which was a secret, so that none stays behind. */
void assignment_wipe(struct assignment *assignment);

/* Wipes and frees all; NULL is allowed. */
void assignments_free(struct assignments *said);

#endif
