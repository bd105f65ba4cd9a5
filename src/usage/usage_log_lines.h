/* The lines of one file of a log, compressed with gzip or not. */
#ifndef PENSTOCK_USAGE_USAGE_LOG_LINES_H
#define PENSTOCK_USAGE_USAGE_LOG_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct failure;
struct log_lines;

#define LOG_LINE_MAX (1024 * 1024)

/* NULL where the file cannot be opened, or is no ordinary one. */
struct log_lines *usage_log_lines_open(const char *path, struct failure *why) MUST_CHECK;
void usage_log_lines_close(struct log_lines *lines);

/* Is it that file which was opened? */
bool usage_log_lines_are_of(const struct log_lines *lines, uint64_t device, uint64_t inode);

/* The next line without its line feed, in memory that the caller may change until he asks again. NULL at the
 * end. Of a line longer than LOG_LINE_MAX its first bytes come alone. */
char *usage_log_lines_next(struct log_lines *lines, size_t *length);

/* At the end: was that all there is? */
bool usage_log_lines_complete(const struct log_lines *lines, struct failure *why) MUST_CHECK;

/* How many bytes of the file, as it lies on the disk, have been read. */
int64_t usage_log_lines_offset(const struct log_lines *lines);

#endif
