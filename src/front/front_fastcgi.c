/* The front for FastCGI (specification 1.0), with libfcgi and one connection per request.
 *
 * acceptor.c accepts the connection, and libfcgi receives it as a connection kept after an earlier request.
 * The connection therefore has its timeouts before the first byte is read (after half a record libfcgi would
 * wait for ever), and no signal can make libfcgi drop a connection that was accepted. This depends on private
 * behaviour of libfcgi 2.4, as do reopening the stream and freeing the reader early. front_fastcgi_test
 * checks each assumption and fails if libfcgi behaves differently.
 *
 * request.c reads standard input to its end, even for GET, because an unread end record would look like a
 * client that has gone, and closing a socket with unread bytes resets the connection. The connection is
 * closed after each request, whatever the web server requested, because a kept connection would block its
 * worker. */
#include "front/front_fastcgi.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/error_log.h"
#include "base/memory.h"
#include "front/fastcgi_connection.h"
#include "loop/loop.h"

_Static_assert(FRONT_ADDRESS_SIZE >= INET6_ADDRSTRLEN, "FRONT_ADDRESS_SIZE is too small");

#define VARIABLES_MAX 255
#define ABORT_REQUEST 2 /* FCGI_ABORT_REQUEST; fastcgi.h is not installed */

/* The request's variables by a hash of their names. The places in both arrays count from 1; 0: none. */
struct variables {
    bool indexed;
    size_t count;             /* those beyond VARIABLES_MAX are not in the arrays */
    unsigned char first[256]; /* by hash */
    unsigned char next[VARIABLES_MAX];
};

struct front_fastcgi {
    struct front front;
    FCGX_Request request;
    struct variables variables;
    struct fastcgi_connection connection;
    struct loop *loop;
    int64_t timeout_ms;
    bool loop_waits; /* reads and writes wait in the loop; otherwise they block */
};

static struct front_fastcgi *fastcgi_of(struct front *front)
{
    return (struct front_fastcgi *)front;
}

/* ---- variables ---- */

static unsigned char hash_of(const char *name, size_t length)
{
    size_t last = length ? (unsigned char)name[length - 1] : 0, middle = (unsigned char)name[length / 2];
    return (unsigned char)(31 * length + 7 * last + middle);
}

static void index_variables(struct front_fastcgi *fastcgi)
{
    struct variables *variables = &fastcgi->variables;
    char **items = fastcgi->request.envp;
    size_t count = 0;
    *variables = (struct variables){.indexed = true};
    while (items && items[count])
        count++;
    variables->count = count;
    count = count < VARIABLES_MAX ? count : VARIABLES_MAX;
    while (count-- > 0) { /* so that the first one of a name is the first of its chain */
        const char *end = strchr(items[count], '=');
        unsigned char hash = hash_of(items[count], end ? (size_t)(end - items[count]) : 0);
        variables->next[count] = variables->first[hash];
        variables->first[hash] = (unsigned char)(count + 1);
    }
}

static bool is_variable(const char *variable, const char *name, size_t length)
{
    return strncmp(variable, name, length) == 0 && variable[length] == '=';
}

/* As FCGX_GetParam(), but with an index, because a request has about thirty variables, of which we read
 * nearly as many. */
static const char *fastcgi_variable(struct front *front, const char *name)
{
    struct front_fastcgi *fastcgi = fastcgi_of(front);
    struct variables *variables = &fastcgi->variables;
    char **items = fastcgi->request.envp;
    size_t length = strlen(name);
    if (!variables->indexed)
        index_variables(fastcgi);
    for (size_t i = variables->first[hash_of(name, length)]; i; i = variables->next[i - 1])
        if (is_variable(items[i - 1], name, length))
            return items[i - 1] + length + 1;
    for (size_t i = VARIABLES_MAX; i < variables->count; i++)
        if (is_variable(items[i], name, length))
            return items[i] + length + 1;
    return NULL;
}

/* Reopens the stream after a read failed with `error`, which libfcgi treats as the end of the stream. Reading
 * can continue; no byte is lost. Returns false for any other error. */
static bool reopen_after(FCGX_Stream *in, int error)
{
    if (FCGX_GetError(in) != error)
        return false;
    FCGX_ClearError(in);
    in->isClosed = 0;
    return true;
}

