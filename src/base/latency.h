/* A histogram of durations; each step is an eighth of its octave wide. */
#ifndef PENSTOCK_BASE_LATENCY_H
#define PENSTOCK_BASE_LATENCY_H

#include <stdint.h>

#define LATENCY_STEPS 192 /* from 1 ms to some 18 hours */

/* Plain data, to be zeroed before its first use. */
struct latency {
    uint32_t counts[LATENCY_STEPS];
    int64_t count;
};

void latency_add(struct latency *latency, int64_t duration_us);
/* Adds `count` durations from `from_ms` to `to_ms`, spread evenly. */
void latency_add_some(struct latency *latency, int64_t from_ms, int64_t to_ms, int64_t count);
void latency_merge(struct latency *latency, const struct latency *other);

/* Returns the duration that `share` (0 to 1) of the durations do not exceed, to within an eighth; -1 if the
 * histogram is empty. */
int64_t latency_percentile_us(const struct latency *latency, double share);

#endif
