/* A web server that speaks FastCGI (specification 1.0) to a worker, by libfcgi.
 *
 * The connection is accepted elsewhere and handed to the library as one that was kept: so it has its
 * timeouts before the first byte is read from it (a half record would block the library for ever), and no
 * signal can make the library drop a connection that was taken.
 *
 * Standard input is read to its end by the request, even for GET: an unread end record would look
 * like a client that has gone, and closing with unread bytes resets the connection. The connection
 * is closed after each request whatever the server asked for: one that is kept blocks its worker. */
#include "front/front_fastcgi.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcgiapp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/error_log.h"
#include "base/memory.h"

_Static_assert(FRONT_ADDRESS_SIZE >= INET6_ADDRSTRLEN, "an address has room");

#define ABORT_REQUEST 2 /* FCGI_ABORT_REQUEST; fastcgi.h is not installed */

struct front_fastcgi {
    struct front front;
    FCGX_Request request;
    struct timeval timeout;
};

static struct front_fastcgi *fastcgi_of(struct front *front)
{
    return (struct front_fastcgi *)front;
}

/* As FCGX_GetParam(), which compares each name in a call: a request has thirty, and a dozen are asked for. */
static const char *fastcgi_variable(struct front *front, const char *name)
{
    struct front_fastcgi *fastcgi = fastcgi_of(front);
    size_t length = strlen(name);
    for (char **at = fastcgi->request.envp; at && *at; at++)
        if (**at == *name && strncmp(*at, name, length) == 0 && (*at)[length] == '=')
            return *at + length + 1;
    return NULL;
}

/* A process that was stopped and goes on, or a machine that slept, finds its timed reads interrupted
 * (signal(7)). The library takes that for the end of the stream; nothing is lost if it tries again. */
static bool was_interrupted(FCGX_Stream *in)
{
    if (FCGX_GetError(in) != EINTR)
        return false;
    FCGX_ClearError(in);
    in->isClosed = 0;
    return true;
}

/* Once the body is in, what it was read with goes: a worker may wait for long with what it holds now. */
static ssize_t fastcgi_read(struct front *front, void *bytes, size_t size)
{
    FCGX_Request *request = &fastcgi_of(front)->request;
    int most = size > 1 << 30 ? 1 << 30 : (int)size, got = 0;
    if (!request->in)
        return 0;
    do
        got = FCGX_GetStr(bytes, most, request->in);
    while (got <= 0 && was_interrupted(request->in));
    if (got > 0)
        return got;
    bool broken = FCGX_GetError(request->in) != 0;
    if (!broken)
        FCGX_FreeStream(&request->in);
    return broken ? -1 : 0;
}

/* After a failed write nothing more goes out: without the shutdown, ending the request would block a second
 * time. */
static bool break_off(struct front_fastcgi *fastcgi)
{
    shutdown(fastcgi->request.ipcFd, SHUT_RDWR);
    return false;
}

static bool fastcgi_write(struct front *front, const struct iovec *parts, size_t count, enum front_more more)
{
    struct front_fastcgi *fastcgi = fastcgi_of(front);
    FCGX_Stream *out = fastcgi->request.out;
    for (size_t i = 0; i < count; i++)
        if (parts[i].iov_len && FCGX_PutStr(parts[i].iov_base, (int)parts[i].iov_len, out) < 0)
            return break_off(fastcgi);
    if (more == FRONT_FLUSH && FCGX_FFlush(out) != 0)
        return break_off(fastcgi);
    return true;
}

static int fastcgi_watch(struct front *front)
{
    return fastcgi_of(front)->request.ipcFd;
}

/* Servers close the connection when their client has gone. None sends FCGI_ABORT_REQUEST (5.4), but it would
 * say the same. */
static bool fastcgi_gone(struct front *front)
{
    char record[2];
    ssize_t got = recv(fastcgi_of(front)->request.ipcFd, record, sizeof record, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0)
        return errno != EAGAIN && errno != EINTR;
    return got == 0 || (got == sizeof record && record[1] == ABORT_REQUEST);
}

/* The peer's address in writing; an IPv4 address within an IPv6 one (RFC 4291, 2.5.5.2) as what it is. "" on
 * a unix socket. */
