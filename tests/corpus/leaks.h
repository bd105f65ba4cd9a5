/* The places in which a provider could echo keys. */
#ifndef CORPUS_LEAKS_H
#define CORPUS_LEAKS_H

#include <stdbool.h>
#include <stddef.h>

struct place {
    const char *name;
    const char *answer; /* of the provider (tests/cases/README); ${keys} are the keys */
    bool shown;         /* the client sees this place */
    bool stream;        /* requested as a stream */
};

extern const struct place places[];
extern const size_t places_count;

#endif
