/* The web server that started this process for one request (RFC 3875).
 *
 * Servers say that the client has gone by SIGTERM. It is blocked and read from a descriptor, so that it
 * interrupts nothing and can be waited for together with everything else. */
#include "front_cgi.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define PARTS_MAX 8

static struct front_cgi *cgi_of(struct front *front)
{
    return (struct front_cgi *)front;
}

static const char *cgi_variable(struct front *front, const char *name)
{
    (void)front;
    return getenv(name);
}

/* Readable or writable within the timeout, and no SIGTERM meanwhile. */
static bool wait_for(struct front_cgi *cgi, int descriptor, short events)
{
    struct pollfd polled[] = {{.fd = descriptor, .events = events}, {.fd = cgi->signals, .events = POLLIN}};
    int ready;
    do
        ready = poll(polled, 2, cgi->timeout_ms);
    while (ready < 0 && errno == EINTR);
    return ready > 0 && !polled[1].revents;
}

static ssize_t cgi_read(struct front *front, void *bytes, size_t size)
{
    struct front_cgi *cgi = cgi_of(front);
    if (cgi->body_left >= 0 && (int64_t)size > cgi->body_left)
        size = (size_t)cgi->body_left;
    if (size == 0)
        return 0;
    if (!wait_for(cgi, STDIN_FILENO, POLLIN))
        return -1;
    ssize_t got = read(STDIN_FILENO, bytes, size);
    if (got > 0 && cgi->body_left >= 0)
        cgi->body_left -= got;
    return got;
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

static bool cgi_write(struct front *front, const struct iovec *parts, size_t count, enum front_more more)
{
    (void)more;
    struct iovec left[PARTS_MAX];
    memcpy(left, parts, count * sizeof *parts);
    for (size_t at = 0; at < count;) {
        ssize_t written = writev(STDOUT_FILENO, left + at, (int)(count - at));
        if (written >= 0)
            at += skip_written(left + at, count - at, (size_t)written);
        else if (errno == EAGAIN ? !wait_for(cgi_of(front), STDOUT_FILENO, POLLOUT) : errno != EINTR)
            return false;
    }
    return true;
}

static int cgi_watch(struct front *front)
{
    return cgi_of(front)->signals;
}

static bool cgi_gone(struct front *front)
{
    struct pollfd polled = {.fd = cgi_of(front)->signals, .events = POLLIN};
    return poll(&polled, 1, 0) > 0;
}

/* The server waits for the end of the output, not for that of the process. */
static void cgi_finish(struct front *front)
{
    (void)front;
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) {
        dup2(nowhere, STDOUT_FILENO);
        close(nowhere);
    }
}

static const struct front_kind cgi_kind = {
    .name = "cgi",
    .variable = cgi_variable,
    .read = cgi_read,
    .write = cgi_write,
    .watch = cgi_watch,
    .gone = cgi_gone,
    .finish = cgi_finish,
};

/* Where the server says how long the body is, its input need not end there (RFC 3875, 4.2). Without a length
 * only a method that has a body is read, for the input of the others may be anything. */
static int64_t body_length(void)
{
    const char *length = getenv("CONTENT_LENGTH"), *method = getenv("REQUEST_METHOD");
    if (length && *length)
        return strtoll(length, NULL, 10);
    bool bodyless = method && (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0);
    return bodyless ? 0 : -1;
}

void front_cgi_open(struct front_cgi *cgi, int64_t timeout_ms)
{
    *cgi = (struct front_cgi){.front.kind = &cgi_kind, .timeout_ms = (int)timeout_ms};
    cgi->body_left = body_length();
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    signal(SIGPIPE, SIG_IGN);
    cgi->signals = signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
}
