/* The usage log: one JSON line a request, never two, never none.
 *
 * Lines of many processes go to one file: O_APPEND and a single write() keep them whole. A rotation is
 * noticed by the path naming another file, or none; until a new one can be opened the old one is written on.
 * A line that a full disk has cut is ended before the next one, and goes to standard error whole. */
#include "usage_log.h"

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

#include "log.h"
#include "memory.h"

#define FAULT_SIZE 256

struct usage_log {
    char *path;
    int descriptor; /* -1: not open */
    ino_t inode;    /* of the file that is open */
    dev_t device;
    bool failing, torn; /* said once, until it works again; torn: our last line has no end */
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

static bool still_named(const struct usage_log *log)
{
    struct stat named;
    return stat(log->path, &named) == 0 && named.st_ino == log->inode && named.st_dev == log->device;
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

static void follow_path(struct usage_log *log)
{
    struct stat opened;
    if (!*log->path || (log->descriptor >= 0 && still_named(log)))
        return;
    int fresh = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fresh < 0 || fstat(fresh, &opened) != 0) {
        snprintf(log->fault, sizeof log->fault, "%s: %s", log->path, strerror(errno));
        return;
    }
    bool rotated = opened.st_size == 0 && (log->descriptor >= 0 || has_rotations(log->path));
    if (log->descriptor >= 0)
        close(log->descriptor);
    log->descriptor = fresh;
    log->inode = opened.st_ino;
    log->device = opened.st_dev;
    log->torn = false;
    if (rotated && log->begun)
        log->begun(log->context);
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

bool usage_log_append(struct usage_log *log, const char *line, size_t length)
{
    follow_path(log);
    bool written = write_to_file(log, line, length);
    if (!written && log->descriptor >= 0)
        snprintf(log->fault, sizeof log->fault, "%s: %s", log->path,
                 strerror(errno ? errno : ENOSPC)); /* a part was written */
    if (!written && !log->failing)
        log_error("cannot write the usage log %s; records go to standard error", log->fault);
    if (!written && !write_line(STDERR_FILENO, line, length))
        log_error("a usage record could not be written to standard error either");
    log->failing = !written;
    if (written)
        log->fault[0] = '\0';
    return written;
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

struct log_place usage_log_place(struct usage_log *log)
{
    struct stat file;
    follow_path(log);
    if (!*log->path || log->descriptor < 0 || fstat(log->descriptor, &file) != 0)
        return (struct log_place){0};
    return (struct log_place){file.st_dev, file.st_ino, file.st_size};
}

/* ---- was it written? ---- */

static bool file_holds(int file, int64_t from, const char *line, size_t length)
{
    struct stat opened;
    if (fstat(file, &opened) != 0 || from > opened.st_size || opened.st_size == 0)
        return false;
    size_t size = (size_t)opened.st_size;
    const char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED)
        return false;
    bool found = memmem(bytes + from, size - (size_t)from, line, length) != NULL;
    munmap((void *)(uintptr_t)bytes, size);
    return found;
}

static bool path_holds(const char *path, const struct log_place *since, const char *line, size_t length)
{
    struct stat opened;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool found = false;
    if (file >= 0 && fstat(file, &opened) == 0) {
        bool same = opened.st_ino == since->inode && opened.st_dev == since->device;
        found = file_holds(file, same ? since->size : 0, line, length);
    }
    if (file >= 0)
        close(file);
    return found;
}

/* A rotated log lies beside ours, under a name that ours begins. */
static bool find_rotated(const char *path, const struct log_place *since, char *rotated, size_t size)
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

bool usage_log_holds(struct usage_log *log, const struct log_place *since, const char *line, size_t length)
{
    char rotated[4096];
    if (!*log->path || !since->inode)
        return false;
    if (path_holds(log->path, since, line, length))
        return true;
    return find_rotated(log->path, since, rotated, sizeof rotated) &&
           path_holds(rotated, since, line, length);
}
