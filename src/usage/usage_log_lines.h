/* The lines of one file of the usage log, compressed with gzip or not. */
#ifndef PENSTOCK_USAGE_USAGE_LOG_LINES_H
#define PENSTOCK_USAGE_USAGE_LOG_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct failure;
struct usage_log_lines;

#define USAGE_LOG_LINE_MAX (1024 * 1024)

/* NULL if the file cannot be opened or is not a regular file. Freed with usage_log_lines_close(). */
struct usage_log_lines *usage_log_lines_open(const char *path, struct failure *why) MUST_CHECK;
void usage_log_lines_close(struct usage_log_lines *lines);

/* Is the open file the one with this device and inode? */
bool usage_log_lines_are_of(const struct usage_log_lines *lines, uint64_t device, uint64_t inode);

/* The next line without its line feed, NULL at the end. The caller may change it; it is valid until the next
 * call. A line longer than USAGE_LOG_LINE_MAX is cut to about that length. */
char *usage_log_lines_next(struct usage_log_lines *lines, size_t *length);

/* At the end: was the file read completely? False: `why` says what went wrong. */
bool usage_log_lines_complete(const struct usage_log_lines *lines, struct failure *why) MUST_CHECK;

/* How many bytes of the file on disk, which may be compressed, have been read. */
int64_t usage_log_lines_offset(const struct usage_log_lines *lines);

#endif
