/* The files of a log: the one that is written, and those that rotation has put beside it. */
#ifndef PENSTOCK_USAGE_USAGE_LOG_FILES_H
#define PENSTOCK_USAGE_USAGE_LOG_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct failure;

struct usage_log_file {
    char *path;
    int64_t size, written_us; /* bytes on the disk; when it was last written */
    uint64_t device, inode;
    int64_t first_us; /* when its first line was written: for whoever has read that */
};

struct usage_log_files {
    struct usage_log_file *files; /* in no order */
    size_t count;
};

/* What there is of the log at `path`: usage.jsonl, usage.jsonl.1, usage.jsonl.2.gz, usage.jsonl-20261119.gz,
 * usage-20261119.jsonl. A rotation that is there compressed and uncompressed counts once. False when there is
 * nothing, or the folder cannot be read. Freed with usage_log_files_free(). */
bool usage_log_files_find(struct usage_log_files *found, const char *path, struct failure *why) MUST_CHECK;

/* Finds the file again if rotation has given it another name since, which becomes its path. False: it is not
 * there any more. */
bool usage_log_file_follow(struct usage_log_file *file, const char *path) MUST_CHECK;
void usage_log_files_free(struct usage_log_files *found);

#endif
