/* The lines of one file of the usage log, compressed with gzip or not: zlib reads both. */
#include "usage/usage_log_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/failure.h"
#include "base/memory.h"

#define PIECE (256 * 1024)
#define HEAD_BYTES 128 /* the beginning of a line, with its id */
#define BUFFER_SIZE (USAGE_LOG_LINE_MAX + PIECE)

struct usage_log_lines {
    gzFile file;
    char *path;
    uint64_t device, inode;
    char *bytes; /* BUFFER_SIZE of them; those from `from` to `to` are read and not yet returned */
    size_t from, to;
    size_t searched; /* bytes after `from` that hold no line feed */
    bool ended;      /* the end of the file was reached */
    bool skipping;   /* the rest of an overlong line is skipped */
    bool fed;        /* a line feed ended the last line */
};

/* O_NONBLOCK: opening a FIFO in the folder must not block. */
static gzFile open_file(const char *path, struct stat *status)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return NULL;
    errno = 0;
    bool regular = fstat(descriptor, status) == 0 && S_ISREG(status->st_mode);
    gzFile file = regular ? gzdopen(descriptor, "r") : NULL;
    if (!file) {
        errno = errno ? errno : EINVAL;
        close(descriptor);
    }
    return file;
}

struct usage_log_lines *usage_log_lines_open(const char *path, struct failure *why)
{
    struct stat status;
    gzFile file = open_file(path, &status);
    if (!file) {
        fail(why, FAILURE_SETTING, "cannot read %s: %s", path, strerror(errno));
        return NULL;
    }
    gzbuffer(file, PIECE / 2);
    struct usage_log_lines *lines = memory_alloc(1, sizeof *lines);
    lines->file = file;
    lines->device = status.st_dev;
    lines->inode = status.st_ino;
    lines->path = memory_copy(path, strlen(path));
    lines->bytes = memory_alloc(BUFFER_SIZE, 1);
    return lines;
}

void usage_log_lines_close(struct usage_log_lines *lines)
{
    gzclose_r(lines->file);
    free(lines->bytes);
    free(lines->path);
    free(lines);
}

bool usage_log_lines_are_of(const struct usage_log_lines *lines, uint64_t device, uint64_t inode)
{
    return lines->device == device && lines->inode == inode;
}

static void read_more(struct usage_log_lines *lines)
{
    memmove(lines->bytes, lines->bytes + lines->from, lines->to - lines->from);
    lines->to -= lines->from;
    lines->from = 0;
    int got = gzread(lines->file, lines->bytes + lines->to, PIECE);
    if (got < PIECE)
        lines->ended = true;
    if (got > 0)
        lines->to += (size_t)got;
}

/* FNV-1a, 64 bits: tells files apart, and is no cryptographic hash. Never 0. */
static uint64_t digest_of(const char *bytes)
{
    uint64_t digest = 14695981039346656037u;
    for (size_t i = 0; i < HEAD_BYTES; i++)
        digest = (digest ^ (unsigned char)bytes[i]) * 1099511628211u;
    return digest ? digest : 1;
}

uint64_t usage_log_lines_head(struct usage_log_lines *lines)
{
    while (lines->to < HEAD_BYTES && !lines->ended)
        read_more(lines);
    return lines->to < HEAD_BYTES ? 0 : digest_of(lines->bytes);
}

uint64_t usage_log_head(int file)
{
    char bytes[HEAD_BYTES];
    return pread(file, bytes, sizeof bytes, 0) == sizeof bytes ? digest_of(bytes) : 0;
}

void usage_log_lines_skip(struct usage_log_lines *lines, int64_t offset)
{
    lines->from = lines->to = lines->searched = 0;
    lines->ended = gzseek(lines->file, (z_off_t)offset, SEEK_SET) < 0;
}

bool usage_log_lines_ended(const struct usage_log_lines *lines)
{
    return lines->fed;
}

/* The end of the line that begins at `from`; NULL if it has not been read yet. */
static char *find_end(struct usage_log_lines *lines)
{
    char *begin = lines->bytes + lines->from;
    size_t available = lines->to - lines->from;
    char *end = memchr(begin + lines->searched, '\n', available - lines->searched);
    lines->searched = end ? 0 : available;
    return end;
}

/* Returns the beginning of an overlong line and skips the rest of it. `feed`: 1 if a line feed ends it, else
 * 0. */
static char *take(struct usage_log_lines *lines, size_t length, size_t feed)
{
    char *line = lines->bytes + lines->from;
    lines->from += length + feed;
    lines->searched = 0;
    lines->fed = feed;
    bool rest = lines->skipping;
    lines->skipping = !feed && !lines->ended;
    return rest ? NULL : line;
}

char *usage_log_lines_next(struct usage_log_lines *lines, size_t *length)
{
    char *line = NULL;
    while (!line) {
        char *end = find_end(lines);
        size_t available = lines->to - lines->from;
        *length = end ? (size_t)(end - lines->bytes) - lines->from : available;
        if (end)
            line = take(lines, *length, 1);
        else if (available >= USAGE_LOG_LINE_MAX || (lines->ended && available))
            line = take(lines, available, 0);
        else if (lines->ended)
            return NULL;
        else
            read_more(lines);
    }
    return line;
}

bool usage_log_lines_complete(const struct usage_log_lines *lines, struct failure *why)
{
    int error;
    const char *reason = gzerror(lines->file, &error);
    if (error == Z_OK || error == Z_STREAM_END)
        return true;
    if (error == Z_BUF_ERROR)
        reason = "it ends too early";
    return fail(why, FAILURE_SETTING, "%s cannot be read to its end: %s", lines->path,
                error == Z_ERRNO ? strerror(errno) : reason);
}

int64_t usage_log_lines_place(const struct usage_log_lines *lines)
{
    return (int64_t)gztell(lines->file) - (int64_t)(lines->to - lines->from);
}

int64_t usage_log_lines_offset(const struct usage_log_lines *lines)
{
    return gzoffset(lines->file);
}
