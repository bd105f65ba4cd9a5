/* The answers that we give ourselves: the models, runs and our health. */
#ifndef PENSTOCK_PAGES_PAGES_H
#define PENSTOCK_PAGES_PAGES_H

#include <stdbool.h>

#include "base/base.h"

struct arena;
struct buffer;
struct client_settings;
struct failure;
struct services;
struct route;

struct local_question {
    const struct services *services;
    struct arena *arena;
    const struct route *route;
    const char *rest;                     /* what followed its path */
    const struct client_settings *client; /* NULL: an anonymous one */
    const char *query;
    const char **run; /* found: the run that is asked about */
};

struct local_answer {
    int status;
    const char *type;  /* for the Content-Type header */
    const char *stale; /* names the providers whose models may be others by now; NULL: none */
};

/* Writes the body of a route's answer that is not forwarded. */
bool local_answer(const struct local_question *asked, struct buffer *body, struct local_answer *answer,
                  struct failure *why) MUST_CHECK;

#endif
