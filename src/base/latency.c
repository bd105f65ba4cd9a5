/* A histogram of durations. Each octave is divided into eight steps of equal width. */
#include "base/latency.h"

#define STEPS_PER_OCTAVE 8
#define STEP_BITS 3
#define MILLISECOND 1000
#define SLICES 8

/* Returns the step of a duration. Below 8 ms, each step is a millisecond. */
static unsigned step_of(int64_t duration_us)
{
    uint64_t ms = duration_us > 0 ? (uint64_t)duration_us / MILLISECOND : 0;
    if (ms < STEPS_PER_OCTAVE)
        return (unsigned)ms;
    unsigned octave = 63 - (unsigned)__builtin_clzll(ms);
    unsigned step = (octave - STEP_BITS + 1) * STEPS_PER_OCTAVE +
                    (unsigned)(ms >> (octave - STEP_BITS)) % STEPS_PER_OCTAVE;
    return step < LATENCY_STEPS ? step : LATENCY_STEPS - 1;
}

/* Returns the lower bound of a step, in milliseconds. */
static int64_t lower_bound(unsigned step)
{
    if (step < STEPS_PER_OCTAVE)
        return step;
    unsigned octave = step / STEPS_PER_OCTAVE + STEP_BITS - 1;
    return (int64_t)(STEPS_PER_OCTAVE + step % STEPS_PER_OCTAVE) << (octave - STEP_BITS);
}

void latency_add(struct latency *latency, int64_t duration_us)
{
    latency->counts[step_of(duration_us)]++;
    latency->count++;
}

void latency_add_some(struct latency *latency, int64_t from_ms, int64_t to_ms, int64_t count)
{
    for (int64_t i = 0; i < SLICES; i++) {
        int64_t part = count * (i + 1) / SLICES - count * i / SLICES;
        int64_t middle_ms = from_ms + (to_ms - from_ms) * (2 * i + 1) / (2 * SLICES);
        latency->counts[step_of(middle_ms * MILLISECOND)] += (uint32_t)part;
    }
    latency->count += count;
}

void latency_merge(struct latency *latency, const struct latency *other)
{
    for (unsigned i = 0; i < LATENCY_STEPS; i++)
        latency->counts[i] += other->counts[i];
    latency->count += other->count;
}

/* Assumes that the durations within a step are spread evenly. */
int64_t latency_percentile_us(const struct latency *latency, double share)
{
    double rank = share * (double)latency->count, below = 0;
    for (unsigned i = 0; i < LATENCY_STEPS; i++) {
        double in_step = latency->counts[i];
        if (in_step > 0 && below + in_step >= rank) {
            double begin = (double)lower_bound(i), width = (double)lower_bound(i + 1) - begin;
            return (int64_t)((begin + width * (rank - below) / in_step) * MILLISECOND);
        }
        below += in_step;
    }
    return -1;
}
