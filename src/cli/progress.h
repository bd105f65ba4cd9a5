/* A bar on standard error while long work is under way and a person is watching. */
#ifndef PENSTOCK_CLI_PROGRESS_H
#define PENSTOCK_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool watched;
    int64_t started_us, drawn_us;
    bool drawn;
};

struct progress progress_begin(void);

/* Draws the bar anew where it is worth it: not before half a second, and ten times a second at most. */
void progress_show(struct progress *progress, int64_t done, int64_t all);

/* Takes the bar away. */
void progress_end(struct progress *progress);

#endif
