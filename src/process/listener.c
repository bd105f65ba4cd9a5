/* The socket that web servers connect to: bound by us, or passed by systemd.
 *
 * A unix socket is created under a temporary name and renamed when it is complete. Its mode is set on the
 * descriptor before bind(), from which Linux copies it, and its owner is set on the temporary name. No other
 * user can connect at any time, and a web server always finds either the old socket or the new one. Two
 * masters that start at the same time could both find a dead socket and replace it, and the first master
 * would then receive no requests. The check of the old socket and the rename are therefore done under a lock
 * on the directory, which needs no lock file. */
#include "process/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/failure.h"
#include "base/memory.h"
#include "config/settings.h"
#include "process/os_user.h"

#define SYSTEMD_DESCRIPTOR 3 /* SD_LISTEN_FDS_START, sd_listen_fds(3) */
#define LOCK_ATTEMPTS 50
#define LOCK_PAUSE_MS 100

bool listener_is_socket(int descriptor)
{
    int listens = 0;
    socklen_t size = sizeof listens;
    return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens;
}

bool listener_adopt(int descriptor, struct listener *listener, struct failure *why)
{
    if (!listener_is_socket(descriptor))
        return fail(why, FAILURE_SETTING, "descriptor %d is not a listening socket", descriptor);
    char name[32];
    int length = snprintf(name, sizeof name, "descriptor %d", descriptor);
    *listener = (struct listener){.descriptor = descriptor, .name = memory_copy(name, (size_t)length)};
    return true;
}

/* ---- unix sockets ---- */

static bool lock_directory(const char *directory, int *lock, struct failure *why)
{
    *lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock < 0)
        return fail(why, FAILURE_SETTING, "listen: %s: %s", directory, strerror(errno));
    for (int attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
        if (flock(*lock, LOCK_EX | LOCK_NB) == 0)
            return true;
        poll(NULL, 0, LOCK_PAUSE_MS);
    }
    close(*lock);
    return fail(why, FAILURE_SETTING, "listen: another process keeps %s locked", directory);
}

/* True if a process listens at the address. A full backlog (EAGAIN) also means that a process listens. */
static bool is_alive(const struct sockaddr_un *address)
{
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool refused = probe >= 0 && connect(probe, (const struct sockaddr *)address, sizeof *address) != 0 &&
                   (errno == ECONNREFUSED || errno == ENOENT);
    if (probe >= 0)
        close(probe);
    return !refused;
}

static bool is_replaceable(const struct sockaddr_un *address, struct failure *why)
{
    struct stat file;
    if (lstat(address->sun_path, &file) != 0)
        return errno == ENOENT ||
               fail(why, FAILURE_SETTING, "listen: %s: %s", address->sun_path, strerror(errno));
    if (!S_ISSOCK(file.st_mode))
        return fail(why, FAILURE_SETTING, "listen: %s exists and is not a socket", address->sun_path);
    if (is_alive(address))
        return fail(why, FAILURE_SETTING, "listen: another process listens on %s", address->sun_path);
    return true;
}

/* Looks up the owner and group of the socket. Sets -1 if no name is set, so that lchown(2) leaves that id
 * unchanged. */
static bool find_owner(const struct settings *settings, uid_t *user, gid_t *group, struct failure *why)
{
    gid_t unused;
    *user = (uid_t)-1;
    *group = (gid_t)-1;
    return (!*settings->socket_owner || os_user_find(settings->socket_owner, user, &unused, why)) &&
           (!*settings->socket_group || os_user_find_group(settings->socket_group, group, why));
}

/* A socket's name cannot be changed by the descriptor of the socket, so the name is opened (O_PATH), checked
 * and given away by that descriptor: an account that may write to the folder could have put another file
 * there. */
