/* A FastCGI connection in the event loop: libfcgi's reads and writes of it wait in the loop.
 *
 * libfcgi reads and writes by OS_Read() and OS_Write(), functions of its own that a program can replace: a
 * shared libfcgi looks them up in the program first, and for an archive the linker's --wrap does the same.
 * The waiting has to happen inside these functions, because libfcgi keeps half a record's header in a local
 * variable and loses it when a read fails. Connections that are not in the table, those of the self-test and
 * of processes without a loop, are read and written as libfcgi does it itself.
 *
 * Most requests arrive whole and most responses fit the socket, so a connection is registered in epoll when
 * something waits for it first: a read or write that finds nothing to do, or the exchange that waits for the
 * provider. epoll reports each change only once (EPOLLET), and the events are kept until a read or write
 * finds nothing more to do. Readiness for output is watched for a write that waits alone, because a unix
 * socket reports it each time its peer reads, which would wake a stream after each of its frames. */
#include "front/fastcgi_connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

/* A task whose connection always has bytes lets the others have a turn after so many. */
#define READ_BUDGET 65536
#define INPUT_EVENTS (EPOLLIN | EPOLLRDHUP)

#if FCGI_IS_WRAPPED
#define OS_Read __wrap_OS_Read
#define OS_Write __wrap_OS_Write
#endif
/* As fcgios.h declares them, which brings in a configuration of libfcgi's own. */
int OS_Read(int descriptor, char *bytes, size_t size);
int OS_Write(int descriptor, char *bytes, size_t size);

static struct fastcgi_connection **connections; /* by descriptor */
static size_t connection_count;
static unsigned reads, writes; /* calls by libfcgi, for the self-test */

static struct fastcgi_connection *find(int descriptor)
{
    return descriptor >= 0 && (size_t)descriptor < connection_count ? connections[descriptor] : NULL;
}

/* ---- what libfcgi calls ---- */

int OS_Read(int descriptor, char *bytes, size_t size)
{
    struct fastcgi_connection *connection = find(descriptor);
    ssize_t got;
    reads++;
    if (!connection)
        return (int)read(descriptor, bytes, size);
    if (connection->read_now >= READ_BUDGET) {
        connection->read_now = 0;
        loop_yield(connection->loop);
    }
    do
        got = recv(descriptor, bytes, size, connection->flags);
    while (got < 0 && (errno == EINTR || (errno == EAGAIN && fastcgi_connection_wait(connection, EPOLLIN))));
    if (got > 0)
        connection->read_now += (size_t)got;
    return (int)got;
}

int OS_Write(int descriptor, char *bytes, size_t size)
{
    struct fastcgi_connection *connection = find(descriptor);
    ssize_t written;
    writes++;
    if (!connection)
        return (int)write(descriptor, bytes, size);
    do
        written = send(descriptor, bytes, size, MSG_NOSIGNAL | connection->flags);
    while (written < 0 &&
           (errno == EINTR || (errno == EAGAIN && fastcgi_connection_wait(connection, EPOLLOUT))));
    return (int)written;
}

/* ---- the connection ---- */

/* Returns false if the kernel refuses. */
static bool watch(struct fastcgi_connection *connection, uint32_t events)
{
    if (!loop_watch(connection->loop, &connection->watch, connection->descriptor, events | EPOLLET))
        return false;
    connection->watched = events;
    return true;
}

static void note_events(void *context, uint32_t events)
{
    struct fastcgi_connection *connection = context;
    connection->ready |= events;
    if (!connection->writing && connection->watched & EPOLLOUT)
        (void)watch(connection, INPUT_EVENTS);
    if (connection->writing || events & ~(uint32_t)EPOLLOUT)
        loop_wake(connection->loop, connection->task);
}

static void enter(int descriptor, struct fastcgi_connection *connection)
{
    size_t index = (size_t)descriptor;
    if (index >= connection_count) {
        size_t count = index + 64;
        connections = memory_resize(connections, count, sizeof(struct fastcgi_connection *));
        memset(connections + connection_count, 0,
               (count - connection_count) * sizeof(struct fastcgi_connection *));
        connection_count = count;
    }
    connections[index] = connection;
}

void fastcgi_connection_open(struct fastcgi_connection *connection, struct loop *loop, int descriptor,
                             int64_t timeout_us, bool blocks)
{
    *connection = (struct fastcgi_connection){
        .watch = {.handle = note_events, .context = connection, .descriptor = -1},
        .descriptor = descriptor,
        .flags = blocks ? 0 : MSG_DONTWAIT,
        .loop = loop,
        .task = loop_task(loop),
        .read_timeout_us = timeout_us,
        .write_timeout_us = timeout_us,
    };
    enter(descriptor, connection);
}

void fastcgi_connection_close(struct fastcgi_connection *connection)
{
    if (!connection->loop || connection->descriptor < 0)
        return;
    connections[connection->descriptor] = NULL;
    connection->descriptor = -1;
    loop_forget(connection->loop, &connection->watch);
}

bool fastcgi_connection_watch(struct fastcgi_connection *connection)
{
    return connection->watched || watch(connection, INPUT_EVENTS);
}

/* Registers the connection for what is awaited. epoll reports what is already there. */
static bool prepare_wait(struct fastcgi_connection *connection, uint32_t events)
{
    connection->writing = events & EPOLLOUT;
    return connection->writing && !(connection->watched & EPOLLOUT)
               ? watch(connection, INPUT_EVENTS | EPOLLOUT)
               : fastcgi_connection_watch(connection);
}

bool fastcgi_connection_wait(struct fastcgi_connection *connection, uint32_t events)
{
    int64_t until_us = clock_monotonic_us() +
                       (events & EPOLLIN ? connection->read_timeout_us : connection->write_timeout_us);
    uint32_t any = events | EPOLLHUP | EPOLLERR | (events & EPOLLIN ? EPOLLRDHUP : 0);
    connection->ready &= ~events;
    connection->read_now = 0;
    bool waits = prepare_wait(connection, events);
    while (waits && !(connection->ready & any))
        waits = loop_wait(connection->loop, until_us) || clock_monotonic_us() < until_us;
    connection->writing = false;
    if (!waits)
        errno = EAGAIN; /* as a blocking socket with SO_RCVTIMEO */
    return waits;
}

bool fastcgi_connection_was_called(void)
{
    bool was_called = reads > 0 && writes > 0;
    reads = writes = 0;
    return was_called;
}