static void write_address(int connection, char address[static FRONT_ADDRESS_SIZE])
{
    static const char mapped[] = "::ffff:";
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof peer;
    address[0] = '\0';
    if (getpeername(connection, (struct sockaddr *)&peer, &size) != 0)
        return;
    if (peer.ss_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)&peer)->sin_addr, address, INET6_ADDRSTRLEN);
    if (peer.ss_family == AF_INET6)
        inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&peer)->sin6_addr, address, INET6_ADDRSTRLEN);
    if (strncmp(address, mapped, sizeof mapped - 1) == 0)
        memmove(address, address + sizeof mapped - 1, strlen(address) - sizeof mapped + 2);
}

/* The kind of socket is asked for itself: an address that cannot be had is no sign of a unix socket. */
static bool fastcgi_is_near(struct front *front, char address[FRONT_ADDRESS_SIZE])
{
    int connection = fastcgi_of(front)->request.ipcFd, domain = AF_UNSPEC;
    socklen_t size = sizeof domain;
    write_address(connection, address);
    return getsockopt(connection, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

/* As FCGX_Finish_r(), which wants a reader that we have freed. Detached means a plain close(): the library
 * would wait up to 2 s for the server to close first. Its error log of the request is never used, so all that
 * is to be written is the rest of the answer and the end record, in one write. */
static void fastcgi_finish(struct front *front)
{
    FCGX_Request *request = &fastcgi_of(front)->request;
    FCGX_FClose(request->err);
    FCGX_FClose(request->out);
    FCGX_Detach(request);
    FCGX_Free(request, 1);
}

static const struct front_ops fastcgi_ops = {
    .name = "fastcgi",
    .variable = fastcgi_variable,
    .read = fastcgi_read,
    .write = fastcgi_write,
    .wait = fastcgi_watch,
    .gone = fastcgi_gone,
    .is_unix_socket = fastcgi_is_near,
    .finish = fastcgi_finish,
};

struct front_fastcgi *front_fastcgi_open(int64_t timeout_ms)
{
    struct front_fastcgi *fastcgi = memory_alloc(1, sizeof *fastcgi);
    fastcgi->front.ops = &fastcgi_ops;
    fastcgi->timeout = (struct timeval){timeout_ms / 1000, timeout_ms % 1000 * 1000};
    if (FCGX_Init() != 0)
        die("libfcgi cannot be initialised");
    FCGX_InitRequest(&fastcgi->request, -1, 0);
    return fastcgi;
}

static void prepare_connection(const struct front_fastcgi *fastcgi, int connection)
{
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &fastcgi->timeout, sizeof fastcgi->timeout);
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &fastcgi->timeout, sizeof fastcgi->timeout);
}

/* The library's own rule for who may connect by TCP, for it does not see who does: the comma-separated
 * addresses of FCGI_WEB_SERVER_ADDRS (specification, 2.2), everybody where it is not set. */
static bool is_welcome(int connection)
{
    const char *list = getenv("FCGI_WEB_SERVER_ADDRS");
    char address[FRONT_ADDRESS_SIZE];
    if (!list)
        return true;
    write_address(connection, address);
    size_t length = strlen(address);
    for (const char *at = list; length && *at; at += strcspn(at, ",")) {
        at += strspn(at, ", ");
        if (strncmp(at, address, length) == 0 && strchr(", ", at[length]))
            return true;
    }
    return length == 0;
}

/* The library drops a request whose first read is interrupted; so we wait for its bytes, which servers send
 * all at once. */
static bool await_request(const struct front_fastcgi *fastcgi, int connection)
{
    struct pollfd polled = {.fd = connection, .events = POLLIN};
    int timeout_ms = (int)(fastcgi->timeout.tv_sec * 1000 + fastcgi->timeout.tv_usec / 1000);
    return poll(&polled, 1, timeout_ms) > 0;
}

/* The library is told that it kept this connection, so it reads a request from it before it would accept one;
 * if what comes is no request it closes it and fails, for it has no socket to accept on. Detached, so that it
 * does not wait for the other side to close first. */
struct front *front_fastcgi_take(struct front_fastcgi *fastcgi, int connection)
{
    prepare_connection(fastcgi, connection); /* meanwhile the server may have sent its request */
    if (!is_welcome(connection) || !await_request(fastcgi, connection)) {
        close(connection);
        return NULL;
    }
    fastcgi->request.ipcFd = connection;
    fastcgi->request.keepConnection = 1;
    FCGX_Detach(&fastcgi->request);
    if (FCGX_Accept_r(&fastcgi->request) != 0)
        return NULL;
    return &fastcgi->front;
}

void front_fastcgi_close(struct front_fastcgi *fastcgi)
{
    fastcgi_finish(&fastcgi->front);
    free(fastcgi);
}
