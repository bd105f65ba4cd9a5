/* The ledger's file and its lock file, without regard to their contents.
 *
 * Bytes that are written through a map must have room on the disk: a page that the disk has no room for
 * ends the process by SIGBUS. On a file system that overwrites in place, allocated room stays allocated. A
 * file system that writes each change to a new place (btrfs, ZFS, XFS with copies that share their blocks)
 * does not guarantee this, and the file system below an overlay is unknown. Therefore this file lists the
 * suitable file systems. */
#include "ledger/ledger_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/error_log.h"

#define PATH_SIZE LEDGER_FILE_PATH_SIZE

/* LMDB chooses this name. */
static void name_lock(const char *path, char lock[static PATH_SIZE])
{
    snprintf(lock, PATH_SIZE, "%s-lock", path);
}

static void name_folder(const char *path, char folder[static PATH_SIZE])
{
    snprintf(folder, PATH_SIZE, "%s", path);
    *strrchr(folder, '/') = '\0';
}

/* No link is followed, and no file is touched that has a second name: another account may have put the link
 * there. */
static bool is_plain(const struct stat *file)
{
    return S_ISREG(file->st_mode) && file->st_nlink <= 1;
}

bool ledger_file_is_ordinary(const char *path)
{
    struct stat named;
    return lstat(path, &named) != 0 || is_plain(&named);
}

/* setfsuid(2) gives no error, but without its effect root would only be more careful than it has to be. */
void ledger_file_act_as_owner(const char *path)
{
    struct stat owner;
    char folder[PATH_SIZE];
    name_folder(path, folder);
    if (geteuid() != 0 || stat(folder, &owner) != 0)
        return;
    setfsgid(owner.st_gid);
    setfsuid(owner.st_uid);
}

void ledger_file_act_as_ourselves(void)
{
    setfsuid(geteuid());
    setfsgid(getegid());
}

/* LMDB writes to its lock file through a map, so all of its pages are allocated first, where the file system
 * can do that. An existing file keeps its length, because other processes have mapped it. */
static int allocate_lock(const char *path, size_t size)
{
    struct stat file;
    int code = 0, descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0 || fstat(descriptor, &file))
        code = errno;
    else if (!is_plain(&file))
        code = LEDGER_FILE_NOT_ORDINARY;
    else if (file.st_size == 0)
        code = fallocate(descriptor, 0, 0, (off_t)size) ? errno : 0;
    else if ((int64_t)file.st_blocks * 512 < file.st_size)
        code = fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, file.st_size) ? errno : 0;
    if (descriptor >= 0)
        close(descriptor);
    return code == EOPNOTSUPP || code == ENOSYS ? 0 : code;
}

int ledger_file_prepare(const char *path, size_t lock_size)
{
    char lock[PATH_SIZE];
    name_lock(path, lock);
    return ledger_file_is_ordinary(path) && ledger_file_is_ordinary(lock) ? allocate_lock(lock, lock_size)
                                                                          : LEDGER_FILE_NOT_ORDINARY;
}

int ledger_file_lock(const char *path)
{
    char folder[PATH_SIZE];
    name_folder(path, folder);
    int lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (lock >= 0 && flock(lock, LOCK_EX) != 0 && errno == EINTR)
        continue;
    return lock;
}

void ledger_file_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}

bool ledger_file_can_lock(const char *path)
{
    char lock[PATH_SIZE];
    name_lock(path, lock);
    int descriptor = open(lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor >= 0)
        close(descriptor);
    return descriptor >= 0;
}

uint64_t ledger_file_lock_inode(const char *path)
{
    char lock[PATH_SIZE];
    struct stat named;
    name_lock(path, lock);
    return lstat(lock, &named) == 0 ? named.st_ino : 0;
}

void ledger_file_remove_lock(const char *path)
{
    char lock[PATH_SIZE];
    name_lock(path, lock);
    unlink(lock);
}

uint64_t ledger_file_length(const char *path)
{
    struct stat named;
    return lstat(path, &named) == 0 ? (uint64_t)named.st_size : 0;
}

bool ledger_file_is_empty(const char *path)
{
    struct stat named;
    return lstat(path, &named) != 0 || (S_ISREG(named.st_mode) && named.st_size == 0);
}

void ledger_file_remove(const char *path)
{
    unlink(path);
    ledger_file_remove_lock(path);
}

void ledger_file_set_aside(const char *path, const char *because)
{
    char aside[PATH_SIZE];
    snprintf(aside, sizeof aside, "%s.broken-%lld", path, (long long)time(NULL));
    if (rename(path, aside) == 0)
        log_error("the ledger %s %s: it is set aside as %s, and a new one is made from the usage log", path,
                  because, aside);
    ledger_file_remove_lock(path);
}

/* If the wall clock jumps, the worst is one needless check of the file. */
bool ledger_file_is_from_before_boot(const char *path)
{
    struct stat file;
    struct timespec now, up;
    if (stat(path, &file) != 0 || file.st_size == 0 || clock_gettime(CLOCK_REALTIME, &now) != 0 ||
        clock_gettime(CLOCK_BOOTTIME, &up) != 0)
        return false;
    return file.st_mtime < now.tv_sec - up.tv_sec;
}

/* ---- room on the disk ---- */

uint64_t ledger_file_round(uint64_t size)
{
    return (size + LEDGER_FILE_STEP - 1) / LEDGER_FILE_STEP * LEDGER_FILE_STEP;
}

bool ledger_file_is_in_place(const char *path)
{
    struct statfs system;
    return statfs(path, &system) == 0 && (system.f_type == EXT4_SUPER_MAGIC || system.f_type == TMPFS_MAGIC);
}

int ledger_file_allocate(int descriptor, uint64_t from, uint64_t to)
{
    int failed;
    do
        failed = fallocate(descriptor, FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)(to - from));
    while (failed && errno == EINTR);
    return failed ? errno : 0;
}
