/* The duties of a daemon besides serving: privileges, pid file, directories and log files, systemd.
 *
 * The pid file is locked with fcntl(2), not flock(2). A child does not inherit such a lock, so a worker that
 * outlives a killed master does not keep the next master from starting, and the kernel reports which process
 * holds the lock. A master unlinks the file while it still holds the lock. If another master opened the file
 * just before, it locks a file that no longer has a name; it detects this and opens the path again. */
#include "process/daemon.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error_log.h"
#include "base/failure.h"
#include "base/file_open.h"
#include "base/memory.h"
#include "config/settings.h"
#include "process/os_user.h"

void daemon_prepare(void)
{
    umask(027);
    int descriptor;
    do
        descriptor = open("/dev/null", O_RDWR);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor >= 0)
        close(descriptor);
}

/* ---- privileges ---- */

static bool look_up(const struct settings *settings, struct identity *identity, struct failure *why)
{
    struct failure detail;
    if (!os_user_find(settings->user, &identity->user, &identity->group, &detail))
        return fail(why, FAILURE_SETTING, "user: %s", detail.message);
    if (*settings->group && !os_user_find_group(settings->group, &identity->group, &detail))
        return fail(why, FAILURE_SETTING, "group: %s", detail.message);
    return true;
}

bool daemon_find_identity(const struct settings *settings, struct identity *identity, struct failure *why)
{
    bool root = geteuid() == 0;
    *identity = (struct identity){.change = root, .user = geteuid(), .group = getegid()};
    if (!*settings->user && !*settings->group && !root)
        return true;
    if (!*settings->user)
        return fail(why, FAILURE_SETTING,
                    "user: must be set when started as root, for example user = "
                    "\"www-data\"; the workers run as that user");
    if (!look_up(settings, identity, why))
        return false;
    if (root && (identity->user == 0 || identity->group == 0))
        return fail(why, FAILURE_SETTING, "user: the workers never run as root or in root's group");
    if (!root && (identity->user != geteuid() || identity->group != getegid()))
        return fail(why, FAILURE_SETTING, "user: only root can let workers run as %s%s%s", settings->user,
                    *settings->group ? ":" : "", settings->group);
    return true;
}

bool daemon_drop_privileges(const struct identity *identity, struct failure *why)
{
    if (!identity->change)
        return true;
    if (setgroups(1, &identity->group) != 0 ||
        setresgid(identity->group, identity->group, identity->group) != 0 ||
        setresuid(identity->user, identity->user, identity->user) != 0)
        return fail(why, FAILURE_SETTING, "cannot become user %u, group %u: %s", identity->user,
                    identity->group, strerror(errno));
    if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0)
        return fail(why, FAILURE_SETTING, "user %u can become root again", identity->user);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); /* also keeps set-user-ID programs from restoring privileges */
    return true;
}

/* ---- pid file ---- */

static bool lock_file(int descriptor, const char *path, struct failure *why)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET}, holder = lock;
    if (fcntl(descriptor, F_SETLK, &lock) == 0)
        return true;
    if (errno != EACCES && errno != EAGAIN)
        return fail(why, FAILURE_SETTING, "pid_file: cannot lock %s: %s", path, strerror(errno));
    if (fcntl(descriptor, F_GETLK, &holder) != 0 || holder.l_type == F_UNLCK)
        holder.l_pid = 0;
    return fail(why, FAILURE_SETTING, "pid_file: %s is held by process %d: already running?", path,
                (int)holder.l_pid);
}

/* Another account that may write to the folder could have put its own file there, whose process an
 * administrator would then signal, or a link to a file of ours, which would be cut. */
static bool is_pid_file(const char *path, const struct stat *file, struct failure *why)
{
    if (!S_ISREG(file->st_mode) || file->st_nlink != 1)
        return fail(why, FAILURE_SETTING,
                    "pid_file: %s is no ordinary file, or has a second name (hard link)", path);
    return geteuid() != 0 || file->st_uid == 0 ||
           fail(why, FAILURE_SETTING, "pid_file: %s belongs to user %u and not to root; remove it", path,
                (unsigned)file->st_uid);
}

/* Opens and locks the file that `path` names, even if it is replaced at the same time. */
static bool open_locked(const char *path, int *descriptor, struct failure *why)
{
    struct stat opened, named;
    for (;;) {
        *descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0644);
        if (*descriptor < 0)
            return fail(why, FAILURE_SETTING, "pid_file: %s: %s", path, strerror(errno));
        bool locked = lock_file(*descriptor, path, why);
        bool named_so = locked && fstat(*descriptor, &opened) == 0 && lstat(path, &named) == 0 &&
                        opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
        bool ours = named_so && is_pid_file(path, &opened, why);
        if (ours)
            return true;
        close(*descriptor);
        if (!locked || named_so)
            return false;
    }
}

