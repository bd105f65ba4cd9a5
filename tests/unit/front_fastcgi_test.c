/* What front_fastcgi.c relies on in libfcgi beyond its documented interface: each test names one assumption.
 */
#include "front/front_fastcgi.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/loop.h"
#include "unit.h"

#define TIMEOUT_MS 10000
#define STACK 65536

/* Types of records (FastCGI specification, 8). */
enum { BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };

static struct loop *loop;
static bool loop_waits; /* reads and writes wait in the loop; otherwise they block */
static struct front_fastcgi *fastcgi;
static int web_server, gateway; /* the two ends of a connection */

static void connect_both(void)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        abort();
    web_server = pair[0];
    gateway = pair[1];
    loop = loop_create(STACK);
    fastcgi = front_fastcgi_open(TIMEOUT_MS, loop, loop_waits);
}

static void disconnect(void)
{
    front_fastcgi_close(fastcgi);
    loop_destroy(loop);
    close(web_server);
}

static void send_bytes(const void *bytes, size_t length)
{
    if (send(web_server, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
        abort();
}

static void send_record(int type, const void *content, size_t length)
{
    const unsigned char head[8] = {1, (unsigned char)type,          0,
                                   1, (unsigned char)(length >> 8), (unsigned char)length};
    send_bytes(head, sizeof head);
    if (length)
        send_bytes(content, length);
}

/* Up to the end of the variables. */
static void send_head(void)
{
    static const unsigned char responder_kept[8] = {0, 1, 1}; /* FCGI_RESPONDER, FCGI_KEEP_CONN */
    static const char params[] = "\x0e\x04REQUEST_METHODPOST\x0e\x01"
                                 "CONTENT_LENGTH6";
    send_record(BEGIN_REQUEST, responder_kept, sizeof responder_kept);
    send_record(PARAMS, params, sizeof params - 1);
    send_record(PARAMS, NULL, 0);
}

static bool is_open(int descriptor)
{
    return fcntl(descriptor, F_GETFD) >= 0;
}

/* Bytes up to the end of the connection; -1: it does not end. */
static ssize_t receive_all(char *bytes, size_t size)
{
    size_t length = 0;
    for (;;) {
        struct pollfd polled = {.fd = web_server, .events = POLLIN};
        if (length == size || poll(&polled, 1, TIMEOUT_MS) <= 0)
            return -1;
        ssize_t got = recv(web_server, bytes + length, size - length, 0);
        if (got <= 0)
            return (ssize_t)length;
        length += (size_t)got;
    }
}

static size_t read_body(struct front *front, char *body, size_t size)
{
    size_t length = 0;
    for (ssize_t got; (got = front->ops->read(front, body + length, size - length)) > 0;)
        length += (size_t)got;
    return length;
}

/* FCGX_Accept_r() reads from ipcFd without an accept() if keepConnection is set. */
static void a_connection_of_ours_is_taken_for_a_kept_one(void)
{
    connect_both();
    send_head();
    struct front *front = front_fastcgi_take(fastcgi, gateway);
    CU_ASSERT_PTR_NOT_NULL_FATAL(front);
    CU_ASSERT_STRING_EQUAL(front->ops->variable(front, "REQUEST_METHOD"), "POST");
    CU_ASSERT_PTR_NULL(front->ops->variable(front, "REQUEST"));
    disconnect();
}

/* FCGX_Accept_r() fails instead of waiting for another connection if none of its own can be accepted, and has
 * closed ipcFd. */
static void without_a_request_the_connection_is_closed(void)
{
    static const char noise[] = "GET / HTTP/1.1\r\n\r\n";
    for (int noisy = 0; noisy < 2; noisy++) {
        connect_both();
        if (noisy)
            send_bytes(noise, sizeof noise - 1);
        shutdown(web_server, SHUT_WR);
        CU_ASSERT_PTR_NULL(front_fastcgi_take(fastcgi, gateway));
        CU_ASSERT_FALSE(is_open(gateway));
        disconnect();
    }
}

/* The next request can come by another connection after that. */
static void a_failed_request_leaves_nothing_behind(void)
{
    connect_both();
    shutdown(web_server, SHUT_WR);
    CU_ASSERT_PTR_NULL(front_fastcgi_take(fastcgi, gateway));
    close(web_server);
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        abort();
    web_server = pair[0];
    send_head();
    CU_ASSERT_PTR_NOT_NULL(front_fastcgi_take(fastcgi, pair[1]));
    disconnect();
}

/* The variables outlive FCGX_FreeStream() of the reader, and the request can be finished without a reader. */
static void the_reader_can_be_freed_before_the_request(void)
{
    char body[16], answer[256];
    connect_both();
    send_head();
    send_record(STDIN, "abcdef", 6);
    send_record(STDIN, NULL, 0);
    struct front *front = front_fastcgi_take(fastcgi, gateway);
    CU_ASSERT_PTR_NOT_NULL_FATAL(front);
    CU_ASSERT_EQUAL(read_body(front, body, sizeof body), 6);
    CU_ASSERT_EQUAL(memcmp(body, "abcdef", 6), 0);
    CU_ASSERT_EQUAL(front->ops->read(front, body, sizeof body), 0);
    CU_ASSERT_STRING_EQUAL(front->ops->variable(front, "CONTENT_LENGTH"), "6");
    CU_ASSERT_TRUE(front->ops->write(front, &(struct iovec){(void *)"answer", 6}, 1, FRONT_LAST));
    front->ops->finish(front);
    ssize_t length = receive_all(answer, sizeof answer);
    CU_ASSERT_TRUE(length >= 8 + 6 + 16);
    CU_ASSERT_EQUAL(answer[1], STDOUT);
    CU_ASSERT_EQUAL(memcmp(answer + 8, "answer", 6), 0);
    CU_ASSERT_TRUE(length >= 16 && answer[length - 16 + 1] == END_REQUEST);
    disconnect();
}

/* FCGX_Detach() and FCGX_Free() close the connection, also if FCGI_KEEP_CONN was set, and wait for nothing.
 */
static void a_finished_request_closes_its_connection(void)
{
    char answer[256];
    connect_both();
    send_head();
    struct front *front = front_fastcgi_take(fastcgi, gateway);
    CU_ASSERT_PTR_NOT_NULL_FATAL(front);
    front->ops->finish(front);
    CU_ASSERT_FALSE(is_open(gateway));
    CU_ASSERT_TRUE(receive_all(answer, sizeof answer) > 0);
    FCGX_Request request;
    FCGX_InitRequest(&request, -1, 0);
    request.ipcFd = web_server; /* without a connection there is nothing to detach from */
    FCGX_Detach(&request);
    CU_ASSERT_TRUE(request.detached);
    disconnect();
}

/* ---- an interrupted read ---- */

static volatile sig_atomic_t interrupted;

static void note_signal(int signal)
{
    (void)signal;
    interrupted = 1;
}

static bool sleeps(pid_t process)
{
    char path[64], state = '?';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    FILE *stat = fopen(path, "r");
    if (!stat || fscanf(stat, "%*d %*s %c", &state) != 1)
        abort();
    fclose(stat);
    return state == 'S';
}

/* Half of the body, a signal once the reader waits for the rest, and the rest. */
static _Noreturn void interrupt(pid_t reader)
{
    send_record(STDIN, "abc", 3);
    while (!sleeps(reader))
        continue;
    kill(reader, SIGUSR1);
    send_record(STDIN, "def", 3);
    send_record(STDIN, NULL, 0);
    _exit(0);
}

/* A stream that a signal has ended goes on without a lost byte after FCGX_ClearError() and isClosed = 0. */
static void an_interrupted_read_goes_on(void)
{
    struct sigaction action = {.sa_handler = note_signal}; /* without SA_RESTART */
    char body[16];
    connect_both();
    send_head();
    sigaction(SIGUSR1, &action, NULL);
    struct front *front = front_fastcgi_take(fastcgi, gateway);
    CU_ASSERT_PTR_NOT_NULL_FATAL(front);
    pid_t reader = getpid(), other = fork();
    if (other == 0)
        interrupt(reader);
    CU_ASSERT_EQUAL(read_body(front, body, sizeof body), 6);
    CU_ASSERT_EQUAL(memcmp(body, "abcdef", 6), 0);
    CU_ASSERT_TRUE(interrupted);
    waitpid(other, NULL, 0);
    disconnect();
}

/* ---- several connections in one process ---- */

struct call {
    int web_server, gateway;
    char body[16];
    ssize_t length;
    int place; /* in the order in which the calls ended */
};

static int ended;

static void serve(void *context)
{
    struct call *call = context;
    struct front_fastcgi *own = front_fastcgi_open(TIMEOUT_MS, loop, true);
    struct front *front = front_fastcgi_take(own, call->gateway);
    CU_ASSERT_PTR_NOT_NULL_FATAL(front);
    call->length = read_body(front, call->body, sizeof call->body);
    call->place = ended++;
    front->ops->finish(front);
    front_fastcgi_close(own);
}

static void start(struct call *call)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        abort();
    *call = (struct call){.web_server = pair[0], .gateway = pair[1]};
    CU_ASSERT_TRUE_FATAL(loop_start(loop, serve, call));
}

static void send_request(const struct call *call)
{
    web_server = call->web_server;
    send_head();
    send_record(STDIN, "abcdef", 6);
    send_record(STDIN, NULL, 0);
}

/* The first call has sent half a record's header when the second comes. */
static void a_half_sent_record_delays_no_other_connection(void)
{
    static const unsigned char begin[] = {1, BEGIN_REQUEST, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    struct call slow, quick;
    loop = loop_create(STACK);
    ended = 0;
    start(&slow);
    web_server = slow.web_server;
    send_bytes(begin, 5);
    loop_turn(loop, 0);
    start(&quick);
    send_request(&quick);
    while (loop_task_count(loop) > 1)
        loop_turn(loop, INT64_MAX);
    CU_ASSERT_EQUAL(quick.length, 6);
    web_server = slow.web_server;
    for (size_t i = 5; i < sizeof begin; i++) {
        send_bytes(begin + i, 1);
        loop_turn(loop, 0);
    }
    send_record(PARAMS, NULL, 0);
    send_record(STDIN, "abcdef", 6);
    send_record(STDIN, NULL, 0);
    while (loop_task_count(loop))
        loop_turn(loop, INT64_MAX);
    CU_ASSERT_EQUAL(slow.length, 6);
    CU_ASSERT_TRUE(quick.place < slow.place);
    close(slow.web_server);
    close(quick.web_server);
    loop_destroy(loop);
}

static void libfcgi_calls_our_reads_and_writes(void)
{
    CU_ASSERT_TRUE(front_fastcgi_can_wait());
}

static void block(void)
{
    loop_waits = false;
}

static void wait_in_the_loop(void)
{
    loop_waits = true;
}

#define ALL_TESTS                                                                                            \
    {"a connection of ours is taken for a kept one", a_connection_of_ours_is_taken_for_a_kept_one},          \
        {"without a request the connection is closed", without_a_request_the_connection_is_closed},          \
        {"a failed request leaves nothing behind", a_failed_request_leaves_nothing_behind},                  \
        {"the reader can be freed before the request", the_reader_can_be_freed_before_the_request},          \
        {"a finished request closes its connection", a_finished_request_closes_its_connection},              \
    {                                                                                                        \
        "an interrupted read goes on", an_interrupted_read_goes_on                                           \
    }

static const struct unit_test tests[] = {
    {"with blocking reads", block},
    ALL_TESTS,
    {"with reads that wait in the loop", wait_in_the_loop},
    ALL_TESTS,
    {"libfcgi calls our reads and writes", libfcgi_calls_our_reads_and_writes},
    {"a half-sent record delays no other connection", a_half_sent_record_delays_no_other_connection},
};

UNIT_MAIN("front_fastcgi", tests)
