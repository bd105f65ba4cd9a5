/* Accepts the connections of a worker. Several workers share the listening socket.
 *
 * Workers that sleep in accept() are woken in turn. With few requests, the memory of each worker has then
 * left the processor's caches before its next request, which is a third of the cost of a request. With
 * EPOLLEXCLUSIVE (epoll_ctl(2)) the kernel searches the workers in the order in which they were added to the
 * socket and wakes the first idle worker. A few warm workers do the work, and the others sleep until they are
 * needed. A worker that serves one request at a time stays in that order while it serves (when_idle in
 * loop.h), because joining it again after each request would put the warm workers at its end.
 *
 * Only one worker is woken for a connection. If that worker was just told to exit or is killed, no other
 * worker is notified of the connection, so a worker calls accept() once more before it exits. */
#include "front/acceptor.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/error_log.h"
#include "loop/loop.h"

void acceptor_open(struct acceptor *acceptor, int listener)
{
    int flags = fcntl(listener, F_GETFL);
    *acceptor = (struct acceptor){.listener = listener};
    if (flags < 0 || fcntl(listener, F_SETFL, flags | O_NONBLOCK) != 0)
        die("cannot wait for connections: %s", strerror(errno));
    int on = 1; /* accepted connections inherit it; for a unix socket this fails and is not needed */
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool acceptor_watch(const struct acceptor *acceptor, struct loop *loop, struct loop_watch *watch)
{
    return loop_watch(loop, watch, acceptor->listener, EPOLLIN | EPOLLEXCLUSIVE);
}

/* After shutdown() of a unix socket, accept() fails with EAGAIN; only EPOLLHUP reports the shutdown. */
int acceptor_accept(const struct acceptor *acceptor, uint32_t events)
{
    int connection = accept4(acceptor->listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0 && errno == EAGAIN && events & EPOLLHUP)
        errno = EINVAL;
    return connection;
}
