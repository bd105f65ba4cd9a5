/* The lines of one file of a log, compressed with gzip or not: zlib reads either. */
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
#define ROOM (LOG_LINE_MAX + PIECE)

struct log_lines {
    gzFile file;
    char *path;
    uint64_t device, inode;
    char *bytes; /* ROOM of them; what has been read and not been given is between `from` and `to` */
    size_t from, to;
    size_t searched; /* how far behind `from` there is no line feed */
    bool ended;      /* the file is */
    bool skipping;   /* the rest of a line that was too long */
};

/* A pipe that lies in the folder must not hold us up. */
static gzFile open_file(const char *path, struct stat *status)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return NULL;
    errno = 0;
    bool ordinary = fstat(descriptor, status) == 0 && S_ISREG(status->st_mode);
    gzFile file = ordinary ? gzdopen(descriptor, "r") : NULL;
    if (!file) {
        errno = errno ? errno : EINVAL;
        close(descriptor);
    }
    return file;
}

struct log_lines *usage_log_lines_open(const char *path, struct failure *why)
{
    struct stat status;
    gzFile file = open_file(path, &status);
    if (!file) {
        fail(why, FAILURE_SETTING, "cannot read %s: %s", path, strerror(errno));
        return NULL;
    }
    gzbuffer(file, PIECE / 2);
    struct log_lines *lines = memory_alloc(1, sizeof *lines);
    lines->file = file;
    lines->device = status.st_dev;
    lines->inode = status.st_ino;
    lines->path = memory_copy(path, strlen(path));
    lines->bytes = memory_alloc(ROOM, 1);
    return lines;
}

void usage_log_lines_close(struct log_lines *lines)
{
    gzclose_r(lines->file);
    free(lines->bytes);
    free(lines->path);
    free(lines);
}

bool usage_log_lines_are_of(const struct log_lines *lines, uint64_t device, uint64_t inode)
{
    return lines->device == device && lines->inode == inode;
}

static void read_more(struct log_lines *lines)
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

/* The end of the line that begins at `from`, or NULL where none has been read yet. */
static char *find_end(struct log_lines *lines)
{
    char *begin = lines->bytes + lines->from;
    size_t held = lines->to - lines->from;
    char *end = memchr(begin + lines->searched, '\n', held - lines->searched);
    lines->searched = end ? 0 : held;
    return end;
}

/* A line too long is given once; what is left of it is dropped, up to its end. */
static char *take(struct log_lines *lines, size_t length, size_t feed)
{
    char *line = lines->bytes + lines->from;
    lines->from += length + feed;
    lines->searched = 0;
    bool rest = lines->skipping;
    lines->skipping = !feed && !lines->ended;
    return rest ? NULL : line;
}

char *usage_log_lines_next(struct log_lines *lines, size_t *length)
{
    char *line = NULL;
    while (!line) {
        char *end = find_end(lines);
        size_t held = lines->to - lines->from;
        *length = end ? (size_t)(end - lines->bytes) - lines->from : held;
        if (end)
            line = take(lines, *length, 1);
        else if (held >= LOG_LINE_MAX || (lines->ended && held))
            line = take(lines, held, 0);
        else if (lines->ended)
            return NULL;
        else
            read_more(lines);
    }
    return line;
}

bool usage_log_lines_complete(const struct log_lines *lines, struct failure *why)
{
    int error;
    const char *what = gzerror(lines->file, &error);
    if (error == Z_OK || error == Z_STREAM_END)
        return true;
    if (error == Z_BUF_ERROR)
        what = "it ends too early";
    return fail(why, FAILURE_SETTING, "%s cannot be read to its end: %s", lines->path,
                error == Z_ERRNO ? strerror(errno) : what);
}

int64_t usage_log_lines_offset(const struct log_lines *lines)
{
    return gzoffset(lines->file);
}
