/* The front for CGI (RFC 3875): the web server starts a process for each request.
 *
 * Web servers send SIGTERM when the client has gone. The signal is blocked and read from a descriptor, so
 * that it interrupts no system call and an exchange can wait for it together with its sockets. */
#include "front/front_cgi.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

#define PARTS_MAX 8
#define GRACE_US 2000000 /* Apache sends SIGKILL 3 s after SIGTERM */

static struct front_cgi *cgi_of(struct front *front)
{
    return (struct front_cgi *)front;
}

static const char *cgi_variable(struct front *front, const char *name)
{
    (void)front;
    return getenv(name);
}

/* Returns true when the descriptor is ready. Returns false after a SIGTERM, and with errno EAGAIN after the
 * timeout. */
static bool wait_for(struct front_cgi *cgi, int descriptor, short events, int timeout_ms)
{
    struct pollfd polled[] = {{.fd = descriptor, .events = events}, {.fd = cgi->signals, .events = POLLIN}};
    int ready;
    do
        ready = poll(polled, 2, timeout_ms);
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        errno = EAGAIN;
    return ready > 0 && !polled[1].revents;
}

static ssize_t cgi_read(struct front *front, void *bytes, size_t size)
{
    struct front_cgi *cgi = cgi_of(front);
    if (cgi->body_left >= 0 && (int64_t)size > cgi->body_left)
        size = (size_t)cgi->body_left;
    if (size == 0)
        return 0;
    if (!wait_for(cgi, STDIN_FILENO, POLLIN, cgi->read_timeout_ms))
        return -1;
    ssize_t got = read(STDIN_FILENO, bytes, size);
    if (got > 0 && cgi->body_left >= 0)
        cgi->body_left -= got;
    return got;
}

static void cgi_limit_reads(struct front *front, int64_t ms)
{
    cgi_of(front)->read_timeout_ms = (int)ms;
}

static size_t skip_written(struct iovec *parts, size_t count, size_t written)
{
    size_t done = 0;
    while (done < count && written >= parts[done].iov_len)
        written -= parts[done++].iov_len;
    if (done < count) {
        parts[done].iov_base = (char *)parts[done].iov_base + written;
        parts[done].iov_len -= written;
    }
    return done;
}

/* Writes at most PIPE_BUF bytes. A pipe that poll() reports as writable takes that many without blocking, but
 * not necessarily more. */
static ssize_t write_to_pipe(const struct iovec *parts, size_t count)
{
    struct iovec fitting[PARTS_MAX];
    size_t room = PIPE_BUF, used = 0;
    for (; used < count && room; used++) {
        fitting[used] = parts[used];
        if (fitting[used].iov_len > room)
            fitting[used].iov_len = room;
        room -= fitting[used].iov_len;
    }
    return writev(STDOUT_FILENO, fitting, (int)used);
}

/* Writes what can be written now. The descriptor stays blocking, because the web server may share it. */
static ssize_t write_some(struct front_cgi *cgi, struct iovec *parts, size_t count)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
    if (cgi->socket)
        return sendmsg(STDOUT_FILENO, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    return wait_for(cgi, STDOUT_FILENO, POLLOUT, cgi->timeout_ms) ? write_to_pipe(parts, count) : -1;
}

static bool write_all(struct front_cgi *cgi, struct iovec *left, size_t count)
{
    for (size_t at = 0; at < count;) {
        errno = 0;
        ssize_t written = write_some(cgi, left + at, count - at);
        if (written >= 0)
            at += skip_written(left + at, count - at, (size_t)written);
        else if (errno == EAGAIN && cgi->socket ? !wait_for(cgi, STDOUT_FILENO, POLLOUT, cgi->timeout_ms)
                                                : errno != EINTR)
            return false;
    }
    return true;
}

static bool write_last(struct front_cgi *cgi)
{
    struct iovec last = {cgi->last, cgi->last_length};
    cgi->last_length = 0;
    return !last.iov_len || write_all(cgi, &last, 1);
}

/* Moves the end of the parts to `last`: all of them if they fit, else the end of the last one. A client that
 * knows the length of its answer may act on the last byte, and not wait for finish(). */
