/* What the usage log comes to: requests, errors, tokens, money and time, summed up by what they have in
 * common.
 */
#ifndef PENSTOCK_USAGE_USAGE_REPORT_H
#define PENSTOCK_USAGE_USAGE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/latency.h"

struct usage_log_entry;

#define DIMENSIONS_MAX 8

/* By what is summed up. */
struct dimension {
    const char *name;   /* "client" */
    const char *absent; /* for people, where a record has none */
    size_t text;        /* where the entry has it */
    size_t prefix;      /* how much of it counts, of a time; 0: all */
};

/* The one of that name, NULL: none; and all names, with commas. */
const struct dimension *dimension_find(const char *name, size_t length);
extern const char dimension_names[];

/* Requests that nobody counted, or that nobody could price, are in no sum but their own. */
struct usage_sums {
    int64_t requests, errors;
    int64_t counted; /* requests whose tokens are known */
    int64_t prompt_tokens, completion_tokens, total_tokens;
    int64_t priced, unpriced; /* requests: with a cost; with one that is not known */
    int64_t cost;             /* of those priced, in billionths of a USD */
    struct latency latency;
};

struct usage_group {
    const char *values[DIMENSIONS_MAX]; /* by dimension; NULL: none */
    struct usage_sums sums;
};

struct usage_report;

struct usage_report *usage_report_create(const struct dimension *const *dimensions, size_t count);
void usage_report_free(struct usage_report *report);
void usage_report_add(struct usage_report *report, const struct usage_log_entry *entry);

/* Adds what others have summed up, to the group that `names` belongs to. */
void usage_report_add_sums(struct usage_report *report, const struct usage_log_entry *names,
                           const struct usage_sums *sums);

/* The groups in the order to show them in: by time, where a dimension is one, else the dearest first. Valid
 * until one is added. */
const struct usage_group *const *usage_report_groups(struct usage_report *report, size_t *count);

/* All together. */
const struct usage_sums *usage_report_total(const struct usage_report *report);

#endif