/* Reads what has arrived. FCGX_GetStr() alone would wait until it can fill all of `bytes`, and so a sender of
 * one byte a second could not be noticed. */
static int read_arrived(FCGX_Stream *in, char *bytes, int size)
{
    int first = FCGX_GetChar(in);
    if (first == EOF)
        return 0;
    bytes[0] = (char)first;
    int arrived = (int)(in->stop - in->rdNext), more = arrived < size - 1 ? arrived : size - 1;
    return more > 0 ? 1 + FCGX_GetStr(bytes + 1, more, in) : 1;
}

/* A read with a timeout fails with EINTR when the process was stopped and continued, or the machine was
 * suspended (signal(7)). The reader is freed with its buffer at the end of the body, because the worker may
 * then wait for a long time. */
static ssize_t fastcgi_read(struct front *front, void *bytes, size_t size)
{
    FCGX_Request *request = &fastcgi_of(front)->request;
    int limit = size > 1 << 30 ? 1 << 30 : (int)size, got = 0;
    if (!request->in || !size)
        return 0;
    do
        got = read_arrived(request->in, bytes, limit);
    while (got <= 0 && reopen_after(request->in, EINTR));
    if (got > 0)
        return got;
    if (reopen_after(request->in, EAGAIN)) {
        errno = EAGAIN;
        return -1;
    }
    bool broken = FCGX_GetError(request->in) != 0;
    errno = 0;
    if (!broken)
        FCGX_FreeStream(&request->in);
    return broken ? -1 : 0;
}

