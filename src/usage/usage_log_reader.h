/* Reads the usage log with its rotations, from its oldest line to its newest. */
#ifndef PENSTOCK_USAGE_USAGE_LOG_READER_H
#define PENSTOCK_USAGE_USAGE_LOG_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct failure;
struct json_value;
struct usage_log_entry;

/* Who gets what is read; each may be NULL. Nothing given lives longer than the call. */
struct usage_log_reader_ops {
    bool (*entry)(void *context, const struct usage_log_entry *entry); /* false: enough */
    bool (*balance)(void *context, const struct json_value *balance);  /* false: enough */
    void (*complain)(void *context, const struct failure *why);        /* of a file, which it names */
    void (*progress)(void *context, int64_t done, int64_t all);        /* bytes on the disk */
    void *context;
};

struct usage_log_summary {
    size_t entries, torn; /* lines */
    size_t unread;        /* files of which something could not be read */
};

/* Reads the log at `path`. Files last written before `since_us` are left out: nothing in them is younger. A
 * line that is no whole record is counted and told; where one ends in a record that is whole, that counts.
 * False when there is no log; a file that cannot be read is told to `complain` and counted, and the others
 * are read. */
bool usage_log_read(const char *path, int64_t since_us, const struct usage_log_reader_ops *taker,
                    struct usage_log_summary *summary, struct failure *why) MUST_CHECK;

#endif