static void keep_last(struct front_cgi *cgi, struct iovec *parts, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += parts[i].iov_len;
    for (size_t i = total > sizeof cgi->last && count ? count - 1 : 0; i < count; i++) {
        size_t length = min_size(parts[i].iov_len, sizeof cgi->last);
        parts[i].iov_len -= length;
        if (length)
            memcpy(cgi->last + cgi->last_length, (char *)parts[i].iov_base + parts[i].iov_len, length);
        cgi->last_length += length;
    }
}

static bool cgi_write(struct front *front, const struct iovec *parts, size_t count, enum front_more more)
{
    struct front_cgi *cgi = cgi_of(front);
    struct iovec left[PARTS_MAX];
    for (size_t i = 0; i < count; i++) /* there may be no parts at all */
        left[i] = parts[i];
    if (!write_last(cgi))
        return false;
    if (more == FRONT_LAST)
        keep_last(cgi, left, count);
    return write_all(cgi, left, count);
}

static void note_signal(void *context, uint32_t events)
{
    struct front_cgi *cgi = context;
    (void)events;
    loop_unwatch(cgi->loop, &cgi->watch); /* the signal stays in the descriptor, for cgi_gone() */
    loop_wake(cgi->loop, cgi->task);
}

static void cgi_watch(struct front *front)
{
    struct front_cgi *cgi = cgi_of(front);
    cgi->task = loop_task(cgi->loop);
    if (cgi->watch.descriptor < 0)
        (void)loop_watch(cgi->loop, &cgi->watch, cgi->signals, EPOLLIN);
}

static bool cgi_gone(struct front *front)
{
    struct pollfd polled = {.fd = cgi_of(front)->signals, .events = POLLIN};
    return poll(&polled, 1, 0) > 0;
}

static bool cgi_is_local(struct front *front, char address[FRONT_ADDRESS_SIZE])
{
    (void)front;
    address[0] = '\0';
    return true;
}

/* Closes the output, because the web server waits for the end of the output and not of the process. */
static void cgi_finish(struct front *front)
{
    (void)!write_last(cgi_of(front));
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDOUT_FILENO);
        close(null);
    }
}

static const struct front_ops cgi_ops = {
    .name = "cgi",
    .grace_us = GRACE_US,
    .variable = cgi_variable,
    .read = cgi_read,
    .limit_reads = cgi_limit_reads,
    .write = cgi_write,
    .watch = cgi_watch,
    .gone = cgi_gone,
    .is_local = cgi_is_local,
    .finish = cgi_finish,
};

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words && strcmp(word, *words) != 0)
        words++;
    return *words != NULL;
}

/* Returns the bytes of the body, -1 if it ends with the input. If the web server sets a length, the input may
 * continue after the body (RFC 3875, 4.2). Without a length, the input is read only for a method that has a
 * body; for other methods it is undefined. With a malformed length nothing is read, because request_read()
 * refuses the request. */
static int64_t body_length(void)
{
    static const char *const with_body[] = {"POST", "PUT", "PATCH", NULL};
    const char *length = getenv("CONTENT_LENGTH"), *method = getenv("REQUEST_METHOD");
    if (!length || !*length)
        return method && is_one_of(method, with_body) ? -1 : 0;
    size_t digits = strspn(length, "0123456789");
    return length[digits] || digits > 18 ? 0 : strtoll(length, NULL, 10);
}

void front_cgi_open(struct front_cgi *cgi, int64_t timeout_ms, struct loop *loop)
{
    *cgi = (struct front_cgi){
        .front.ops = &cgi_ops,
        .timeout_ms = (int)timeout_ms,
        .read_timeout_ms = (int)timeout_ms,
        .loop = loop,
        .watch = {.handle = note_signal, .context = cgi, .descriptor = -1},
    };
    struct stat output;
    cgi->body_left = body_length();
    cgi->socket = fstat(STDOUT_FILENO, &output) == 0 && S_ISSOCK(output.st_mode);
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a write beyond RLIMIT_FSIZE fails and does not kill the process */
    cgi->signals = signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
}
