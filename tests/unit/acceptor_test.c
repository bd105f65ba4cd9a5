/* Workers that wait at one socket: who is woken, and what ends the wait. */
#include "front/acceptor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "unit.h"

#define WORKERS 3
#define PATIENCE_MS 10000
#define TURN_US 1000000

static char folder[64];
static struct sockaddr_un address;
static pid_t workers[WORKERS];

static int open_listener(void)
{
    snprintf(folder, sizeof folder, "/tmp/acceptor-test-XXXXXX");
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listener < 0 || !mkdtemp(folder))
        abort();
    address.sun_family = AF_UNIX;
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", folder);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 8) != 0)
        abort();
    return listener;
}

static void close_listener(int listener)
{
    close(listener);
    unlink(address.sun_path);
    rmdir(folder);
}

static int call(void)
{
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    if (client < 0 || connect(client, (struct sockaddr *)&address, sizeof address) != 0)
        abort();
    return client;
}

/* What a worker does to accept connections. */
struct post {
    struct acceptor acceptor;
    struct loop *loop;
    struct loop_watch watch;
    int connection, error;
};

static void take(void *context, uint32_t events)
{
    struct post *post = context;
    errno = 0;
    post->connection = acceptor_accept(&post->acceptor, events);
    post->error = errno;
}

static void open_post(struct post *post, int listener)
{
    *post = (struct post){.watch = {.handle = take, .context = post, .descriptor = -1}, .connection = -1};
    post->loop = loop_create(0);
    acceptor_open(&post->acceptor, listener);
    if (!acceptor_watch(&post->acceptor, post->loop, &post->watch))
        abort();
}

static void close_post(struct post *post)
{
    loop_unwatch(post->loop, &post->watch);
    loop_destroy(post->loop);
}

/* Returns a connection, or -1 if none came within a second. */
static int wait_for_connection(struct post *post)
{
    post->connection = -1;
    loop_turn(post->loop, clock_monotonic_us() + TURN_US);
    return post->connection;
}

/* Sends its name to each client, and waits until the client has gone. */
static _Noreturn void work(int listener, int ready, char name)
{
    struct post post;
    open_post(&post, listener);
    if (write(ready, &name, 1) != 1)
        abort();
    for (;;) {
        char byte;
        int client = wait_for_connection(&post);
        if (client < 0)
            continue;
        if (write(client, &name, 1) == 1 && read(client, &byte, 1) == 0)
            close(client);
    }
}

/* One after the other, so that their order at the socket is known. */
static void start_workers(int listener)
{
    for (int i = 0; i < WORKERS; i++) {
        int ready[2];
        char name;
        if (pipe(ready) != 0)
            abort();
        workers[i] = fork();
        if (workers[i] == 0)
            work(listener, ready[1], (char)('a' + i));
        if (read(ready[0], &name, 1) != 1)
            abort();
        close(ready[0]);
        close(ready[1]);
    }
}

static void end_workers(void)
{
    for (int i = 0; i < WORKERS; i++) {
        kill(workers[i], SIGKILL);
        waitpid(workers[i], NULL, 0);
    }
}

/* Until all of them sleep: they sleep only in the acceptor or with a client. */
static void let_them_wait(void)
{
    for (int i = 0; i < WORKERS; i++) {
        char path[64], state = 'R';
        snprintf(path, sizeof path, "/proc/%d/stat", (int)workers[i]);
        while (state != 'S') {
            FILE *stat = fopen(path, "r");
            if (!stat || fscanf(stat, "%*d %*s %c", &state) != 1 || state == 'Z')
                abort();
            fclose(stat);
        }
    }
}

static char who_answers(int client)
{
    struct pollfd polled = {.fd = client, .events = POLLIN};
    char name = '?';
    return poll(&polled, 1, PATIENCE_MS) > 0 && read(client, &name, 1) == 1 ? name : '?';
}

static void the_same_one_serves_while_it_is_idle(void)
{
    int listener = open_listener();
    start_workers(listener);
    for (int i = 0; i < 20; i++) {
        let_them_wait();
        int client = call();
        CU_ASSERT_EQUAL(who_answers(client), 'a');
        close(client);
    }
    end_workers();
    close_listener(listener);
}

static void the_next_one_serves_while_it_is_busy(void)
{
    int clients[WORKERS], listener = open_listener();
    start_workers(listener);
    for (int i = 0; i < WORKERS; i++) {
        let_them_wait();
        clients[i] = call();
        CU_ASSERT_EQUAL(who_answers(clients[i]), 'a' + i);
    }
    close(clients[1]);
    let_them_wait();
    int client = call();
    CU_ASSERT_EQUAL(who_answers(client), 'b');
    close(client);
    end_workers();
    close(clients[0]);
    close(clients[2]);
    close_listener(listener);
}

/* As if the worker that was woken had died before it could accept. */
static void a_worker_finds_what_no_other_took(void)
{
    struct post dead, living;
    int listener = open_listener();
    open_post(&dead, listener);
    open_post(&living, listener);
    int client = call(), taken = acceptor_accept(&living.acceptor, EPOLLIN);
    CU_ASSERT_TRUE(taken >= 0);
    close(taken);
    close(client);
    close_post(&living);
    close_post(&dead);
    close_listener(listener);
}

static void without_a_client_there_is_no_connection(void)
{
    struct post post;
    int listener = open_listener();
    open_post(&post, listener);
    CU_ASSERT_EQUAL(wait_for_connection(&post), -1);
    CU_ASSERT_EQUAL(acceptor_accept(&post.acceptor, EPOLLIN), -1);
    CU_ASSERT_EQUAL(errno, EAGAIN);
    int client = call(), taken = wait_for_connection(&post);
    CU_ASSERT_TRUE(taken >= 0);
    close(taken);
    close(client);
    close_post(&post);
    close_listener(listener);
}

static void a_shutdown_is_reported(void)
{
    struct post post;
    int listener = open_listener();
    open_post(&post, listener);
    shutdown(listener, SHUT_RDWR);
    CU_ASSERT_EQUAL(wait_for_connection(&post), -1);
    CU_ASSERT_EQUAL(post.error, EINVAL);
    close_post(&post);
    close_listener(listener);
}

static const struct unit_test tests[] = {
    {"the same worker serves as long as it is idle", the_same_one_serves_while_it_is_idle},
    {"the next one serves while it is busy", the_next_one_serves_while_it_is_busy},
    {"a worker finds a connection that no other took", a_worker_finds_what_no_other_took},
    {"without a client there is no connection", without_a_client_there_is_no_connection},
    {"a shutdown of the socket is reported", a_shutdown_is_reported},
};

UNIT_MAIN("acceptor", tests)