static bool give_socket(const char *path, uid_t user, gid_t group)
{
    struct stat file;
    if (user == (uid_t)-1 && group == (gid_t)-1)
        return true;
    int named = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    bool given = named >= 0 && fstat(named, &file) == 0;
    if (given && (!S_ISSOCK(file.st_mode) || file.st_nlink != 1 || file.st_uid != geteuid())) {
        given = false;
        errno = EPERM;
    }
    given = given && fchownat(named, "", user, group, AT_EMPTY_PATH) == 0;
    int code = errno;
    if (named >= 0)
        close(named);
    errno = code;
    return given;
}

/* Binds the socket and sets its mode and owner. Until listen(), every connection is refused, whatever the
 * mode. */
static bool bind_private(int descriptor, const struct sockaddr_un *address, const struct settings *settings,
                         struct failure *why)
{
    uid_t user;
    gid_t group;
    if (!find_owner(settings, &user, &group, why) || !is_replaceable(address, why))
        return false;
    unlink(address->sun_path); /* left by a master that died between this line and publish() */
    mode_t saved = umask(0);
    bool bound = fchmod(descriptor, (mode_t)settings->socket_mode) == 0 &&
                 bind(descriptor, (const struct sockaddr *)address, sizeof *address) == 0;
    umask(saved);
    if (!bound)
        return fail(why, FAILURE_SETTING, "listen: cannot bind %s: %s", address->sun_path, strerror(errno));
    if (give_socket(address->sun_path, user, group))
        return true;
    fail(why, FAILURE_SETTING, "listen: cannot change the owner of %s to %s:%s: %s", address->sun_path,
         settings->socket_owner, settings->socket_group, strerror(errno));
    unlink(address->sun_path);
    return false;
}

static bool publish(struct listener *listener, const struct sockaddr_un *fresh, int backlog,
                    struct failure *why)
{
    struct stat made;
    if (listen(listener->descriptor, backlog) != 0 || lstat(fresh->sun_path, &made) != 0 ||
        rename(fresh->sun_path, listener->name) != 0) {
        fail(why, FAILURE_SETTING, "listen: %s: %s", listener->name, strerror(errno));
        unlink(fresh->sun_path);
        return false;
    }
    listener->path_bound = true;
    listener->device = made.st_dev;
    listener->inode = made.st_ino;
    return true;
}

static bool bind_path(struct listener *listener, const struct settings *settings, struct failure *why)
{
    struct sockaddr_un old = {.sun_family = AF_UNIX}, fresh = old;
    char *copy = memory_copy(listener->name, strlen(listener->name));
    int lock, length = snprintf(fresh.sun_path, sizeof fresh.sun_path, "%s.new", listener->name);
    snprintf(old.sun_path, sizeof old.sun_path, "%s", listener->name);
    bool done = length < (int)sizeof fresh.sun_path ||
                fail(why, FAILURE_SETTING, "listen: %s is too long for the path of a socket", listener->name);
    done = done && lock_directory(dirname(copy), &lock, why);
    free(copy);
    if (!done)
        return false;
    done = is_replaceable(&old, why) && bind_private(listener->descriptor, &fresh, settings, why) &&
           publish(listener, &fresh, (int)settings->socket_backlog, why);
    close(lock);
    return done;
}

static bool open_unix(const char *path, const struct settings *settings, struct listener *listener,
                      struct failure *why)
{
    listener->name = memory_copy(path, strlen(path));
    listener->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener->descriptor < 0)
        return fail(why, FAILURE_SETTING, "listen: %s: %s", path, strerror(errno));
    return bind_path(listener, settings, why);
}

/* ---- TCP ---- */

/* Splits "ADDRESS:PORT", "[ADDRESS]:PORT", ":PORT" or "PORT"; changes `text`. */
static void split(char *text, const char **host, const char **port)
{
    char *colon = strrchr(text, ':');
    *host = "127.0.0.1";
    *port = colon ? colon + 1 : text;
    if (!colon || colon == text)
        return;
    *colon = '\0';
    *host = text;
    if (text[0] == '[' && colon[-1] == ']') {
        colon[-1] = '\0';
        *host = text + 1;
    }
}

