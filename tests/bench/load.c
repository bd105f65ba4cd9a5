/* The load generator: many HTTP/1.1 clients in one process.
 *
 *     load --port N [--path /v1/chat/completions] --model NAME [--stream] [--concurrency N]
 *          (--count N | --seconds S) [--close] [--ramp PER-SECOND] [--key KEY] [--run ID] [--body BYTES]
 *
 * Each client sends a request, reads the answer to its end, and repeats that until `count` requests have
 * been sent or the time is over. --close: a connection for each request. --ramp starts that many clients a
 * second, for held streams; when all have got their first frame, "streaming=N" is printed at once. The
 * figures are key=value lines; delay_* is the way of a frame from the provider, with a model timed-NxMS. A
 * stream counts as complete only with [DONE], any other answer only with status 200. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../kit/text.h"
#include "listener.h"
#include "samples.h"

#define EVENTS 512
#define READ_BYTES 65536
#define STALL_SECONDS 60

struct client {
    int descriptor;             /* -1: not connected */
    bool waiting, used;         /* for an answer; the connection was used before */
    int64_t asked_us, frame_us; /* frame_us: when the last frame came; 0: none yet */
    size_t sent;
    struct listener listener;
};

static struct {
    unsigned port;
    const char *path, *model, *key, *run;
    bool stream, close;
    long concurrency, count, ramp, body;
    double seconds;
    struct text request;
    int poll;
    struct client *clients;
    long begun, whole, errors, resumed, streaming, started;
    bool told_streaming;
    int64_t start_us, end_us, last_us; /* end_us: no request begins after it */
    struct samples latency, first_frame, gaps, delays;
} load = {.path = "/v1/chat/completions", .model = "bench", .concurrency = 1};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool more_wanted(void)
{
    return load.count ? load.begun < load.count : now_us() < load.end_us;
}

static void open_connection(struct client *client)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)load.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int yes = 1;
    client->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client->descriptor < 0)
        give_up("no socket: %s", strerror(errno));
    setsockopt(client->descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = client};
    epoll_ctl(load.poll, EPOLL_CTL_ADD, client->descriptor, &event);
    client->used = false;
    if (connect(client->descriptor, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS)
        give_up("cannot connect to port %u: %s", load.port, strerror(errno));
}

static void hang_up(struct client *client)
{
    if (client->descriptor >= 0)
        close(client->descriptor);
    client->descriptor = -1;
}

static void send_request(struct client *client)
{
    while (client->waiting && client->sent < load.request.length) {
        ssize_t sent = send(client->descriptor, load.request.bytes + client->sent,
                            load.request.length - client->sent, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        client->sent += (size_t)sent;
    }
}

static void ask(struct client *client)
{
    load.begun++;
    client->waiting = true;
    client->sent = 0;
    client->frame_us = 0;
    client->asked_us = now_us();
    listener_reset(&client->listener);
    if (client->descriptor < 0)
        open_connection(client);
    else
        send_request(client);
}

static void next(struct client *client)
{
    client->waiting = false;
    if (load.close || !client->listener.keep_alive || client->listener.state != ENDED)
        hang_up(client);
    client->used = true;
    if (more_wanted())
        ask(client);
}

static void finish(struct client *client, int64_t now)
{
    struct listener *listener = &client->listener;
    bool whole = listener->state == ENDED && listener->status == 200 && !listener->failed &&
                 (!load.stream || listener->done);
    if (whole) {
        load.whole++;
        samples_add(&load.latency, now - client->asked_us);
    } else {
        load.errors++;
    }
    load.last_us = now;
    next(client);
}

static void note_frames(struct client *client, size_t before, int64_t now)
{
    for (size_t frames = client->listener.frames - before; frames; frames--) {
        if (client->frame_us)
            samples_add(&load.gaps, now - client->frame_us);
        else {
            samples_add(&load.first_frame, now - client->asked_us);
            load.streaming++;
        }
        client->frame_us = now;
    }
    for (size_t i = 0; i < client->listener.stamp_count; i++)
        samples_add(&load.delays, now - client->listener.stamps[i]);
    client->listener.stamp_count = 0;
}

/* The server closed a kept connection before our request reached it: HTTP allows a client to resend it.
 */
static bool resume(struct client *client)
{
    if (!client->used || client->listener.line_length || client->listener.status)
        return false;
    load.resumed++;
    load.begun--;
    hang_up(client);
    ask(client);
    return true;
}

/* One read is enough unless the buffer was filled or the server has closed: the event will not come again. */
static void hear(struct client *client, bool closed)
{
    static char bytes[READ_BYTES];
    while (client->waiting && client->descriptor >= 0) {
        ssize_t got = recv(client->descriptor, bytes, sizeof bytes, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN))
            return;
        int64_t now = now_us();
        size_t before = client->listener.frames;
        if (got > 0)
            listener_hear(&client->listener, bytes, (size_t)got);
        note_frames(client, before, now);
        if (got <= 0 && resume(client))
            return;
        if (got <= 0 && client->listener.state == TO_CLOSE)
            client->listener.state = ENDED;
        if (got <= 0 || client->listener.state == ENDED)
            finish(client, now);
        else if ((size_t)got < sizeof bytes && !closed)
            return;
    }
}

static void begin_clients(void)
{
    long due = load.concurrency;
    if (load.ramp)
        due = (now_us() - load.start_us) * load.ramp / 1000000 + 1;
    for (; load.started < due && load.started < load.concurrency && more_wanted(); load.started++)
        ask(&load.clients[load.started]);
}

