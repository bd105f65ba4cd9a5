/* The report of `penstock usage` as a person reads it. */
#ifndef PENSTOCK_CLI_USAGE_TABLE_H
#define PENSTOCK_CLI_USAGE_TABLE_H

#include <stddef.h>
#include <stdio.h>

struct dimension;
struct usage_report;

/* A line a group, and one for all together; what is not known is "-". */
void usage_table_print(struct usage_report *report, const struct dimension *const *dimensions, size_t count,
                       FILE *out);

#endif