/* True if the text is a valid port. getaddrinfo() would accept 70000 as 4464. */
static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 5 && text[digits] == '\0' && atol(text) <= UINT16_MAX;
}

/* Accepts only numeric addresses, because a host name may have several addresses, which may change. */
static struct addrinfo *resolve(const char *setting)
{
    const struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *address = NULL;
    const char *host, *port;
    char *copy = memory_copy(setting, strlen(setting));
    split(copy, &host, &port);
    if (!is_port(port) || getaddrinfo(host, port, &hints, &address) != 0)
        address = NULL;
    free(copy);
    return address;
}

/* Returns the bound "ADDRESS:PORT". The kernel chooses the port if the setting is 0. */
static char *name_of(int descriptor)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char host[INET6_ADDRSTRLEN] = "", port[8] = "", name[INET6_ADDRSTRLEN + 16];
    if (getsockname(descriptor, (struct sockaddr *)&address, &size) == 0)
        getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV);
    int length = snprintf(name, sizeof name, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
    return memory_copy(name, (size_t)length);
}

static bool open_tcp(const char *setting, const struct settings *settings, struct listener *listener,
                     struct failure *why)
{
    const int on = 1;
    struct addrinfo *address = resolve(setting);
    if (!address)
        return fail(why, FAILURE_SETTING,
                    "listen: \"%s\" is neither a path nor ADDRESS:PORT with a numeric address", setting);
    int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Accepted connections inherit TCP_NODELAY, because a frame must not wait for an acknowledgement. */
    bool done = descriptor >= 0 && setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
                bind(descriptor, address->ai_addr, address->ai_addrlen) == 0 &&
                listen(descriptor, (int)settings->socket_backlog) == 0;
    if (!done)
        fail(why, FAILURE_SETTING, "listen: cannot bind %s: %s", setting, strerror(errno));
    freeaddrinfo(address);
    listener->descriptor = descriptor;
    if (done)
        listener->name = name_of(descriptor);
    return done;
}

/* ---- systemd ---- */

/* Returns the number of sockets that systemd has passed to this process. The variables are removed, because
 * our children must not see them. */
static int count_passed(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    int passed = pid && count && atol(pid) == (long)getpid() ? atoi(count) : 0;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return passed;
}

static bool take_passed(int count, struct listener *listener, struct failure *why)
{
    if (count != 1)
        return fail(why, FAILURE_SETTING, "systemd passes %d sockets; exactly one is needed", count);
    if (!listener_adopt(SYSTEMD_DESCRIPTOR, listener, why))
        return false;
    fcntl(SYSTEMD_DESCRIPTOR, F_SETFD, FD_CLOEXEC);
    return true;
}

bool listener_open(const struct settings *settings, struct listener *listener, struct failure *why)
{
    const char *setting = settings->listen;
    *listener = (struct listener){.descriptor = -1};
    int passed = count_passed();
    if (passed)
        return take_passed(passed, listener, why);
    listener->ours = true;
    bool prefixed = strncmp(setting, "unix:", 5) == 0;
    bool done = prefixed || strchr(setting, '/')
                    ? open_unix(setting + (prefixed ? 5 : 0), settings, listener, why)
                    : open_tcp(setting, settings, listener, why);
    if (!done)
        listener_close(listener);
    return done;
}

void listener_close(struct listener *listener)
{
    struct stat file;
    if (listener->path_bound && lstat(listener->name, &file) == 0 && file.st_dev == listener->device &&
        file.st_ino == listener->inode)
        unlink(listener->name);
    if (listener->ours && listener->descriptor >= 0)
        shutdown(listener->descriptor, SHUT_RDWR);
    if (listener->descriptor >= 0)
        close(listener->descriptor);
    free(listener->name);
    *listener = (struct listener){.descriptor = -1};
}
