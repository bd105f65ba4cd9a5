/* The usage log: one JSON line per request, never two, never none. */
#ifndef PENSTOCK_USAGE_USAGE_LOG_H
#define PENSTOCK_USAGE_USAGE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct usage_log;

/* Creates the log at `path` ("": standard error), which is opened when it is first needed. Never returns
 * NULL. */
struct usage_log *usage_log_open(const char *path);
void usage_log_close(struct usage_log *log);

const char *usage_log_path(const struct usage_log *log);

/* `begun` is called when this process finds the log empty or cut, before it writes to it; other processes
 * call theirs as well. It may write with usage_log_continue() only. */
void usage_log_when_begun(struct usage_log *log, void (*begun)(void *context), void *context);

/* Appends the line in one write(), with its line feed. Returns false if the file could not be written; the
 * line then goes to standard error. Opens the path again if it no longer names the open file. */
bool usage_log_append(struct usage_log *log, const char *line, size_t length);

/* Appends to the open file, whatever its name is now. Logs nothing and does not fall back to standard
 * error. */
bool usage_log_continue(struct usage_log *log, const char *line, size_t length) MUST_CHECK;

/* Returns why the last line could not be written to the file, or the next line cannot; NULL if it can. */
const char *usage_log_fault(struct usage_log *log);

/* Tries it now: opens the path again if necessary and reserves room for a line. Returns as usage_log_fault(),
 * and a cause if the path cannot be opened, too. */
const char *usage_log_try(struct usage_log *log);

/* True if the path cannot be opened, and lines go to the file that it named before. */
bool usage_log_is_astray(const struct usage_log *log);

/* Returns where the next line goes; all 0 if the log is no file. */
struct usage_log_position {
    uint64_t device, inode;
    int64_t size;
    uint64_t head; /* usage_log_head(): which log this is; 0: it is shorter than a line */
};
struct usage_log_position usage_log_place(struct usage_log *log);

/* The next line goes to the file that the path names when it is written, not to that place. */
void usage_log_forget_place(struct usage_log *log);

/* Returns a position at or before that place, at less cost. */
struct usage_log_position usage_log_since(struct usage_log *log);

/* Returns the end of the open file, whatever its name is now. */
struct usage_log_position usage_log_end(struct usage_log *log);

/* Appends the line unless the log has it: ends a line that a killed process left without a line feed,
 * searches as usage_log_holds() does (`since` NULL: the line is in no log), and appends the line if it is not
 * there. Returns false if it could not be written. Unlike usage_log_append() it logs nothing and does not
 * fall back to standard error, because the caller keeps the line. */
bool usage_log_write_once(struct usage_log *log, const struct usage_log_position *since, int64_t begun_us,
                          const char *line, size_t length) MUST_CHECK;

#endif
