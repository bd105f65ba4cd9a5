/* The report of `penstock usage` as a program reads it. */
#ifndef PENSTOCK_CLI_USAGE_PRINT_H
#define PENSTOCK_CLI_USAGE_PRINT_H

#include <stddef.h>
#include <stdio.h>

struct dimension;
struct usage_log_summary;
struct usage_report;

/* One JSON text: the groups, all together, and how well the log could be read. Unknown is null. */
void usage_print_json(struct usage_report *report, const struct dimension *const *dimensions, size_t count,
                      const struct usage_log_summary *summary, FILE *out);

/* Comma-separated values (RFC 4180), a line of names first. Unknown is empty. A text that a spreadsheet would
 * take for a formula has an apostrophe before it. */
void usage_print_csv(struct usage_report *report, const struct dimension *const *dimensions, size_t count,
                     FILE *out);

#endif
