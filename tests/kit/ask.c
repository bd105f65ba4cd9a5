/* A client for scripts: one request by HTTP, FastCGI or CGI, the answer printed as it comes.
 *
 *     ask (--http PORT | --fastcgi PATH | --cgi PROGRAM) [--header "Name: value"]... [--confirm PORT]
 *         [--leave-at WORDS] [--seconds N] METHOD URL [BODY-FILE]
 *
 * --confirm reports each "frame-N " that has come to the fake provider on that port, so that its model
 * handshake-N goes on: a complete answer proves that no server in between buffers frames. --leave-at hangs
 * up once the words have come ("": as soon as the request is sent). Exit status 0: the answer has ended (or
 * the client has left); 1: it has not ended in time. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "net.h"
#include "process.h"
#include "talk.h"
#include "variables.h"

#define SECONDS 60
#define CONNECT_MS 5000

static struct {
    const char *http, *fastcgi, *cgi, *leave_at;
    unsigned confirm;
    long seconds;
    struct text header_lines;
    struct variables request;
} asked = {.seconds = SECONDS};

static void add_header(const char *line)
{
    size_t size = strcspn(line, ":");
    char *name = copy_bytes(line, size);
    text_format(&asked.header_lines, "%s\r\n", line);
    if (line[size])
        variables_set_header(&asked.request, name, line + size + 1 + strspn(line + size + 1, " "));
    free(name);
}

static void read_options(int argc, char **argv)
{
    static const struct option options[] = {
        {"http", required_argument, NULL, 'h'},    {"fastcgi", required_argument, NULL, 'f'},
        {"cgi", required_argument, NULL, 'c'},     {"header", required_argument, NULL, 'H'},
        {"confirm", required_argument, NULL, 'n'}, {"leave-at", required_argument, NULL, 'l'},
        {"seconds", required_argument, NULL, 's'}, {0}};
    for (int option; (option = getopt_long(argc, argv, "H:", options, NULL)) != -1;)
        switch (option) {
        case 'h':
            asked.http = optarg;
            break;
        case 'f':
            asked.fastcgi = optarg;
            break;
        case 'c':
            asked.cgi = optarg;
            break;
        case 'H':
            add_header(optarg);
            break;
        case 'n':
            asked.confirm = (unsigned)atoi(optarg);
            break;
        case 'l':
            asked.leave_at = optarg;
            break;
        case 's':
            asked.seconds = atol(optarg);
            break;
        default:
            give_up("see the head of ask.c");
        }
    if (argc - optind < 2 || !(asked.http || asked.fastcgi || asked.cgi))
        give_up("ask (--http PORT | --fastcgi PATH | --cgi PROGRAM) [OPTIONS] METHOD URL [BODY-FILE]");
}

static int reach(int socket, const char *where)
{
    if (socket < 0)
        give_up("no answer at %s", where);
    return socket;
}

static void send_request(struct talk *talk, const char *method, const char *url, const struct text *body)
{
    const char *words[] = {asked.cgi, NULL};
    if (asked.http) {
        int socket = reach(net_connect_tcp((unsigned)atoi(asked.http), CONNECT_MS), asked.http);
        const char *bytes = body->length ? body->bytes : NULL;
        talk_http(talk, socket, method, url, text_words(&asked.header_lines), bytes, body->length);
        return;
    }
    variables_for_request(&asked.request, method, url);
    if (body->length)
        variables_set(&asked.request, "CONTENT_LENGTH", "%zu", body->length);
    if (asked.fastcgi) {
        int socket = reach(net_connect_unix(asked.fastcgi, CONNECT_MS), asked.fastcgi);
        talk_fastcgi(talk, socket, &asked.request, text_words(body), body->length);
        return;
    }
    variables_inherit(&asked.request);
    if (getenv("PENSTOCK_CONFIG"))
        variables_set(&asked.request, "PENSTOCK_CONFIG", "%s", getenv("PENSTOCK_CONFIG"));
    talk_cgi(talk, words, &asked.request, text_words(body), body->length, STDERR_FILENO);
}

/* Confirms the frames that have come since the last call. */
static void confirm_frames(const struct talk *talk)
{
    static long next = 1;
    char frame[32], target[64];
    for (;; next++) {
        struct text nothing = {0};
        snprintf(frame, sizeof frame, "frame-%ld ", next);
        if (!strstr(text_words(&talk->heard), frame))
            return;
        snprintf(target, sizeof target, "/confirm?frame=%ld", next);
        if (!net_get(asked.confirm, target, &nothing, CONNECT_MS))
            give_up("the fake provider on port %u does not answer", asked.confirm);
        text_free(&nothing);
    }
}

static bool is_time_to_leave(const struct talk *talk)
{
    return asked.leave_at && talk->sent == talk->out.length &&
           strstr(text_words(&talk->heard), asked.leave_at);
}

static bool listen_to_end(struct talk *talk)
{
    size_t printed = 0;
    bool more = true;
    for (int64_t deadline = now_ms() + asked.seconds * 1000; more && now_ms() < deadline;) {
        more = talk_step(talk, 20);
        fwrite(text_words(&talk->heard) + printed, 1, talk->heard.length - printed, stdout);
        fflush(stdout);
        printed = talk->heard.length;
        if (asked.confirm)
            confirm_frames(talk);
        if (more && is_time_to_leave(talk)) {
            talk_leave(talk);
            more = false;
        }
    }
    return !more;
}

int main(int argc, char **argv)
{
    struct text body = {0};
    struct talk talk;
    read_options(argc, argv);
    if (argc - optind > 2)
        file_read(argv[optind + 2], &body);
    send_request(&talk, argv[optind], argv[optind + 1], &body);
    bool ended = listen_to_end(&talk);
    int status = talk_end(&talk, 5000);
    if (!ended)
        fprintf(stderr, "ask: no end within %ld s\n", asked.seconds);
    text_free(&body);
    text_free(&asked.header_lines);
    variables_free(&asked.request);
    return ended && (asked.leave_at || status == 0) ? 0 : 1;
}
