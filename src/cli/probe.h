/* One short chat with a provider, to see how it goes. */
#ifndef PENSTOCK_CLI_PROBE_H
#define PENSTOCK_CLI_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "base/failure.h"
#include "usage/token_usage.h"

struct arena;
struct services;
struct target;

#define PROBE_SAID_SIZE 120

struct probe {
    const char *url; /* what was asked, NULL: it did not come to that */
    int status;      /* 0: none came */
    int64_t connect_us, first_byte_us, first_content_us, total_us; /* -1: it did not come to that */
    int64_t frames;                                                /* of a stream, with data */
    struct token_usage usage;
    char said[PROBE_SAID_SIZE]; /* the beginning of the answer's content */
    struct failure why;         /* of a probe that failed */
};

/* Asks the way a client's request would be asked; false with the cause in the probe. */
bool probe_chat(const struct services *services, const struct target *target, struct arena *arena,
                bool stream, struct probe *probe) MUST_CHECK;

#endif
