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
 * to the old one, which the error log and /healthz say. A log that is cut in place (logrotate's copytruncate,
 * or `: >` in a shell) begins anew as well: it is shorter than before or, if it has grown again meanwhile, it
 * begins with another line. */
#include "usage/usage_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error_log.h"
#include "base/file_open.h"
#include "base/memory.h"
#include "usage/usage_log_lines.h"
#include "usage/usage_log_search.h"

#define FAULT_SIZE 256
#define TRIED_BYTES 4096

#define TORN_CHECKS 50
#define TORN_PAUSE_US 2000

struct usage_log {
    char *path;
    int descriptor; /* -1: not open */
    ino_t inode;    /* of the file that is open */
    dev_t device;
    int64_t size;   /* of that file when look() last saw it */
    uint64_t head;  /* its usage_log_head() then */
    int64_t end;    /* where our last line ends, if it follows what look() saw; 0: it does not */
    int64_t end_us; /* clock_wall_us() after that line was written */
    bool failing;   /* the fault was logged, and is not logged again until a write succeeds */
    bool astray;    /* the same: the path cannot be opened, and lines go to the file that it named before */
    bool torn;      /* our last line was cut and still needs its line feed */
    bool placed;    /* usage_log_place() has returned where the next line goes, so it goes there */
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

const char *usage_log_path(const struct usage_log *log)
{
    return log->path;
}

static bool still_named(const struct usage_log *log, struct stat *named)
{
    return stat(log->path, named) == 0 && named->st_ino == log->inode && named->st_dev == log->device;
}

/* True if the last line of ours is still the last change of the file. Another one has a later time, or comes
 * within the same tick of the clock and leaves the same size. This saves reading the head for each line. */
static bool is_untouched(const struct usage_log *log, const struct stat *file)
{
    int64_t changed_us = (int64_t)file->st_mtim.tv_sec * 1000000 + file->st_mtim.tv_nsec / 1000;
    return log->end && file->st_size == log->end && changed_us <= log->end_us && log->head;
}

/* Stores the size and the head of the open file. Returns true if the file begins anew: it is empty or was
 * cut. */
static bool look(struct usage_log *log, const struct stat *file)
{
    if (!S_ISREG(file->st_mode))
        return false;
    if (is_untouched(log, file)) {
        log->size = log->end;
        return false;
    }
    uint64_t head = file->st_size ? usage_log_head(log->descriptor) : 0;
    bool anew = file->st_size == 0 || file->st_size < log->size || (log->head && head != log->head);
    log->size = file->st_size;
    log->head = head;
    return anew;
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
 * device is not, nor a file that this process may only write to. No request waits for the reader of a pipe.
 */
static int open_path(const char *path)
{
    struct stat named;
    bool exists = stat(path, &named) == 0, readable = !exists || S_ISREG(named.st_mode);
    int flags = O_APPEND | O_CREAT | (exists && S_ISFIFO(named.st_mode) ? O_NONBLOCK : 0);
    int file = readable ? file_open(path, O_RDWR | flags, 0640) : -1;
    return file < 0 && (!readable || errno == EACCES) ? file_open(path, O_WRONLY | flags, 0640) : file;
}

/* Once a change: lines that go on into a file that has lost its name are in no report. */
static void note_astray(struct usage_log *log, bool astray)
{
    if (astray && !log->astray)
        log_error("cannot open the usage log %s; records go to the file that had this name before",
                  log->fault);
    if (!astray && log->astray)
        log_warning("the usage log %s is opened again", log->path);
    log->astray = astray;
}

static bool open_again(struct usage_log *log, struct stat *opened)
{
    int fresh = open_path(log->path);
    if (fresh < 0 || fstat(fresh, opened) != 0) {
        snprintf(log->fault, sizeof log->fault, "%s: %s", log->path,
                 errno == ENXIO ? "it is a pipe that no process reads" : file_open_error(errno));
        note_astray(log, log->descriptor >= 0);
        return false;
    }
    note_astray(log, false);
    give_to_owner(log->path, fresh, opened);
    if (log->descriptor >= 0)
        close(log->descriptor);
    log->descriptor = fresh;
    log->inode = opened->st_ino;
    log->device = opened->st_dev;
    log->size = log->end = 0;
    log->head = 0;
    log->torn = false;
    return true;
}

static void begin_anew(struct usage_log *log)
{
    log->torn = false;
    if (!log->begun)
        return;
    log->beginning = true;
    log->begun(log->context);
    log->beginning = false;
    (void)usage_log_end(log);
}

static void follow_path(struct usage_log *log)
{
    struct stat file;
    if (!*log->path || log->beginning)
        return;
    if ((log->descriptor < 0 || !still_named(log, &file)) && !open_again(log, &file))
        return;
    if (look(log, &file))
        begin_anew(log);
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

/* True if the line that was just appended follows a piece of another line. After a write with O_APPEND the
 * position is the end of the bytes written, whatever other processes have appended since. If the byte before
 * the line cannot be read (a pipe, no right to read), the line counts as well written. */
static bool is_glued(struct usage_log *log, size_t length)
{
    char before = '\n';
    off_t end = lseek(log->descriptor, 0, SEEK_CUR), start = end - (off_t)length;
    bool follows_ours = log->end && start == log->end, untouched = start == log->size;
    bool glued = !follows_ours && start > 0 && pread(log->descriptor, &before, 1, start - 1) == 1 &&
                 before != '\n';
    log->end = end > 0 && untouched && !glued ? end : 0;
    log->end_us = clock_wall_us();
    return glued;
}

/* Returns false with the cause in `fault` if the file does not take the line. */
static bool append(struct usage_log *log, const char *line, size_t length)
{
    bool follows_our_feed = log->torn;
    bool written = write_to_file(log, line, length);
    if (!written || follows_our_feed)
        log->end = 0;
    if (written && !follows_our_feed && is_glued(log, length)) {
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
    if (written && log->failing)
        log_warning("the usage log %s can be written again", log->path);
    log->failing = !written;
    return written;
}

/* True if the last byte of the file is no line feed. */
static bool ends_torn(int file)
{
    char last = '\n';
    off_t size = lseek(file, 0, SEEK_END);
    return size > 0 && pread(file, &last, 1, size - 1) == 1 && last != '\n';
}

/* Looks several times, because another process may be in the middle of writing its line. */
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

/* Reserves room behind the end of the file, which fails as a write would on a full disk, over a quota or on a
 * file system that cannot be written. File systems that cannot reserve room are not tried. */
static bool has_room(const struct usage_log *log)
{
#ifdef FALLOC_FL_KEEP_SIZE
    struct stat file;
    if (fstat(log->descriptor, &file) != 0 || !S_ISREG(file.st_mode))
        return true;
    return fallocate(log->descriptor, FALLOC_FL_KEEP_SIZE, file.st_size, TRIED_BYTES) == 0 ||
           errno == EOPNOTSUPP || errno == ENOSYS || errno == EINTR;
#else
    (void)log;
    return true;
#endif
}

const char *usage_log_try(struct usage_log *log)
{
    struct stat file;
    follow_path(log);
    if (*log->path && (log->descriptor < 0 || !still_named(log, &file)))
        return log->fault;
    if (!*log->path || has_room(log))
        return NULL;
    snprintf(log->fault, sizeof log->fault, "%s: %s", log->path, strerror(errno));
    return log->fault;
}

bool usage_log_is_astray(const struct usage_log *log)
{
    return log->astray;
}

bool usage_log_continue(struct usage_log *log, const char *line, size_t length)
{
    return append(log, line, length);
}

static struct usage_log_position position_of(const struct usage_log *log)
{
    if (!*log->path || log->descriptor < 0)
        return (struct usage_log_position){0};
    return (struct usage_log_position){log->device, log->inode, log->size, log->head};
}

struct usage_log_position usage_log_place(struct usage_log *log)
{
    follow_path(log);
    log->placed = *log->path && log->descriptor >= 0;
    return position_of(log);
}

void usage_log_forget_place(struct usage_log *log)
{
    log->placed = false;
}

struct usage_log_position usage_log_since(struct usage_log *log)
{
    if (log->descriptor < 0)
        follow_path(log);
    return position_of(log);
}

struct usage_log_position usage_log_end(struct usage_log *log)
{
    struct stat file;
    if (log->descriptor >= 0 && fstat(log->descriptor, &file) == 0)
        (void)look(log, &file);
    return position_of(log);
}

bool usage_log_write_once(struct usage_log *log, const struct usage_log_position *since, int64_t begun_us,
                          const char *line, size_t length)
{
    follow_path(log);
    if (log->descriptor >= 0 && has_no_end(log) && write_line(log->descriptor, "\n", 1))
        log->torn = false;
    if (since && usage_log_holds(log->path, since, begun_us, line, length))
        return true;
    log->failing = !append(log, line, length);
    return !log->failing;
}
