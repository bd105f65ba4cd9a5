/* The fake provider: an OpenAI-compatible server for tests, demonstrations and the bench.
 *
 *     provider [--port N] [--port-file FILE] [--log FILE] [--script FILE] [--key KEY]
 *
 * Listens on 127.0.0.1, prints "listening on 127.0.0.1:PORT", and answers by the model's name
 * (behaviour.h) or, with --script, request by request as the file says. GET .../_state returns its
 * counters as JSON; GET .../confirm?frame=NAME continues the answers that wait for that name. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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
#include "server.h"

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

static void announce(unsigned number, const char *port_file)
{
    printf("listening on 127.0.0.1:%u\n", number);
    fflush(stdout);
    if (!port_file)
        return;
    /* Renames the file into place, so that readers always see the complete number. */
    struct text fresh = {0}, port = {0};
    text_format(&fresh, "%s.new", port_file);
    text_format(&port, "%u\n", number);
    file_write(fresh.bytes, port.bytes, port.length);
    if (rename(fresh.bytes, port_file) != 0)
        give_up("cannot write %s: %s", port_file, strerror(errno));
    text_free(&fresh);
    text_free(&port);
}

/* Waiters are woken once the round's events are done: waking may drop a connection whose event is still to
 * come. */
static void wake_waiters(void)
{
    if (confirmations_came)
        connections_wake(answer);
    confirmations_came = false;
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
    int listener = server_listen(&port);
    announce(port, port_file);
    server_run(listener, answer, wake_waiters);
}
