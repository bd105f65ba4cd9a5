/* Searches the usage log and its rotations for a line that may have been written. */
#ifndef PENSTOCK_USAGE_USAGE_LOG_SEARCH_H
#define PENSTOCK_USAGE_USAGE_LOG_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "usage/usage_log.h"

struct buffer;

/* Is the line of an exchange that began at `begun_us` (wall clock), which was to be written at `since`, in
 * the log at `path`, complete and on a line of its own? Searches from there on, in the file that was the log
 * then, if it or a copy of it is still beside the log, and in all later ones, because a process that
 * recovered the exchange may have written the line and died as well. True too if that file was emptied or
 * thrown away since: the process that had to write the line lived for that long, and what was cut off is
 * lost. */
bool usage_log_holds(const char *path, const struct usage_log_position *since, int64_t begun_us,
                     const char *line, size_t length) MUST_CHECK;

/* Appends the record of an exchange that began at `begun_us` (wall clock), and whose line begins with
 * `begin`, to `line`, with its line feed. False: there is none that is complete, on a line of its own and
 * readable, or `line` has no room. */
bool usage_log_find(const char *path, const struct usage_log_position *since, int64_t begun_us,
                    const char *begin, size_t length, struct buffer *line) MUST_CHECK;

#endif