bool daemon_create_pid_file(const char *path, struct pid_file *file, struct failure *why)
{
    *file = (struct pid_file){.descriptor = -1};
    if (!*path)
        return true;
    int descriptor;
    if (!open_locked(path, &descriptor, why))
        return false;
    char text[16];
    int length = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (ftruncate(descriptor, 0) != 0 || write(descriptor, text, (size_t)length) != length) {
        close(descriptor);
        return fail(why, FAILURE_SETTING, "pid_file: cannot write %s: %s", path, strerror(errno));
    }
    fchmod(descriptor, 0644); /* the umask would make it unreadable for other users */
    *file = (struct pid_file){.descriptor = descriptor, .path = memory_copy(path, strlen(path))};
    return true;
}

void daemon_remove_pid_file(struct pid_file *file)
{
    if (file->descriptor < 0)
        return;
    unlink(file->path);
    close(file->descriptor);
    free(file->path);
    *file = (struct pid_file){.descriptor = -1};
}

/* ---- directories and log files ---- */

static bool is_empty_and_roots(int descriptor)
{
    struct stat file;
    /* two links: itself, and its name in the folder above; a btrfs has one */
    bool roots = fstat(descriptor, &file) == 0 && file.st_uid == 0 && file.st_nlink <= 2;
    int copy = roots ? openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    DIR *directory = copy >= 0 ? fdopendir(copy) : NULL;
    struct dirent *entry;
    bool empty = directory;
    while (empty && (entry = readdir(directory)))
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (directory)
        closedir(directory);
    else if (copy >= 0)
        close(copy);
    return empty;
}

/* Creates a directory. Owner and mode are set only if we create it, or if it is still empty after an
 * installation; any other directory is left to the administrator. Returns false and sets errno on failure. */
static bool make_directory(const char *path, mode_t mode, uid_t user, gid_t group)
{
    bool made = mkdir(path, 0700) == 0;
    if (!made && errno != EEXIST)
        return false;
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return !made; /* left to the administrator, too */
    bool ours = is_empty_and_roots(descriptor) || (made && geteuid() != 0);
    bool done = !ours || (fchown(descriptor, user, group) == 0 && fchmod(descriptor, mode) == 0);
    close(descriptor);
    return done;
}

/* A failure is not logged, because opening the file in the directory then fails with a more precise error. */
static void make_parent(const char *path, mode_t mode, gid_t group)
{
    char *copy = memory_copy(path, strlen(path));
    if (strchr(path, '/'))
        (void)make_directory(dirname(copy), mode, (uid_t)-1, group);
    free(copy);
}

/* True if a log may be given to the workers: it is root's, or belongs to the owner of its folder, who could
 * replace it anyway. */
static bool may_give(const char *path, const struct stat *file)
{
    struct stat folder;
    char *copy = memory_copy(path, strlen(path));
    bool may = S_ISREG(file->st_mode) && file->st_nlink == 1 &&
               (file->st_uid == 0 || (stat(dirname(copy), &folder) == 0 && file->st_uid == folder.st_uid));
    free(copy);
    return may;
}

/* Creates a log file or changes its owner, because a rotation may have created it for root. */
static void make_log(const char *path, const struct identity *identity)
{
    if (!*path)
        return;
    make_parent(path, 0750, identity->group);
    struct stat file;
    int descriptor = file_open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0640);
    if (descriptor < 0) {
        log_warning("cannot open the log %s: %s", path, file_open_error(errno));
        return;
    }
    if (identity->change && fstat(descriptor, &file) == 0 && file.st_uid != identity->user &&
        may_give(path, &file))
        if (fchown(descriptor, identity->user, file.st_gid ? (gid_t)-1 : identity->group) != 0)
            log_warning("cannot change the owner of the log %s to user %u: %s", path, identity->user,
                        strerror(errno));
    close(descriptor);
}

void daemon_create_paths(const struct settings *settings, const struct identity *identity)
{
    const char *state_dir = settings->state_dir;
    bool prefixed = strncmp(settings->listen, "unix:", 5) == 0;
    make_parent(settings->listen + (prefixed ? 5 : 0), 0755, (gid_t)-1);
    make_parent(settings->pid_file, 0755, (gid_t)-1);
    if (*state_dir && !make_directory(state_dir, 0750, identity->user, identity->group))
        log_warning("cannot create the directory %s: %s", state_dir, strerror(errno));
    make_log(settings->usage_path, identity);
    make_log(settings->error_path, identity);
}

/* Sends a datagram as described in sd_notify(3), "Notes". Linking libsystemd would make each CGI process load
 * it, which takes longer than all other work before the call to the provider. */
void daemon_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = path ? strlen(path) : 0;
    if (length < 2 || length >= sizeof address.sun_path || !strchr("/@", *path))
        return;
    memcpy(address.sun_path, path, length);
    if (*path == '@')
        address.sun_path[0] = '\0'; /* an abstract name (unix(7)) */
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return;
    if (sendto(descriptor, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, size) < 0)
        log_warning("cannot notify %s: %s", path, strerror(errno));
    close(descriptor);
}
