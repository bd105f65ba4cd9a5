/* Serves a game's answers with the connections and plans of the fake provider. */
#include "game_provider.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/kit/text.h"
#include "tests/upstream/timers.h"

#define EVENTS 128

static int listen_anywhere(unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 4096) != 0)
        give_up("the provider cannot listen: %s", strerror(errno));
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

static _Noreturn void serve(int listener, answer_request *answer)
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
        struct connection *due;
        for (int64_t now = now_us(); (due = timers_next(now));)
            connection_due(due, answer);
    }
}

pid_t game_provider_start(answer_request *answer, unsigned *port)
{
    int listener = listen_anywhere(port);
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        give_up("cannot fork: %s", strerror(errno));
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        if (getppid() != parent)
            _exit(1);
        serve(listener, answer);
    }
    close(listener);
    return child;
}

void *game_share(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        give_up("no shared memory");
    return memory;
}
