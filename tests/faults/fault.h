/* A row of the matrix: what a provider does wrong, and what must come of it. */
#ifndef FAULTS_FAULT_H
#define FAULTS_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "../kit/text.h"

enum { SAYS_MAX = 8 };

/* How the faulty provider is asked, and who is there besides. */
/* RESPONSES: streamed, by the Responses API, made out of the same chat streams. */
enum kind { BUFFERED, STREAMED, RESPONSES, KINDS };
enum targets { ONE, TWO, HELD, TARGETS };

/* What must be result for one kind and one set of targets. */
struct wanted {
    bool there; /* it is played at all */
    int status, attempts;
    char end[16], reason[24]; /* as the record has them; "-": null */
};

struct fault {
    char *name;
    struct text settings,
        timeouts;      /* lines of penstock.conf; those within the faulty provider's timeout group */
    struct text setup; /* a shell command, see README */
    char *url;         /* NULL: the faulty provider's own */
    char *needs;       /* a setting without which it cannot be played yet; NULL: none */
    double within;     /* seconds that its timeouts and pauses may take together */
    size_t body;       /* bytes that are added to the request's body */
    size_t full;       /* bytes of content in its whole answer; 0: those of every answer */
    const char *says[KINDS][SAYS_MAX];
    size_t says_count[KINDS]; /* answers, the last of which is given for ever */
    struct wanted wanted[KINDS][TARGETS];
};

struct faults {
    struct fault *items;
    size_t count;
};

/* Adds those of a file; ends the test where it cannot be read. */
void faults_read(struct faults *faults, const char *path);

const char *kind_name(enum kind kind);
const char *targets_name(enum targets targets);

#endif
