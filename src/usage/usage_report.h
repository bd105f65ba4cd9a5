/* Sums of the usage log: requests, errors, tokens, cost and latency, grouped by dimensions such as the
 * client. */
#ifndef PENSTOCK_USAGE_USAGE_REPORT_H
#define PENSTOCK_USAGE_USAGE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/latency.h"

struct usage_log_entry;

#define DIMENSIONS_MAX 8

/* A property of a record by which the report groups. */
struct dimension {
    const char *name;   /* "client" */
    const char *absent; /* what a table shows if a record has no value */
    size_t text;        /* offset of the text in struct usage_log_entry */
    size_t prefix;      /* how many bytes of a time count; 0: all */
};

/* The dimension of that name, NULL if there is none; and the list of all names. */
const struct dimension *dimension_find(const char *name, size_t length);
extern const char dimension_names[];

/* Requests with unknown tokens or cost are in no sum of tokens or cost. */
struct usage_sums {
    int64_t requests, errors;
    int64_t counted; /* requests whose tokens are known */
    int64_t prompt_tokens, completion_tokens, total_tokens;
    int64_t priced, unpriced; /* requests whose cost is known; requests that cost an unknown amount */
    int64_t cost;             /* of the priced requests, in billionths of a USD */
    struct latency latency;
};

struct usage_group {
    const char *values[DIMENSIONS_MAX]; /* one for each dimension; NULL: the records have none */
    struct usage_sums sums;
};

struct usage_report;

/* A report by `count` dimensions, at most DIMENSIONS_MAX. Freed with usage_report_free(). */
struct usage_report *usage_report_create(const struct dimension *const *dimensions, size_t count);
void usage_report_free(struct usage_report *report);
void usage_report_add(struct usage_report *report, const struct usage_log_entry *entry);

/* Adds sums to the group that the values in `names` belong to. */
void usage_report_add_sums(struct usage_report *report, const struct usage_log_entry *names,
                           const struct usage_sums *sums);

/* The groups in the order in which they are shown: by value if a dimension is a time, else by cost, the
 * highest first. Valid until the next change of the report. */
const struct usage_group *const *usage_report_groups(struct usage_report *report, size_t *count);

/* The sums over all groups. */
const struct usage_sums *usage_report_total(const struct usage_report *report);

#endif
