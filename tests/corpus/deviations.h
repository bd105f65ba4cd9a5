/* The list of intended differences from the corpus, each with its reason. */
#ifndef CORPUS_DEVIATIONS_H
#define CORPUS_DEVIATIONS_H

#include <stdbool.h>
#include <stddef.h>

struct deviation {
    const char *kind, *digest, *differs; /* as outcome.h writes it */
    size_t met;                          /* how many cases it was found for */
    int line;
};

struct deviations {
    struct deviation *items;
    size_t count;
    char *text;
};

/* Reads the file, whose head explains its form. Ends the program at a malformed line. */
void deviations_read(struct deviations *deviations, const char *path);

/* The deviation of a case, or NULL. */
struct deviation *deviation_find(struct deviations *deviations, const char *kind, const char *digest);

void deviations_free(struct deviations *deviations);

#endif
