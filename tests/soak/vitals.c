/* Private memory and descriptors of processes over time, from /proc. */
#include "vitals.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../kit/process.h"
#include "../kit/text.h"

#define LOST_S 30
#define WARM_UP_S 10 /* the first requests of a process fill its caches */

/* 0: the process has ended meanwhile. */
long private_kb(pid_t pid)
{
    char path[64], line[256];
    long sum = 0, size;
    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)pid);
    FILE *rollup = fopen(path, "r");
    while (rollup && fgets(line, sizeof line, rollup))
        if (sscanf(line, "Private_Clean: %ld", &size) == 1 || sscanf(line, "Private_Dirty: %ld", &size) == 1)
            sum += size;
    if (rollup)
        fclose(rollup);
    return sum;
}

/* A process not seen for so long is another one: process ids are reused. */
static struct vital *find(struct vitals *vitals, pid_t pid, double now_s)
{
    for (size_t i = vitals->count; i-- > 0;)
        if (vitals->items[i].pid == pid && now_s - vitals->items[i].last_s < LOST_S)
            return &vitals->items[i];
    vitals->items = realloc(vitals->items, (vitals->count + 1) * sizeof *vitals->items);
    if (!vitals->items)
        give_up("no memory for %zu processes", vitals->count + 1);
    vitals->items[vitals->count] = (struct vital){.pid = pid, .first_s = now_s, .last_s = now_s};
    return &vitals->items[vitals->count++];
}

void vitals_look(struct vitals *vitals, pid_t pid, double now_s)
{
    long memory = private_kb(pid), descriptors = (long)process_descriptors(pid);
    if (!memory || !descriptors)
        return; /* it has just ended */
    struct vital *vital = find(vitals, pid, now_s);
    vital->private_kb = memory;
    vital->last_s = now_s;
    vital->last_descriptors = descriptors;
    if (descriptors > vital->most_descriptors)
        vital->most_descriptors = descriptors;
    double t = now_s - vital->first_s, m = (double)memory;
    if (t < WARM_UP_S)
        return;
    if (!vital->samples)
        vital->first_descriptors = descriptors;
    vital->samples++;
    vital->sum_t += t;
    vital->sum_tt += t * t;
    vital->sum_m += m;
    vital->sum_tm += t * m;
    vital->sum_mm += m * m;
}

struct trend vital_trend(const struct vital *vital)
{
    double n = (double)vital->samples;
    double spread = n > 2 ? vital->sum_tt - vital->sum_t * vital->sum_t / n : 0;
    if (spread <= 0)
        return (struct trend){0};
    double slope = (vital->sum_tm - vital->sum_t * vital->sum_m / n) / spread;
    double total = vital->sum_mm - vital->sum_m * vital->sum_m / n;
    double rest = fmax(total - slope * slope * spread, 0) / (n - 2);
    return (struct trend){slope * 3600, sqrt(rest / spread) * 3600, sqrt(rest)};
}

static int by_size(const void *one, const void *other)
{
    const double *a = one, *b = other;
    return (*a > *b) - (*a < *b);
}

double vitals_median_slope(const struct vitals *vitals, double least_s, size_t *watched)
{
    double *slopes = calloc(vitals->count + 1, sizeof *slopes);
    *watched = 0;
    if (!slopes)
        give_up("no memory for %zu slopes", vitals->count);
    for (size_t i = 0; i < vitals->count; i++)
        if (vitals->items[i].samples > 2 && vitals->items[i].last_s - vitals->items[i].first_s >= least_s)
            slopes[(*watched)++] = vital_trend(&vitals->items[i]).kb_per_hour;
    qsort(slopes, *watched, sizeof *slopes, by_size);
    double median = *watched ? slopes[*watched / 2] : 0;
    free(slopes);
    return median;
}
