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

/* Opens a file of the log. Returns NULL if the file cannot be opened or is not a regular file. The caller
 * frees the lines with usage_log_lines_close(). */
struct usage_log_lines *usage_log_lines_open(const char *path, struct failure *why) MUST_CHECK;
void usage_log_lines_close(struct usage_log_lines *lines);

/* True if the open file has this device and inode. */
bool usage_log_lines_are_of(const struct usage_log_lines *lines, uint64_t device, uint64_t inode);

/* Returns a digest of the first bytes of the file, uncompressed. A renamed, copied or compressed log keeps
 * its digest; a log that was emptied and has grown again has another. Returns 0 if the file is too short.
 * Call it before the first line is read. */
uint64_t usage_log_lines_head(struct usage_log_lines *lines);

/* Continues at `offset` of the uncompressed file. The bytes from there to the first line feed are returned as
 * a line of their own. */
void usage_log_lines_skip(struct usage_log_lines *lines, int64_t offset);

/* Returns the same digest of an open file that is not compressed. */
uint64_t usage_log_head(int file);

/* True if a line feed ends the line that was returned last. */
bool usage_log_lines_ended(const struct usage_log_lines *lines);

/* Returns the next line without its line feed, NULL at the end. The caller may change it; it is valid until
 * the next call. A line longer than USAGE_LOG_LINE_MAX is cut to about that length. */
char *usage_log_lines_next(struct usage_log_lines *lines, size_t *length);

/* Call it at the end. Returns false with the cause in `why` if the file was not read completely. */
bool usage_log_lines_complete(const struct usage_log_lines *lines, struct failure *why) MUST_CHECK;

/* Returns where in the uncompressed file the next line begins. */
int64_t usage_log_lines_place(const struct usage_log_lines *lines);

/* Returns the number of bytes that were read from the file on disk, which may be compressed. */
int64_t usage_log_lines_offset(const struct usage_log_lines *lines);

#endif
