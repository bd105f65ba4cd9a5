/* The usage log: one JSON line per request, never two, never none. */
#ifndef PENSTOCK_USAGE_USAGE_LOG_H
#define PENSTOCK_USAGE_USAGE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct buffer;
struct usage_log;

/* The log at `path` ("": standard error), which is opened when it is needed first. Never NULL. */
struct usage_log *usage_log_open(const char *path);
void usage_log_close(struct usage_log *log);

/* `begun` is called when an empty file has taken the place of one that was moved away, before this process
 * writes to it; other processes call theirs as well. */
void usage_log_when_begun(struct usage_log *log, void (*begun)(void *context), void *context);

/* Appends the line in one write(), with its line feed. False: the file could not be written, and the line
 * went to standard error. Opens the path again if it no longer names the open file. */
bool usage_log_append(struct usage_log *log, const char *line, size_t length);

/* Is the open file empty? */
bool usage_log_is_empty(const struct usage_log *log);

/* Why the last line could not be written to the file, or the next one cannot; NULL: it can. */
const char *usage_log_fault(struct usage_log *log);

/* Where the next line goes; all 0 if that is no file. */
struct usage_log_position {
    uint64_t device, inode;
    int64_t size;
};
struct usage_log_position usage_log_place(struct usage_log *log);

/* A position at or before that one, which costs less. */
struct usage_log_position usage_log_since(const struct usage_log *log);

/* Is this line, which was to be written at that place, in the log, complete and on a line of its own?
 * Searches from there on, in the file that was the log then, if it is still beside ours, and in ours. True
 * too if that file was packed, emptied or thrown away since: the process that had to write the line lived for
 * that long. */
bool usage_log_holds(struct usage_log *log, const struct usage_log_position *since, const char *line,
                     size_t length) MUST_CHECK;

/* Appends the record that begins so, with its line feed, to `line`. False: there is none that is complete, on
 * a line of its own and readable, or `line` has no room. */
bool usage_log_find(struct usage_log *log, const struct usage_log_position *since, const char *begin,
                    size_t length, struct buffer *line) MUST_CHECK;

/* Sees to it that the log holds the line: ends what a killed process has left without a line feed, searches
 * as usage_log_holds() does, and appends the line if it is not there. False: it could not be written. Unlike
 * usage_log_append() it logs nothing and does not fall back to standard error, for the caller keeps the line.
 */
bool usage_log_write_once(struct usage_log *log, const struct usage_log_position *since, const char *line,
                          size_t length) MUST_CHECK;

#endif
