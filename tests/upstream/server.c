/* Listens for the fake provider's connections and serves them. */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "timers.h"

#define EVENTS 256

int server_listen(unsigned *port)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 4096) != 0)
        give_up("cannot listen on 127.0.0.1:%u: %s", *port, strerror(errno));
    getsockname(listener, (struct sockaddr *)&address, &size);
    *port = ntohs(address.sin_port);
    return listener;
}

static void accept_all(int poll, int listener)
{
    int descriptor, yes = 1;
    while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        connection_open(poll, descriptor);
    }
}

static void run_timers(answer_request *answer)
{
    struct connection *due;
    for (int64_t now = now_us(); (due = timers_next(now));)
        connection_due(due, answer);
}

_Noreturn void server_run(int listener, answer_request *answer, void (*round)(void))
{
    struct epoll_event events[EVENTS], event = {.events = EPOLLIN};
    int poll = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poll, events, EVENTS, timers_wait_ms(now_us()));
        bool more = false;
        for (int i = 0; i < count; i++)
            if (events[i].data.ptr)
                connection_ready(events[i].data.ptr, events[i].events, answer);
            else
                more = true;
        if (more)
            accept_all(poll, listener);
        if (round)
            round();
        run_timers(answer);
    }
}
