/* Keeps every duration, so that percentiles are exact and need no buckets. */
#include "samples.h"

#include <stdlib.h>

#include "../kit/text.h"

void samples_add(struct samples *samples, int64_t us)
{
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity ? samples->capacity * 2 : 4096;
        samples->us = realloc(samples->us, samples->capacity * sizeof *samples->us);
        if (!samples->us)
            give_up("no memory for %zu samples", samples->capacity);
    }
    samples->us[samples->count++] = us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static int compare(const void *one, const void *other)
{
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return (a > b) - (a < b);
}

uint32_t samples_percentile(struct samples *samples, double percent)
{
    if (samples->count == 0)
        return 0;
    qsort(samples->us, samples->count, sizeof *samples->us, compare);
    size_t place = (size_t)(percent / 100 * (double)samples->count);
    return samples->us[place < samples->count ? place : samples->count - 1];
}
