/* Carries one request to a gateway and its answer back, both at once: a gateway may answer before it has
 * read the whole body, and a client that only writes would then hang. */
#include "talk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fastcgi.h"
#include "process.h"
#include "variables.h"

#define READ_BYTES 65536

static void set_nonblocking(int descriptor)
{
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

void talk_fastcgi(struct talk *talk, int socket, struct variables *variables, const void *body, size_t length)
{
    *talk = (struct talk){.to = socket, .from = socket};
    fastcgi_request(&talk->out, variables, body, length);
    set_nonblocking(socket);
    signal(SIGPIPE, SIG_IGN);
}

void talk_cgi(struct talk *talk, const char *const *arguments, struct variables *environment,
              const void *body, size_t length, int err)
{
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        give_up("no pipes: %s", strerror(errno));
    struct launch launch = {.arguments = arguments,
                            .environment = variables_vector(environment),
                            .in = in[0],
                            .out = out[1],
                            .err = err};
    *talk = (struct talk){.to = in[1], .from = out[0], .pid = process_start(&launch)};
    close(in[0]);
    close(out[1]);
    text_append(&talk->out, body, length);
    set_nonblocking(talk->to);
    set_nonblocking(talk->from);
    signal(SIGPIPE, SIG_IGN);
}

void talk_http(struct talk *talk, int socket, const char *method, const char *url, const char *headers,
               const void *body, size_t length)
{
    *talk = (struct talk){.to = socket, .from = socket, .http = true};
    text_format(&talk->out, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s", method, url,
                headers);
    if (body)
        text_format(&talk->out, "Content-Length: %zu\r\n", length);
    text_put(&talk->out, "\r\n");
    text_append(&talk->out, body, length);
    set_nonblocking(socket);
    signal(SIGPIPE, SIG_IGN);
}

static bool is_cgi(const struct talk *talk)
{
    return talk->pid != 0;
}

static bool is_fastcgi(const struct talk *talk)
{
    return !is_cgi(talk) && !talk->http;
}

static void close_both(struct talk *talk)
{
    if (talk->to >= 0)
        close(talk->to);
    if (talk->from >= 0 && talk->from != talk->to)
        close(talk->from);
    talk->to = talk->from = -1;
}

/* The end of a CGI body is the end of the pipe; that of a FastCGI body is a record. */
static void body_is_out(struct talk *talk)
{
    talk->sent = talk->out.length;
    if (is_cgi(talk)) {
        close(talk->to);
        talk->to = -1;
    }
}

static void send_some(struct talk *talk)
{
    while (talk->sent < talk->out.length) {
        ssize_t sent = write(talk->to, talk->out.bytes + talk->sent, talk->out.length - talk->sent);
        if (sent < 0 && errno == EAGAIN)
            return;
        if (sent < 0)
            break; /* it does not read the rest; its answer is still to come */
        talk->sent += (size_t)sent;
    }
    body_is_out(talk);
}

static void hear_some(struct talk *talk)
{
    struct text *into = is_fastcgi(talk) ? &talk->records : &talk->heard;
    ssize_t got = read(talk->from, text_room(into, READ_BYTES), READ_BYTES);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got > 0) {
        text_fill(into, (size_t)got);
        if (is_fastcgi(talk))
            fastcgi_take_records(talk);
        return;
    }
    talk->broken = is_fastcgi(talk) && !talk->ended;
    talk->ended = true;
}

bool talk_step(struct talk *talk, int64_t ms)
{
    if (talk->ended)
        return false;
    bool sending = talk->to >= 0 && (talk->sent < talk->out.length || is_cgi(talk));
    struct pollfd wait[2] = {{.fd = talk->from, .events = POLLIN},
                             {.fd = sending ? talk->to : -1, .events = POLLOUT}};
    if (poll(wait, 2, (int)ms) <= 0)
        return true;
    if (wait[1].revents)
        send_some(talk);
    if (wait[0].revents)
        hear_some(talk);
    return !talk->ended;
}

void talk_leave(struct talk *talk)
{
    if (is_cgi(talk))
        kill(talk->pid, SIGTERM);
    close_both(talk);
    talk->ended = true;
}

int talk_end(struct talk *talk, int64_t ms)
{
    close_both(talk);
    int status = 0;
    if (is_cgi(talk)) {
        status = process_wait(talk->pid, ms);
        if (status == -1) {
            kill(talk->pid, SIGKILL);
            process_wait(talk->pid, 10000);
        }
    }
    text_free(&talk->out);
    text_free(&talk->records);
    text_free(&talk->heard);
    text_free(&talk->complaint);
    return status;
}
