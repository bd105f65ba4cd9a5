/* The files of the usage log: the current one and its rotations. */
#ifndef PENSTOCK_USAGE_USAGE_LOG_FILES_H
#define PENSTOCK_USAGE_USAGE_LOG_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct failure;

struct usage_log_file {
    char *path;
    int64_t size, written_us; /* bytes on disk; the time of the last write */
    uint64_t device, inode;
    int64_t first_us; /* when its first line was written; set by the reader */
};

struct usage_log_files {
    struct usage_log_file *files; /* in no order */
    size_t count;
};

/* Finds the log at `path` and its rotations, as usage.jsonl, usage.jsonl.1, usage.jsonl.2.gz,
 * usage.jsonl-20261119.gz or usage-20261119.jsonl. Of a rotation that is there compressed and uncompressed,
 * only the latter is found. False if there is no file or the folder cannot be read. Freed with
 * usage_log_files_free(). */
bool usage_log_files_find(struct usage_log_files *found, const char *path, struct failure *why) MUST_CHECK;

/* The same, and every other file whose name begins with that of the log. False if there is none. */
bool usage_log_files_find_all(struct usage_log_files *found, const char *path) MUST_CHECK;

/* Finds the file under the name that rotation has given it since, and makes that its path. False: the file is
 * gone. */
bool usage_log_file_follow(struct usage_log_file *file, const char *path) MUST_CHECK;
void usage_log_files_free(struct usage_log_files *found);

#endif
