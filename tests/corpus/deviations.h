/* Where we differ from the corpus on purpose, and the sentence of the contract that says so. */
#ifndef CORPUS_DEVIATIONS_H
#define CORPUS_DEVIATIONS_H

#include <stdbool.h>
#include <stddef.h>

struct deviation {
    const char *kind, *digest, *differs; /* as outcome.h writes it */
    size_t met;                          /* cases that it was found for */
    int line;
};

struct deviations {
    struct deviation *items;
    size_t count;
    char *text;
};

/* Reads the file; its head says how it is written. Ends the program at a line that is not so. */
void deviations_read(struct deviations *deviations, const char *path);

/* The one for a case, or NULL. */
struct deviation *deviation_find(struct deviations *deviations, const char *kind, const char *digest);

void deviations_free(struct deviations *deviations);

#endif