static bool any_waiting(void)
{
    for (long i = 0; i < load.started; i++)
        if (load.clients[i].waiting)
            return true;
    return load.started < load.concurrency && more_wanted();
}

static void tell_streaming(void)
{
    if (load.told_streaming || !load.ramp || load.streaming < load.concurrency)
        return;
    printf("streaming=%ld\n", load.streaming);
    fflush(stdout);
    load.told_streaming = true;
}

static void run(void)
{
    struct epoll_event events[EVENTS];
    load.start_us = load.last_us = now_us();
    load.end_us = load.start_us + (int64_t)(load.seconds * 1e6);
    int64_t moved_us = load.start_us;
    while (any_waiting()) {
        begin_clients();
        int count = epoll_wait(load.poll, events, EVENTS, load.ramp ? 2 : 100);
        for (int i = 0; i < count; i++) {
            struct client *client = events[i].data.ptr;
            if (events[i].events & EPOLLOUT)
                send_request(client);
            hear(client, events[i].events & (EPOLLRDHUP | EPOLLHUP));
        }
        tell_streaming();
        if (count > 0)
            moved_us = now_us();
        else if (now_us() - moved_us > STALL_SECONDS * INT64_C(1000000))
            give_up("nothing moved for %d s", STALL_SECONDS);
    }
}

static void write_request(void)
{
    struct text body = {0};
    text_format(&body, "{\"model\":\"%s\",%s", load.model, load.stream ? "\"stream\":true," : "");
    text_format(&body, "\"messages\":[{\"role\":\"user\",\"content\":\"How are you?%*s\"}]}", (int)load.body,
                "");
    text_format(&load.request, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Type: application/json\r\n",
                load.path, load.port);
    if (load.key)
        text_format(&load.request, "Authorization: Bearer %s\r\n", load.key);
    if (load.run)
        text_format(&load.request, "X-Run-Id: %s\r\n", load.run);
    text_format(&load.request, "%sContent-Length: %zu\r\n\r\n%s", load.close ? "Connection: close\r\n" : "",
                body.length, body.bytes);
    text_free(&body);
}

static void report(void)
{
    double seconds = (double)(load.last_us - load.start_us) / 1e6;
    printf("answers=%ld\nerrors=%ld\nresumed=%ld\nseconds=%.3f\nrate=%.1f\n", load.whole, load.errors,
           load.resumed, seconds, seconds > 0 ? (double)load.whole / seconds : 0);
    printf("p50_us=%u\np99_us=%u\n", samples_percentile(&load.latency, 50),
           samples_percentile(&load.latency, 99));
    if (!load.stream)
        return;
    printf("first_p50_us=%u\nfirst_p99_us=%u\n", samples_percentile(&load.first_frame, 50),
           samples_percentile(&load.first_frame, 99));
    printf("gap_p1_us=%u\ngap_p50_us=%u\ngap_p99_us=%u\ngap_max_us=%u\nframes=%zu\n",
           samples_percentile(&load.gaps, 1), samples_percentile(&load.gaps, 50),
           samples_percentile(&load.gaps, 99), samples_percentile(&load.gaps, 100),
           load.gaps.count + load.first_frame.count);
    if (load.delays.count)
        printf("delay_p50_us=%u\ndelay_p99_us=%u\n", samples_percentile(&load.delays, 50),
               samples_percentile(&load.delays, 99));
}

static void take_option(int option, const char *value)
{
    switch (option) {
    case 'p':
        load.port = (unsigned)atoi(value);
        break;
    case 'u':
        load.path = value;
        break;
    case 'm':
        load.model = value;
        break;
    case 'k':
        load.key = value;
        break;
    case 'S':
        load.stream = true;
        break;
    case 'x':
        load.close = true;
        break;
    case 'c':
        load.concurrency = atol(value);
        break;
    case 'n':
        load.count = atol(value);
        break;
    case 's':
        load.seconds = atof(value);
        break;
    case 'r':
        load.ramp = atol(value);
        break;
    case 'R':
        load.run = value;
        break;
    case 'b':
        load.body = atol(value);
        break;
    default:
        give_up("see the head of load.c");
    }
}

static void read_options(int argc, char **argv)
{
    static const struct option options[] = {{"port", required_argument, NULL, 'p'},
                                            {"path", required_argument, NULL, 'u'},
                                            {"model", required_argument, NULL, 'm'},
                                            {"key", required_argument, NULL, 'k'},
                                            {"stream", no_argument, NULL, 'S'},
                                            {"close", no_argument, NULL, 'x'},
                                            {"concurrency", required_argument, NULL, 'c'},
                                            {"count", required_argument, NULL, 'n'},
                                            {"seconds", required_argument, NULL, 's'},
                                            {"ramp", required_argument, NULL, 'r'},
                                            {"run", required_argument, NULL, 'R'},
                                            {"body", required_argument, NULL, 'b'},
                                            {0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        take_option(option, optarg);
    if (!load.port || load.concurrency < 1 || (!load.count && load.seconds <= 0))
        give_up("--port and one of --count and --seconds are wanted");
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    load.poll = epoll_create1(EPOLL_CLOEXEC);
    load.clients = calloc((size_t)load.concurrency, sizeof *load.clients);
    if (!load.clients)
        give_up("no memory for %ld clients", load.concurrency);
    for (long i = 0; i < load.concurrency; i++)
        load.clients[i].descriptor = -1;
    write_request();
    run();
    report();
    return load.errors ? 1 : 0;
}
