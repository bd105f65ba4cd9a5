/* What a relay is given and what it finds. */
#ifndef RELAY_JOB_H
#define RELAY_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "heading.h"
#include "refusal.h"
#include "usage.h"

struct reply;
struct secret;
struct settings;
struct upstream;

struct relay_job {
    /* given */
    const struct settings *settings;
    struct upstream *upstream;
    struct reply *reply;
    struct heading heading;    /* the header lines of the answer */
    struct refusal refusal;    /* who is named in an error frame */
    const char *provider;      /* whose rules of failures hold */
    const struct secret *keys; /* never to be seen in an answer of ours */
    size_t key_count;
    int stop;         /* readable: end now, with an error; -1: never */
    bool stream;      /* the client wants one */
    bool strip_usage; /* and did not ask for the usage frame */
    /* found */
    struct usage usage;
    enum exchange_end end;
    struct failure failure; /* said in a stream that had begun; FAILURE_NONE: none */
};

#endif
