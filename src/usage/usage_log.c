/* The usage log: one JSON line per request, never two, never none.
 *
 * Many processes append to one file. O_APPEND and a single write() keep their lines apart, with two
 * exceptions: a full disk cuts a line, and so does SIGKILL, which ends a write() between two pages. The next
 * line would be glued to such a piece and neither could be read. So a process ends its own cut line before it
 * writes again, and each process looks at the byte in front of the line that it has just appended: if that is
 * no line feed, it appends the line once more, on a line of its own. Nothing is recorded twice by that,
 * because only a complete line counts as a record (here, in recovery, and in usage_log_reader.c).
 *
 * A rotation is noticed when the path names another file, or none. Until the new file can be opened, lines go
 * to the old one. */
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

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error_log.h"
#include "base/memory.h"
#include "usage/usage_log_entry.h"

#define FAULT_SIZE 256

#define TORN_CHECKS 50
#define TORN_PAUSE_US 2000

struct usage_log {
    char *path;
    int descriptor; /* -1: not open */
    ino_t inode;    /* of the file that is open */
    dev_t device;
    int64_t size;   /* that it had when it was last looked at */
    bool failing;   /* the fault was logged, and is not logged again until a write succeeds */
    bool torn;      /* our last line was cut and still needs its line feed */
    bool placed;    /* usage_log_place() has told where the next line goes, so it goes there */
    bool beginning; /* `begun` is writing the first lines, and is not called again */
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

/* Is there a file beside the log whose name begins with that of the log? */
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

/* A command that root runs must not take the log away from the workers. */
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

/* A file is opened for reading too, so that append() can look at the byte in front of its line. A pipe or a
 * device is not, nor a file that this process may only write to. */
static int open_path(const char *path)
{
    const int flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
    struct stat named;
    bool readable = stat(path, &named) != 0 || S_ISREG(named.st_mode);
    int file = readable ? open(path, O_RDWR | flags, 0640) : -1;
    return file < 0 && (!readable || errno == EACCES) ? open(path, O_WRONLY | flags, 0640) : file;
}

static void follow_path(struct usage_log *log)
{
    struct stat opened;
    if (!*log->path || log->beginning || (log->descriptor >= 0 && still_named(log)))
        return;
    int fresh = open_path(log->path);
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

/* Ends a cut line of ours first, in the same write. */
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

/* Does the line that was just appended follow another one's piece? After a write with O_APPEND the position
 * is the end of what was written, whatever other processes have appended since. Where that cannot be told (a
 * pipe, no right to read) the line counts as well written. */
static bool is_glued(const struct usage_log *log, size_t length)
{
    char before = '\n';
    off_t end = lseek(log->descriptor, 0, SEEK_CUR);
    return end > (off_t)length && pread(log->descriptor, &before, 1, end - (off_t)length - 1) == 1 &&
           before != '\n';
}

/* The file takes it, or `fault` says why not. */
static bool append(struct usage_log *log, const char *line, size_t length)
{
    bool alone = log->torn,
         written = write_to_file(log, line, length); /* alone: behind a line feed of ours */
    if (written && !alone && is_glued(log, length)) {
        log->torn = true;
        written = write_to_file(log, line, length);
    }
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
static bool ends_torn(int file)
{
    char last = '\n';
    off_t size = lseek(file, 0, SEEK_END);
    return size > 0 && pread(file, &last, 1, size - 1) == 1 && last != '\n';
}

/* A line that another process is writing may be seen in its middle; a line that was cut stays so. */
static bool has_no_end(const struct usage_log *log)
{
    int file = *log->path ? open(log->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    bool torn = file >= 0;
    for (int checks = 0; torn && checks < TORN_CHECKS; checks++) {
        torn = ends_torn(file);
        if (torn)
            usleep(TORN_PAUSE_US);
    }
    if (file >= 0)
        close(file);
    return torn;
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

/* For a complete line that begins with `begin`: it stands behind a line feed or at the beginning of its file.
 */
struct search {
    const struct usage_log_position *since;
    const char *begin;
    size_t length;
    bool (*accept)(const char *line, size_t length, struct buffer *copy); /* line: with its line feed */
    struct buffer *copy;                                                  /* for accept() */
    bool file_found; /* the file of `since`, no shorter than it was then */
};

/* Does that line stand in these bytes, behind `from`? The last line of a file that was rotated away may lack
 * its line feed: nothing will be glued to it any more. */
static bool bytes_hold(const char *bytes, size_t from, size_t size, bool rotated, struct search *search)
{
    const char *at = bytes + from, *end = bytes + size;
    while ((at = memmem(at, (size_t)(end - at), search->begin, search->length))) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        bool own_line = at == bytes || at[-1] == '\n';
        if (own_line && (feed || rotated) &&
            search->accept(at, (size_t)(feed ? feed + 1 - at : end - at), search->copy))
            return true;
        at++;
    }
    return false;
}

/* A log that was emptied since is searched from its beginning. */
static bool file_holds(int file, const struct stat *opened, bool rotated, struct search *search)
{
    const struct usage_log_position *since = search->since;
    bool same = opened->st_ino == since->inode && opened->st_dev == since->device;
    size_t size = (size_t)opened->st_size, from = same ? (size_t)since->size : 0;
    search->file_found = search->file_found || (same && from <= size);
    const char *bytes = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
    if (bytes == MAP_FAILED)
        return false;
    bool holds = bytes_hold(bytes, from > size ? 0 : from, size, rotated, search);
    munmap((void *)(uintptr_t)bytes, size);
    return holds;
}

static bool path_holds(const char *path, bool rotated, struct search *search)
{
    struct stat opened;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool found = file >= 0 && fstat(file, &opened) == 0 && file_holds(file, &opened, rotated, search);
    if (file >= 0)
        close(file);
    return found;
}

/* A rotated log lies beside ours, under a name that begins with ours. */
static bool find_rotated(const char *path, const struct usage_log_position *since, char *rotated, size_t size)
{
    const char *name = strrchr(path, '/') + 1;
    snprintf(rotated, size, "%.*s", (int)(name - path), path);
    DIR *folder = opendir(rotated);
    struct dirent *entry;
    bool found = false;
    while (folder && !found && (entry = readdir(folder)))
        found = entry->d_ino == since->inode && strncmp(entry->d_name, name, strlen(name)) == 0 &&
                entry->d_name[strlen(name)] &&
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
    if (path_holds(log->path, false, search))
        return true;
    return find_rotated(log->path, search->since, rotated, sizeof rotated) &&
           path_holds(rotated, true, search);
}

/* The whole of what was searched for, and no more than its line feed. */
static bool is_all(const char *line, size_t length, struct buffer *text)
{
    return length == text->length + (line[length - 1] == '\n');
}

bool usage_log_holds(struct usage_log *log, const struct usage_log_position *since, const char *line,
                     size_t length)
{
    struct buffer text;
    buffer_init(&text, length);
    size_t without_feed = length - (length && line[length - 1] == '\n');
    if (!buffer_append(&text, line, without_feed)) {
        buffer_free(&text);
        return false;
    }
    struct search search = {
        .since = since, .begin = text.bytes, .length = text.length, .accept = is_all, .copy = &text};
    bool held = holds(log, &search), searched = *log->path && since->inode;
    buffer_free(&text);
    return held || (searched && !search.file_found);
}

/* A record that can be read; a piece with something glued to it cannot. */
static bool copy_record(const char *line, size_t length, struct buffer *copy)
{
    struct arena *arena = arena_create();
    struct usage_log_entry entry;
    struct json_value balance;
    size_t text = length - (line[length - 1] == '\n');
    bool whole = usage_log_entry_read(arena_copy(arena, line, text), text, arena, &entry, &balance) ==
                 LOG_LINE_ENTRY;
    arena_destroy(arena);
    return whole && buffer_append(copy, line, text) && buffer_append(copy, "\n", 1);
}

bool usage_log_find(struct usage_log *log, const struct usage_log_position *since, const char *begin,
                    size_t length, struct buffer *line)
{
    struct search search = {
        .since = since, .begin = begin, .length = length, .accept = copy_record, .copy = line};
    return holds(log, &search);
}

bool usage_log_write_once(struct usage_log *log, const struct usage_log_position *since, const char *line,
                          size_t length)
{
    follow_path(log);
    if (log->descriptor >= 0 && has_no_end(log) && write_line(log->descriptor, "\n", 1))
        log->torn = false;
    if (usage_log_holds(log, since, line, length))
        return true;
    log->failing = !append(log, line, length);
    return !log->failing;
}
