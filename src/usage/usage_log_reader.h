/* Reads the usage log and its rotations, from the oldest line to the newest. */
#ifndef PENSTOCK_USAGE_USAGE_LOG_READER_H
#define PENSTOCK_USAGE_USAGE_LOG_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct failure;
struct json_value;
struct usage_log_entry;
struct usage_log_position;

/* What the reader calls; each may be NULL. The arguments are valid during the call only. */
struct usage_log_reader_ops {
    bool (*entry)(void *context, const struct usage_log_entry *entry); /* false: stop */
    bool (*balance)(void *context, const struct json_value *balance);  /* false: stop */
    void (*complain)(void *context, const struct failure *why);        /* names the file */
    void (*progress)(void *context, int64_t done, int64_t all);        /* bytes on disk */
    void *context;
};

struct usage_log_summary {
    size_t entries, torn; /* lines */
    size_t unread;        /* files that could not be read to their end */
};

/* Reads the log at `path`. Skips files last written before `since_us` (wall clock), because all of their
 * records are older. A torn line is counted and reported to `complain`; a complete record at its end is read.
 * A file that cannot be read is counted and reported, and the others are read. False if there is no log. */
bool usage_log_read(const char *path, int64_t since_us, const struct usage_log_reader_ops *ops,
                    struct usage_log_summary *summary, struct failure *why) MUST_CHECK;

/* The same for a log that grows meanwhile, in two parts that together have each line once: all lines that had
 * ended at the place `until`, and what has been written behind them. Sets `*rest` to where the second part
 * begins. Returns false if the file of that place is no longer the log, or was cut; read it from the
 * beginning then. */
bool usage_log_read_until(const char *path, const struct usage_log_position *until,
                          const struct usage_log_reader_ops *ops, struct usage_log_summary *summary,
                          struct usage_log_position *rest) MUST_CHECK;
bool usage_log_read_rest(const char *path, const struct usage_log_position *rest,
                         const struct usage_log_reader_ops *ops,
                         struct usage_log_summary *summary) MUST_CHECK;

#endif
