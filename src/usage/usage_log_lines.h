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

/* A digest of the first bytes of the file, uncompressed: the same for a renamed, copied or compressed log,
 * and another one for a log that was emptied and has grown again. 0: the file is too short to tell. To be
 * called before the first line is read. */
uint64_t usage_log_lines_head(struct usage_log_lines *lines);

/* Goes on with what stands at or behind `offset`, uncompressed. What is before the first line feed from there
 * on is returned as a line of its own. */
void usage_log_lines_skip(struct usage_log_lines *lines, int64_t offset);

/* The same digest of an open file that is not compressed. */
uint64_t usage_log_head(int file);

/* Does a line feed end the line that was returned last? */
bool usage_log_lines_ended(const struct usage_log_lines *lines);

/* The next line without its line feed, NULL at the end. The caller may change it; it is valid until the next
 * call. A line longer than USAGE_LOG_LINE_MAX is cut to about that length. */
char *usage_log_lines_next(struct usage_log_lines *lines, size_t *length);

/* At the end: was the file read completely? False: `why` says what went wrong. */
bool usage_log_lines_complete(const struct usage_log_lines *lines, struct failure *why) MUST_CHECK;

/* How many bytes of the file on disk, which may be compressed, have been read. */
int64_t usage_log_lines_offset(const struct usage_log_lines *lines);

#endif
