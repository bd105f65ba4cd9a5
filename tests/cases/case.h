/* A case file, read. The format is explained in README. */
#ifndef CASES_CASE_H
#define CASES_CASE_H

#include <stdbool.h>

#include "../kit/sections.h"

enum way { WAY_CGI, WAY_FD0, WAY_SERVE, WAYS };

#define MAX_ROUNDS 16

/* One request of the client and its parts; NULL: the file has no such part. */
struct round {
    const struct section *says, *does, *hears, *record;
};

struct test_case {
    char *name; /* the file's, without its folder and ".case" */
    bool ways[WAYS];
    char *pending; /* what must be built before the case can pass; NULL: nothing */
    struct sections parts;
    const struct section *settings, *arguments;
    const struct section *files[MAX_ROUNDS]; /* "file NAME" */
    size_t file_count;
    struct round rounds[MAX_ROUNDS];
    size_t round_count;
    const struct section *upstream_hears[MAX_ROUNDS], *upstream_says[MAX_ROUNDS];
    size_t heard_count, said_count;
};

const char *way_name(enum way way);

/* Reads the file; ends the run if it is not a case. */
void case_read(struct test_case *test, const char *path);

/* Is it the part "TITLE, HOW"? */
bool section_is(const struct section *section, const char *how);

#endif
