/* Sends a short chat to a provider and measures the answer. */
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

#define PROBE_TEXT_SIZE 120

struct probe {
    const char *url; /* NULL: nothing was sent */
    int status;      /* of the response; 0: no response */
    int64_t frames;  /* number of frames with data in a stream */
    /* Time since the start; -1 if the event did not happen. */
    int64_t connect_us, first_byte_us, first_content_us, total_us;
    struct token_usage usage;
    char text[PROBE_TEXT_SIZE]; /* the beginning of the answer's content */
    struct failure why;         /* set if the probe failed */
};

/* Sends the chat to `target` and waits for the answer, streamed or not. Fills `probe`. Returns false with
 * `probe->why` set if the probe fails. `url` is allocated in the arena. */
bool probe_chat(const struct services *services, const struct target *target, struct arena *arena,
                bool stream, struct probe *probe) MUST_CHECK;

#endif
