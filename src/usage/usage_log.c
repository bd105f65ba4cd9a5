/* The usage log: one JSON line a request, never two, never none.
 *
 * Lines of many processes go to one file: O_APPEND and a single write() keep them whole. A rotation is
 * noticed by the path naming another file, or none; until a new one can be opened the old one is written on.
 * A line that a full disk has cut is ended before the next one, and goes to standard error whole. */
#include "usage/usage_log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error_log.h"
#include "base/memory.h"

#define FAULT_SIZE 256

#define TORN_LOOKS 50
#define TORN_PAUSE_US 2000

struct usage_log {
    char *path;
    int descriptor; /* -1: not open */
    ino_t inode;    /* of the file that is open */
    dev_t device;
    int64_t size;       /* that it had when it was last looked at */
    bool failing, torn; /* said once, until it works again; torn: our last line has no end */
    bool placed;        /* the next line was given its place, and goes there */
    bool beginning;     /* its first lines are written, by somebody who is not to be called again */
    char fault[FAULT_SIZE];
    void (*begun)(void *context);
    void *context;
};

void usage_log_close(struct usage_log *log)
{
    if (log->descriptor > STDERR_FILENO)
        close(log->descriptor);
    free(log->path);
    free(log);
}

static bool still_named(struct usage_log *log)
{
    struct stat named;
    if (stat(log->path, &named) != 0 || named.st_ino != log->inode || named.st_dev != log->device)
        return false;
    log->size = named.st_size;
    return true;
}

/* Does a file lie beside the log whose name begins as the log's does? */
static bool has_rotations(const char *path)
{
    char folder[4096];
    const char *name = strrchr(path, '/') + 1;
    size_t length = strlen(name);
    snprintf(folder, sizeof folder, "%.*s", (int)(name - path), path);
    DIR *directory = opendir(folder);
    struct dirent *entry;
    bool found = false;
    while (directory && !found && (entry = readdir(directory)))
        found = strncmp(entry->d_name, name, length) == 0 && entry->d_name[length];
    if (directory)
        closedir(directory);
    return found;
}

/* A command that root calls must not take the log away from the workers. */
static void give_to_owner(const char *path, int file, const struct stat *made)
{
    char folder[4096];
    struct stat owner;
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') + 1 - path), path);
    if (made->st_uid != 0 || made->st_size != 0 || geteuid() != 0 || stat(folder, &owner) != 0)
        return;
    if (fchown(file, owner.st_uid, owner.st_gid) != 0)
        log_warning("cannot give %s to the owner of its folder: %s", path, strerror(errno));
}

static void follow_path(struct usage_log *log)
{
    struct stat opened;
    if (!*log->path || log->beginning || (log->descriptor >= 0 && still_named(log)))
        return;
    int fresh = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fresh < 0 || fstat(fresh, &opened) != 0) {
        snprintf(log->fault, sizeof log->fault, "%s: %s", log->path, strerror(errno));
        return;
    }
    give_to_owner(log->path, fresh, &opened);
    bool rotated = opened.st_size == 0 && (log->descriptor >= 0 || has_rotations(log->path));
    if (log->descriptor >= 0)
        close(log->descriptor);
    log->descriptor = fresh;
    log->inode = opened.st_ino;
    log->device = opened.st_dev;
    log->size = opened.st_size;
    log->torn = false;
    if (rotated && log->begun) {
        log->beginning = true;
        log->begun(log->context);
        log->beginning = false;
    }
}

struct usage_log *usage_log_open(const char *path)
{
    struct usage_log *log = memory_alloc(1, sizeof *log);
    log->path = memory_copy(path, strlen(path));
    log->descriptor = *path ? -1 : STDERR_FILENO;
    return log;
}

void usage_log_when_begun(struct usage_log *log, void (*begun)(void *context), void *context)
{
    log->begun = begun;
    log->context = context;
}

static bool write_line(int descriptor, const char *line, size_t length)
{
    return descriptor >= 0 && write(descriptor, line, length) == (ssize_t)length;
}

/* A line of ours that has no end gets one first, in the same write. */
static bool write_to_file(struct usage_log *log, const char *line, size_t length)
{
    char end[] = "\n";
    struct iovec parts[] = {{end, 1}, {(void *)(uintptr_t)line, length}};
    int first = log->torn ? 0 : 1;
    ssize_t whole = (ssize_t)(length + (log->torn ? 1 : 0));
    errno = 0;
    ssize_t written = log->descriptor < 0 ? -1 : writev(log->descriptor, parts + first, 2 - first);
    if (written > 0)
        log->torn = written < whole;
    return written == whole;
}

/* The file takes it, or `fault` says why not. */
static bool append(struct usage_log *log, const char *line, size_t length)
{
    bool written = write_to_file(log, line, length);
    if (written)
        log->fault[0] = '\0';
    else if (log->descriptor >= 0)
        snprintf(log->fault, sizeof log->fault, "%s: %s", log->path,
                 strerror(errno ? errno : ENOSPC)); /* a part was written */
    return written;
}

