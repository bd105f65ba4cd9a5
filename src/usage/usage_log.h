/* The usage log: one JSON line per request, never two, never none. */
#ifndef PENSTOCK_USAGE_USAGE_LOG_H
#define PENSTOCK_USAGE_USAGE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct usage_log;

/* The log at `path` ("": standard error), which is opened when it is needed first. Never NULL. */
struct usage_log *usage_log_open(const char *path);
void usage_log_close(struct usage_log *log);

const char *usage_log_path(const struct usage_log *log);

/* `begun` is called when this process finds the log empty or cut, before it writes to it; other processes
 * call theirs as well. It may write with usage_log_continue() only. */
void usage_log_when_begun(struct usage_log *log, void (*begun)(void *context), void *context);

/* Appends the line in one write(), with its line feed. False: the file could not be written, and the line
 * went to standard error. Opens the path again if it no longer names the open file. */
bool usage_log_append(struct usage_log *log, const char *line, size_t length);

/* Appends to the open file, whatever its name is now. Logs nothing and does not fall back to standard
 * error. */
bool usage_log_continue(struct usage_log *log, const char *line, size_t length) MUST_CHECK;

/* Why the last line could not be written to the file, or the next one cannot; NULL: it can. */
const char *usage_log_fault(struct usage_log *log);

/* The same, tried now: opens the path again if necessary, and looks whether there is room for a line. */
const char *usage_log_try(struct usage_log *log);

/* Where the next line goes; all 0 if that is no file. */
struct usage_log_position {
    uint64_t device, inode;
    int64_t size;
    uint64_t head; /* usage_log_head(): which log this is; 0: it is shorter than a line */
};
struct usage_log_position usage_log_place(struct usage_log *log);

/* The next line does not go there, but where the path leads when it is written. */
void usage_log_forget_place(struct usage_log *log);

/* A position at or before that one, which costs less. */
struct usage_log_position usage_log_since(struct usage_log *log);

/* The end of the open file, whatever its name is now. */
struct usage_log_position usage_log_end(struct usage_log *log);

/* Sees to it that the log holds the line: ends what a killed process has left without a line feed, searches
 * as usage_log_holds() does (`since` NULL: the line is in no log), and appends the line if it is not there.
 * False: it could not be written. Unlike usage_log_append() it logs nothing and does not fall back to
 * standard error, for the caller keeps the line.
 */
bool usage_log_write_once(struct usage_log *log, const struct usage_log_position *since, int64_t begun_us,
                          const char *line, size_t length) MUST_CHECK;

#endif
