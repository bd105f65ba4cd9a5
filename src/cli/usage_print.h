/* Prints the report of `penstock usage`: as a table for people, as JSON and as CSV for programs. */
#ifndef PENSTOCK_CLI_USAGE_PRINT_H
#define PENSTOCK_CLI_USAGE_PRINT_H

#include <stddef.h>
#include <stdio.h>

struct dimension;
struct usage_log_summary;
struct usage_report;

/* `dimensions` are the `count` dimensions of the report. The caller checks `out` for write errors. */

/* Prints aligned columns, with one line per group and a last line for the total. Unknown values are "-". */
void usage_print_table(struct usage_report *report, const struct dimension *const *dimensions, size_t count,
                       FILE *out);

/* Prints one JSON object with the groups, the total, and how much of the log could not be read. Unknown
 * values are null. */
void usage_print_json(struct usage_report *report, const struct dimension *const *dimensions, size_t count,
                      const struct usage_log_summary *summary, FILE *out);

/* Prints comma-separated values (RFC 4180) with a header line. Unknown values are empty. An apostrophe
 * precedes a text that a spreadsheet would interpret as a formula. */
void usage_print_csv(struct usage_report *report, const struct dimension *const *dimensions, size_t count,
                     FILE *out);

#endif
