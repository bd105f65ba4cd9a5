/* Where a worker waits for its next connection, beside others that wait at the same socket.
 *
 * Workers that sleep in accept() are woken in turn, so that with few requests each one meets a worker whose
 * memory has left the processor's caches: that is a third of what a request costs. Those that wait with
 * EPOLLEXCLUSIVE (epoll_ctl(2)) are asked in the order in which they came to the socket, and the first that
 * is idle is woken: a few warm ones do the work, and the rest sleep undisturbed until they are needed.
 *
 * Only one is woken for a connection. If that one was just told to leave, or is killed, nobody else has
 * heard; hence a look at the socket after every wait, whatever has ended it. */
#include "front/acceptor.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error_log.h"

#define PATIENCE_MS 1000
#define EVENTS_MAX 4

static void await(const struct acceptor *acceptor, int descriptor, unsigned events)
{
    struct epoll_event event = {.events = events, .data.fd = descriptor};
    if (epoll_ctl(acceptor->waiting, EPOLL_CTL_ADD, descriptor, &event) != 0)
        die("cannot wait for connections: %s", strerror(errno));
}

void acceptor_open(struct acceptor *acceptor, int listener)
{
    int flags = fcntl(listener, F_GETFL);
    *acceptor = (struct acceptor){.listener = listener, .waiting = epoll_create1(EPOLL_CLOEXEC)};
    if (flags < 0 || fcntl(listener, F_SETFL, flags | O_NONBLOCK) != 0 || acceptor->waiting < 0)
        die("cannot wait for connections: %s", strerror(errno));
    await(acceptor, listener, EPOLLIN | EPOLLEXCLUSIVE);
    int on = 1; /* inherited by what is accepted; a unix socket refuses and needs none */
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void acceptor_watch(const struct acceptor *acceptor, int descriptor)
{
    await(acceptor, descriptor, EPOLLIN);
}

/* Returns what epoll has to say of the listening socket. */
static unsigned wait_once(const struct acceptor *acceptor, bool *called)
{
    struct epoll_event events[EVENTS_MAX];
    unsigned seen = 0;
    int count = epoll_wait(acceptor->waiting, events, EVENTS_MAX, PATIENCE_MS);
    for (int i = 0; i < count; i++)
        if (events[i].data.fd == acceptor->listener)
            seen = events[i].events;
        else
            *called = true;
    return seen;
}

/* Who is woken may find that another, which has just become idle, was faster: then it waits on. That a unix
 * socket was shut down for reading is told by EPOLLHUP alone; accept() says EAGAIN. */
int acceptor_take(const struct acceptor *acceptor, bool *called)
{
    unsigned seen;
    int connection;
    *called = false;
    do {
        seen = wait_once(acceptor, called);
        connection = accept4(acceptor->listener, NULL, NULL, SOCK_CLOEXEC);
    } while (connection < 0 && errno == EAGAIN && seen == EPOLLIN && !*called);
    if (connection < 0 && seen & EPOLLHUP)
        errno = EINVAL;
    return connection;
}

void acceptor_close(struct acceptor *acceptor)
{
    close(acceptor->waiting);
}
