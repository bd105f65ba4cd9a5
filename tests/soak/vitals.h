/* Samples the memory and descriptors of processes. */
#ifndef SOAK_VITALS_H
#define SOAK_VITALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One process: the sums for a line through its samples (method of least squares). */
struct vital {
    pid_t pid;
    size_t samples;
    double first_s, last_s; /* since the start of the soak */
    double sum_t, sum_tt, sum_m, sum_tm, sum_mm;
    long private_kb, most_descriptors, first_descriptors, last_descriptors;
};

struct vitals {
    struct vital *items;
    size_t count;
};

/* Private memory (Private_Clean and Private_Dirty, proc(5)); 0: the process has ended. */
long private_kb(pid_t pid);

/* Takes a sample of the process. */
void vitals_look(struct vitals *vitals, pid_t pid, double now_s);

/* The line through a process's samples. */
struct trend {
    double kb_per_hour, error; /* the slope and its standard error */
    double noise_kb;           /* how far the samples lie from the line */
};
struct trend vital_trend(const struct vital *vital);

/* The median slope of the processes watched for at least `least_s`; `watched`: how many they are. */
double vitals_median_slope(const struct vitals *vitals, double least_s, size_t *watched);

#endif
