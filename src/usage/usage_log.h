/* The usage log: one JSON line a request, never two, never none. */
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
 * writes to it; others may be called as well. */
void usage_log_when_begun(struct usage_log *log, void (*begun)(void *context), void *context);

/* Appends the line in one write(); to standard error when the file cannot be written, and false then. Opens
 * the path anew when it no longer names the open file. */
bool usage_log_append(struct usage_log *log, const char *line, size_t length);

/* Has nobody written to the file that is open? */
bool usage_log_is_empty(const struct usage_log *log);

/* The same without a word: the caller has kept the line. One that a killed process has left without an end is
 * ended first. */
bool usage_log_try(struct usage_log *log, const char *line, size_t length) MUST_CHECK;

/* Why the last line could not be written where it belongs, or the next one cannot; NULL: all is well. */
const char *usage_log_fault(struct usage_log *log);

/* Where the next line would go; all 0 where that is no file. */
struct usage_log_position {
    uint64_t device, inode;
    int64_t size;
};
struct usage_log_position usage_log_place(struct usage_log *log);

/* A place at or before that, cheaper to tell. */
struct usage_log_position usage_log_since(const struct usage_log *log);

/* Was this line, which was to be written at that place, written? Looks from there on, in the file that was
 * the log then, if it is still beside ours, and in ours. Where that file was packed, emptied or thrown away
 * since, nobody can tell: its process lived for that long, so it counts as written. */
bool usage_log_holds(struct usage_log *log, const struct usage_log_position *since, const char *line,
                     size_t length) MUST_CHECK;

/* Appends the line that begins so, with its line feed, to `line`; false: there is none, or no room. */
bool usage_log_find(struct usage_log *log, const struct usage_log_position *since, const char *begin,
                    size_t length, struct buffer *line) MUST_CHECK;

#endif
