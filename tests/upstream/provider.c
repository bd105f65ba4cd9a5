/* The fake provider: an OpenAI-compatible server for tests, demonstrations and the bench.
 *
 *     provider [--port N] [--port-file FILE] [--log FILE] [--script FILE] [--key KEY]
 *
 * Listens on 127.0.0.1, prints "listening on 127.0.0.1:PORT", and answers by the model's name
 * (behaviour.h) or, with --script, request by request as the file says. GET .../_state returns its
 * counters as JSON; GET .../confirm?frame=NAME continues the answers that wait for that name. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/text.h"
#include "behaviour.h"
#include "confirmed.h"
#include "connection.h"
#include "heard.h"
#include "journal.h"
#include "plan.h"
#include "replies.h"
#include "script.h"
#include "timers.h"

#define EVENTS 256

static const char *key;
static bool scripted, confirmations_came;

static struct plan *answer_state(void)
{
    struct text json = {0};
    journal_state(&json);
    struct plan *plan = reply_json(200, "", json.bytes, json.length);
    text_free(&json);
    return plan;
}

static struct plan *answer_confirm(const struct heard *heard)
{
    static const char mark[] = "?frame=";
    const char *found = memmem(heard->target, heard->target_length, mark, sizeof mark - 1);
    if (!found)
        return reply_error(400, "", "invalid_request_error", "no_frame", "confirm?frame=NAME is wanted");
    found += sizeof mark - 1;
    confirm(found, (size_t)(heard->target + heard->target_length - found));
    confirmations_came = true;
    return reply_json(200, "", "{}", 2);
}

static bool is_confirm(const struct heard *heard)
{
    static const char path[] = "/confirm";
    const char *query = memchr(heard->target, '?', heard->target_length);
    return query && query - heard->target >= (ptrdiff_t)sizeof path - 1 &&
           memcmp(query - (sizeof path - 1), path, sizeof path - 1) == 0;
}

static struct plan *answer(const struct connection *connection, const struct heard *heard)
{
    if (heard->method[0] == 'G') {
        if (heard_path_ends(heard, "/_state"))
            return answer_state();
        if (is_confirm(heard))
            return answer_confirm(heard);
    }
    journal_request(connection->number, heard->head, heard->length);
    return scripted ? script_next() : behaviour_plan(heard, key);
}

static int listen_on(unsigned port)
{
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0 || listen(descriptor, 4096) != 0)
        give_up("cannot listen on 127.0.0.1:%u: %s", port, strerror(errno));
    return descriptor;
}

static void announce(int descriptor, const char *port_file)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    getsockname(descriptor, (struct sockaddr *)&address, &size);
    printf("listening on 127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    if (!port_file)
        return;
    /* Renames the file into place, so that readers always see the complete number. */
    struct text fresh = {0}, port = {0};
    text_format(&fresh, "%s.new", port_file);
    text_format(&port, "%u\n", ntohs(address.sin_port));
    file_write(fresh.bytes, port.bytes, port.length);
    if (rename(fresh.bytes, port_file) != 0)
        give_up("cannot write %s: %s", port_file, strerror(errno));
    text_free(&fresh);
    text_free(&port);
}

static void accept_all(int poll, int listener)
{
    int descriptor, yes = 1;
    while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        connection_open(poll, descriptor);
    }
}

static void run_timers(void)
{
    struct connection *due;
    for (int64_t now = now_us(); (due = timers_next(now));)
        connection_due(due, answer);
}

/* Waiters are woken once the round's events are done: waking may drop a connection whose event is still to
 * come. */
static void serve(int poll, int listener)
{
    struct epoll_event events[EVENTS];
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
        if (confirmations_came)
            connections_wake(answer);
        confirmations_came = false;
        run_timers();
    }
}

static void raise_descriptors(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'}, {"port-file", required_argument, NULL, 'f'},
        {"log", required_argument, NULL, 'l'},  {"script", required_argument, NULL, 's'},
        {"key", required_argument, NULL, 'k'},  {0}};
    unsigned port = 0;
    const char *port_file = NULL;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        switch (option) {
        case 'p':
            port = (unsigned)atoi(optarg);
            break;
        case 'f':
            port_file = optarg;
            break;
        case 'l':
            journal_open(optarg);
            break;
        case 's':
            script_load(optarg);
            scripted = true;
            break;
        case 'k':
            key = optarg;
            break;
        default:
            give_up("provider [--port N] [--port-file FILE] [--log FILE] [--script FILE] [--key KEY]");
        }
    signal(SIGPIPE, SIG_IGN);
    raise_descriptors();
    int listener = listen_on(port), poll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    announce(listener, port_file);
    serve(poll, listener);
}