static void fastcgi_limit_reads(struct front *front, int64_t ms)
{
    struct front_fastcgi *fastcgi = fastcgi_of(front);
    struct timeval timeout = {ms / 1000, ms % 1000 * 1000};
    fastcgi->connection.read_timeout_us = ms * 1000;
    if (!fastcgi->loop_waits)
        setsockopt(fastcgi->request.ipcFd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
}

/* Shuts the connection down after a failed write. Otherwise fastcgi_finish() would wait for the timeout a
 * second time. */
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

/* If the kernel refuses, the next write finds out that the client has left. */
static void fastcgi_watch(struct front *front)
{
    (void)fastcgi_connection_watch(&fastcgi_of(front)->connection);
}

/* Web servers close the connection when the client has gone. No known server sends FCGI_ABORT_REQUEST (5.4),
 * which means the same. */
static bool fastcgi_gone(struct front *front)
{
    struct fastcgi_connection *connection = &fastcgi_of(front)->connection;
    char record[2];
    if (!(connection->ready & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
        return false;
    connection->ready &= ~(uint32_t)EPOLLIN;
    ssize_t got = recv(fastcgi_of(front)->request.ipcFd, record, sizeof record, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0)
        return errno != EAGAIN && errno != EINTR;
    return got == 0 || (got == sizeof record && record[1] == ABORT_REQUEST);
}

/* Writes the peer's address as text, "" for a unix socket. An IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) is
 * written as an IPv4 address. */
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

/* Checks the domain of the socket, because getpeername() can fail for a TCP socket too. */
static bool fastcgi_is_local(struct front *front, char address[FRONT_ADDRESS_SIZE])
{
    int connection = fastcgi_of(front)->request.ipcFd, domain = AF_UNSPEC;
    socklen_t size = sizeof domain;
    write_address(connection, address);
    return getsockopt(connection, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

/* As FCGX_Finish_r(), which needs the reader that fastcgi_read() has freed. After FCGX_Detach(), FCGX_Free()
 * only calls close(); otherwise it would wait up to 2 s for the web server to close first. The error stream
 * is never used, so the rest of the response and the end record are sent in one write. */
static void fastcgi_finish(struct front *front)
{
    FCGX_Request *request = &fastcgi_of(front)->request;
    FCGX_FClose(request->err);
    FCGX_FClose(request->out);
    fastcgi_connection_close(&fastcgi_of(front)->connection);
    FCGX_Detach(request);
    FCGX_Free(request, 1);
}

static const struct front_ops fastcgi_ops = {
    .name = "fastcgi",
    .variable = fastcgi_variable,
    .read = fastcgi_read,
    .limit_reads = fastcgi_limit_reads,
    .write = fastcgi_write,
    .watch = fastcgi_watch,
    .gone = fastcgi_gone,
    .is_local = fastcgi_is_local,
    .finish = fastcgi_finish,
};

struct front_fastcgi *front_fastcgi_open(int64_t timeout_ms, struct loop *loop, bool loop_waits)
{
    struct front_fastcgi *fastcgi = memory_alloc(1, sizeof *fastcgi);
    *fastcgi = (struct front_fastcgi){
        .front = {.ops = &fastcgi_ops}, .loop = loop, .timeout_ms = timeout_ms, .loop_waits = loop_waits};
    if (FCGX_Init() != 0)
        die("cannot initialise libfcgi");
    FCGX_InitRequest(&fastcgi->request, -1, 0);
    return fastcgi;
}

/* True if the peer may connect. FCGI_WEB_SERVER_ADDRS (specification, 2.2) lists the addresses that may
 * connect by TCP, separated by commas; if it is not set, all may connect. libfcgi checks the list in its own
 * accept(), which we do not use. */
static bool is_allowed(int connection)
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

/* Without waits in the loop, the connection blocks and has timeouts of its own. */
static bool open_connection(struct front_fastcgi *fastcgi, int connection)
{
    struct timeval timeout = {fastcgi->timeout_ms / 1000, fastcgi->timeout_ms % 1000 * 1000};
    fastcgi_connection_open(&fastcgi->connection, fastcgi->loop, connection, fastcgi->timeout_ms * 1000,
                            !fastcgi->loop_waits);
    if (fastcgi->loop_waits)
        return true;
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    return fastcgi_connection_wait(&fastcgi->connection, EPOLLIN);
}

static void close_connection(struct front_fastcgi *fastcgi, int connection)
{
    fastcgi_connection_close(&fastcgi->connection);
    close(connection);
}

/* With keepConnection set, FCGX_Accept_r() reads a request from ipcFd before it accepts a connection. If no
 * request comes, it closes ipcFd and fails, because it has no listening socket. The request is detached, so
 * that closing does not wait for the web server. If its reads block, libfcgi reads only when the first bytes
 * are there, because it drops a request whose first read is interrupted; web servers send all variables at
 * once. */
struct front *front_fastcgi_take(struct front_fastcgi *fastcgi, int connection)
{
    if (!is_allowed(connection) || !open_connection(fastcgi, connection)) {
        close_connection(fastcgi, connection);
        return NULL;
    }
    fastcgi->variables.indexed = false;
    fastcgi->request.ipcFd = connection;
    fastcgi->request.keepConnection = 1;
    FCGX_Detach(&fastcgi->request);
    if (FCGX_Accept_r(&fastcgi->request) == 0)
        return &fastcgi->front;
    fastcgi_connection_close(&fastcgi->connection);
    return NULL;
}

void front_fastcgi_close(struct front_fastcgi *fastcgi)
{
    fastcgi_finish(&fastcgi->front);
    free(fastcgi);
}

/* ---- the self-test ---- */

/* A responder request without a body (specification, 3.3 and 5): begin, one variable, the end of the
 * variables, the end of the body. */
static const unsigned char test_request[] = {1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0,   0,   0, 0, 0, 0, /* begin */
                                             1, 4, 0, 1, 0, 4, 0, 0, 1, 1, 'N', 'v',             /* N=v */
                                             1, 4, 0, 1, 0, 0, 0, 0, 1, 5, 0,   1,   0, 0, 0, 0};

static bool answer_test_request(int connection)
{
    FCGX_Request request;
    FCGX_InitRequest(&request, -1, 0);
    request.ipcFd = connection;
    request.keepConnection = 1;
    FCGX_Detach(&request);
    if (FCGX_Accept_r(&request) != 0)
        return false;
    const char *value = FCGX_GetParam("N", request.envp);
    bool right = value && strcmp(value, "v") == 0 && FCGX_PutS("Status: 200\r\n\r\n", request.out) > 0;
    FCGX_FClose(request.err);
    FCGX_FClose(request.out);
    FCGX_Detach(&request);
    FCGX_Free(&request, 1);
    return right;
}

bool front_fastcgi_can_wait(void)
{
    int ends[2];
    if (FCGX_Init() != 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    (void)fastcgi_connection_was_called();
    bool sent = write(ends[0], test_request, sizeof test_request) == sizeof test_request;
    bool answered = sent && answer_test_request(ends[1]);
    close(ends[0]);
    return answered && fastcgi_connection_was_called();
}
