/* Searches the usage log and its rotations for a line that may have been written. */
#ifndef PENSTOCK_USAGE_USAGE_LOG_SEARCH_H
#define PENSTOCK_USAGE_USAGE_LOG_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "usage/usage_log.h"

struct buffer;

/* Returns true if the log at `path` has the line, complete and on a line of its own. The exchange began at
 * `begun_us` (wall clock), and its line was to be written at `since`. The search begins there, in the file
 * that was the log then, if that file or a copy of it is still beside the log. It covers all later files,
 * because a process that recovered the exchange may have written the line and died as well. Returns true as
 * well if that file was emptied or removed since: the process that had to write the line lived for that long,
 * and the bytes that were cut off are lost. */
bool usage_log_holds(const char *path, const struct usage_log_position *since, int64_t begun_us,
                     const char *line, size_t length) MUST_CHECK;

/* Appends the record of an exchange that began at `begun_us` (wall clock), and whose line begins with
 * `begin`, to `line`, with its line feed. Returns false if the log has no such line that is complete and
 * readable, or if `line` has no room. */
bool usage_log_find(const char *path, const struct usage_log_position *since, int64_t begun_us,
                    const char *begin, size_t length, struct buffer *line) MUST_CHECK;

#endif
