/* Waits for the next connection of a worker. Several workers share the listening socket.
 *
 * Workers that sleep in accept() are woken in turn. With few requests, the memory of each worker has then
 * left the processor's caches before its next request, which is a third of the cost of a request. With
 * EPOLLEXCLUSIVE (epoll_ctl(2)) the kernel searches the workers in the order in which they were added to the
 * socket and wakes the first idle worker. A few warm workers do the work, and the others sleep until they are
 * needed.
 *
 * Only one worker is woken for a connection. If that worker was just told to exit or is killed, no other
 * worker is notified of the connection. Every worker therefore calls accept() after each wait, whatever ended
 * the wait. */
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

#define WAIT_MS 1000
#define EVENTS_MAX 4

static void add_to_epoll(const struct acceptor *acceptor, int descriptor, unsigned events)
{
    struct epoll_event event = {.events = events, .data.fd = descriptor};
    if (epoll_ctl(acceptor->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
        die("cannot wait for connections: %s", strerror(errno));
}

void acceptor_open(struct acceptor *acceptor, int listener)
{
    int flags = fcntl(listener, F_GETFL);
    *acceptor = (struct acceptor){.listener = listener, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    if (flags < 0 || fcntl(listener, F_SETFL, flags | O_NONBLOCK) != 0 || acceptor->epoll < 0)
        die("cannot wait for connections: %s", strerror(errno));
    add_to_epoll(acceptor, listener, EPOLLIN | EPOLLEXCLUSIVE);
    int on = 1; /* accepted connections inherit it; for a unix socket this fails and is not needed */
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void acceptor_watch(const struct acceptor *acceptor, int descriptor)
{
    add_to_epoll(acceptor, descriptor, EPOLLIN);
}

/* Returns the events of the listening socket. */
static unsigned wait_once(const struct acceptor *acceptor, bool *watched_readable)
{
    struct epoll_event events[EVENTS_MAX];
    unsigned listener_events = 0;
    int count = epoll_wait(acceptor->epoll, events, EVENTS_MAX, WAIT_MS);
    for (int i = 0; i < count; i++)
        if (events[i].data.fd == acceptor->listener)
            listener_events = events[i].events;
        else
            *watched_readable = true;
    return listener_events;
}

/* A worker that has just become idle may accept the connection first. The worker that was woken then waits
 * again. After shutdown() of a unix socket, accept() fails with EAGAIN; only EPOLLHUP reports the
 * shutdown. */
int acceptor_accept(const struct acceptor *acceptor, bool *watched_readable)
{
    unsigned events;
    int connection;
    *watched_readable = false;
    do {
        events = wait_once(acceptor, watched_readable);
        connection = accept4(acceptor->listener, NULL, NULL, SOCK_CLOEXEC);
    } while (connection < 0 && errno == EAGAIN && events == EPOLLIN && !*watched_readable);
    if (connection < 0 && events & EPOLLHUP)
        errno = EINVAL;
    return connection;
}

void acceptor_close(struct acceptor *acceptor)
{
    close(acceptor->epoll);
}
