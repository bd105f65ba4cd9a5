/* Collects durations and computes their percentiles. */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct samples {
    uint32_t *us;
    size_t count, capacity;
};

void samples_add(struct samples *samples, int64_t us);

/* The value that `percent` of them do not exceed, in microseconds; 0: there are none. Sorts them. */
uint32_t samples_percentile(struct samples *samples, double percent);

#endif