bool usage_log_append(struct usage_log *log, const char *line, size_t length)
{
    if (!log->placed)
        follow_path(log);
    log->placed = false;
    bool written = append(log, line, length);
    if (!written && !log->failing)
        log_error("cannot write the usage log %s; records go to standard error", log->fault);
    if (!written && !write_line(STDERR_FILENO, line, length))
        log_error("a usage record could not be written to standard error either");
    log->failing = !written;
    return written;
}

/* Is the last byte of the file no line feed? */
static bool looks_torn(int file)
{
    char last = '\n';
    off_t size = lseek(file, 0, SEEK_END);
    return size > 0 && pread(file, &last, 1, size - 1) == 1 && last != '\n';
}

/* A line that another process is just writing may be seen in its middle; one that is torn stays so. */
static bool has_no_end(const struct usage_log *log)
{
    int file = *log->path ? open(log->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    bool torn = file >= 0;
    for (int looks = 0; torn && looks < TORN_LOOKS; looks++) {
        torn = looks_torn(file);
        if (torn)
            usleep(TORN_PAUSE_US);
    }
    if (file >= 0)
        close(file);
    return torn;
}

bool usage_log_try(struct usage_log *log, const char *line, size_t length)
{
    follow_path(log);
    log->torn = log->torn || has_no_end(log);
    log->failing = !append(log, line, length);
    return !log->failing;
}

const char *usage_log_fault(struct usage_log *log)
{
    if (log->descriptor < 0)
        follow_path(log);
    if (log->descriptor >= 0 && !log->failing)
        return NULL;
    return log->fault;
}

bool usage_log_is_empty(const struct usage_log *log)
{
    struct stat file;
    return log->descriptor >= 0 && fstat(log->descriptor, &file) == 0 && file.st_size == 0;
}

struct usage_log_position usage_log_place(struct usage_log *log)
{
    follow_path(log);
    if (!*log->path || log->descriptor < 0)
        return (struct usage_log_position){0};
    log->placed = true;
    return (struct usage_log_position){log->device, log->inode, log->size};
}

struct usage_log_position usage_log_since(const struct usage_log *log)
{
    struct stat named;
    if (log->descriptor > STDERR_FILENO)
        return (struct usage_log_position){log->device, log->inode, log->size};
    if (!*log->path || stat(log->path, &named) != 0)
        return (struct usage_log_position){0};
    return (struct usage_log_position){named.st_dev, named.st_ino, named.st_size};
}

/* ---- was it written? ---- */

/* Of a line that begins so; a log that was emptied since is looked at from its beginning. */
struct search {
    const struct usage_log_position *since;
    const char *begin;
    size_t length;
    struct buffer *line; /* NULL: it is not wanted */
    bool there;          /* found: the file of the place, with all that was in it then */
};

static bool take_line(const char *found, size_t length, struct buffer *line)
{
    const char *end = memchr(found, '\n', length);
    return end && buffer_append(line, found, (size_t)(end + 1 - found));
}

static bool file_holds(int file, const struct stat *opened, struct search *search)
{
    const struct usage_log_position *since = search->since;
    bool same = opened->st_ino == since->inode && opened->st_dev == since->device;
    size_t size = (size_t)opened->st_size, from = same ? (size_t)since->size : 0;
    search->there = search->there || (same && from <= size);
    const char *bytes = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
    if (bytes == MAP_FAILED)
        return false;
    if (from > size)
        from = 0;
    const char *found = memmem(bytes + from, size - from, search->begin, search->length);
    bool holds = found && (!search->line || take_line(found, size - (size_t)(found - bytes), search->line));
    munmap((void *)(uintptr_t)bytes, size);
    return holds;
}

static bool path_holds(const char *path, struct search *search)
{
    struct stat opened;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool found = file >= 0 && fstat(file, &opened) == 0 && file_holds(file, &opened, search);
    if (file >= 0)
        close(file);
    return found;
}

/* A rotated log lies beside ours, under a name that ours begins. */
static bool find_rotated(const char *path, const struct usage_log_position *since, char *rotated, size_t size)
{
    const char *name = strrchr(path, '/') + 1;
    snprintf(rotated, size, "%.*s", (int)(name - path), path);
    DIR *folder = opendir(rotated);
    struct dirent *entry;
    bool found = false;
    while (folder && !found && (entry = readdir(folder)))
        found = entry->d_ino == since->inode && strncmp(entry->d_name, name, strlen(name)) == 0 &&
                (size_t)snprintf(rotated, size, "%.*s%s", (int)(name - path), path, entry->d_name) < size;
    if (folder)
        closedir(folder);
    return found;
}

static bool holds(const struct usage_log *log, struct search *search)
{
    char rotated[4096];
    if (!*log->path || !search->since->inode)
        return false;
    if (path_holds(log->path, search))
        return true;
    return find_rotated(log->path, search->since, rotated, sizeof rotated) && path_holds(rotated, search);
}

bool usage_log_holds(struct usage_log *log, const struct usage_log_position *since, const char *line,
                     size_t length)
{
    struct search search = {since, line, length, NULL, false};
    bool held = holds(log, &search), asked = *log->path && since->inode;
    return held || (asked && !search.there);
}

bool usage_log_find(struct usage_log *log, const struct usage_log_position *since, const char *begin,
                    size_t length, struct buffer *line)
{
    struct search search = {since, begin, length, line, false};
    return holds(log, &search);
}
