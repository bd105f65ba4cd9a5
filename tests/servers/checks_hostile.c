/* What clients without a key can do: the client that writes the URL controls a CGI program's argument vector
 * (RFC 3875, 4.4), and bodies may come slowly. */
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/net.h"
#include "../kit/text.h"
#include "checks.h"
#include "client.h"
#include "expect.h"
#include "records.h"
#include "site.h"

/* Else the checks below would prove nothing. */
static void arguments_arrive(const struct site *site)
{
    struct http_client client;
    struct http_request request = {
        .method = "GET", .path = "//arguments?--set+access.anonymous%3Dtrue", .unnumbered = true};
    client_ask(&client, site, &request);
    EXPECT(strcmp(text_words(&client.body), "[--set][access.anonymous=true]") == 0, "status %d: %s",
           client.status, text_words(&client.body));
    client_end(&client);
}

static void expect_refusal(const struct site *site, const char *method, const char *path, const char *query)
{
    static const char body[] = "{\"model\":\"bench\",\"messages\":[]}";
    struct http_client client;
    struct text target = {0};
    bool post = strcmp(method, "POST") == 0;
    text_format(&target, "%s?%s", path, query);
    struct http_request request = {.method = method,
                                   .path = target.bytes,
                                   .body = post ? body : NULL,
                                   .length = post ? sizeof body - 1 : 0};
    client_ask(&client, site, &request);
    EXPECT(client.status == 401, "%s %s: status %d: %s", method, target.bytes, client.status,
           text_words(&client.body));
    record_expect(&client, 401, "refused", "unauthorized");
    client_end(&client);
    text_free(&target);
}

static void expect_refusals(const struct site *site, const char *query)
{
    expect_refusal(site, "GET", "/v1/models", query);
    expect_refusal(site, "POST", "/v1/chat/completions", query);
}

static void setting(const struct site *site)
{
    expect_refusals(site, "--set+access.anonymous%3Dtrue");
}

static void other_file(const struct site *site)
{
    struct text conf = {0}, query = {0};
    char *mine = site_path(site, "penstock.conf"), *evil = site_path(site, "log/evil.conf");
    file_read(mine, &conf);
    char *closed = strstr(text_words(&conf), "anonymous = false");
    EXPECT(closed, "the settings say nothing of anonymous: %s", text_words(&conf));
    memcpy(closed, "anonymous = true ", strlen("anonymous = true "));
    file_write(evil, conf.bytes, conf.length);
    chmod(evil, 0644); /* readable for the account of Apache */
    text_format(&query, "-c+%s", evil);
    expect_refusals(site, query.bytes);
    text_free(&query);
    text_free(&conf);
    free(mine);
    free(evil);
}

/* How many processes run the program of this mounting. */
static size_t count_programs(const struct site *site)
{
    char *program = site_path(site, "penstock"), target[PATH_MAX];
    DIR *proc = opendir("/proc");
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(proc));) {
        struct text link = {0};
        text_format(&link, "/proc/%s/exe", entry->d_name);
        ssize_t length = readlink(link.bytes, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        count += strcmp(target, program) == 0;
        text_free(&link);
    }
    closedir(proc);
    free(program);
    return count;
}

static void serve(const struct site *site)
{
    expect_refusals(site, "serve");
    EXPECT_SOON(count_programs(site) == 0, "%zu processes stay", count_programs(site));
}

/* ---- slow senders ---- */

#define SLOW_SENDERS 10
#define DRIP 60 /* bytes each tenth of a second */
#define FAIR_REQUESTS 5

struct slow_sender {
    int connection; /* -1: the server has ended it */
};

/* Announces a large body, without a key. A server that holds the body back leaves no record. */
static void begin_slowly(struct slow_sender *sender, const struct site *site)
{
    struct text head = {0};
    long number = __atomic_add_fetch(&site->common->asked, 1, __ATOMIC_RELAXED);
    text_format(&head,
                "POST %s/v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: client-%ld\r\n"
                "Content-Type: application/json\r\nContent-Length: 10000000\r\n\r\n{\"model\":\"",
                site->mounting->prefix, number);
    site->common->lost++;
    sender->connection = net_connect_tcp(site->port, PATIENCE_MS);
    EXPECT(sender->connection >= 0 && write(sender->connection, head.bytes, head.length) > 0,
           "the server takes no connection");
    text_free(&head);
}

static void drip(struct slow_sender *sender)
{
    static const char bytes[DRIP] = "slow";
    if (sender->connection >= 0 && send(sender->connection, bytes, sizeof bytes, MSG_NOSIGNAL) < 0) {
        close(sender->connection);
        sender->connection = -1;
    }
}

/* Sends on until it is ended, so that the senders are there as long as the check needs them. */
static pid_t send_slowly(const struct site *site)
{
    struct slow_sender senders[SLOW_SENDERS];
    for (size_t i = 0; i < SLOW_SENDERS; i++)
        begin_slowly(&senders[i], site);
    pid_t child = fork();
    if (child)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        for (size_t i = 0; i < SLOW_SENDERS; i++)
            drip(&senders[i]);
        usleep(100000);
    }
}

/* Only the worker that says so is busy. */
static bool workers_are_free(const struct site *site)
{
    struct http_client client;
    struct http_request request = {.method = "GET", .path = "/healthz", .unnumbered = true};
    client_ask(&client, site, &request);
    bool are_free = strstr(text_words(&client.body), "\"busy\":1,");
    client_end(&client);
    return are_free;
}

static void slow_senders(const struct site *site)
{
    pid_t senders = send_slowly(site);
    for (unsigned i = 0; i < FAIR_REQUESTS; i++) {
        struct http_client client;
        client_chat(&client, site, "bench", false);
        EXPECT(client_receive_all(&client, PATIENCE_MS), "request %u: status %d", i, client.status);
        EXPECT(client.status == 200, "request %u: status %d", i, client.status);
        client_end(&client);
    }
    if (site->mounting->serves)
        EXPECT_SOON(workers_are_free(site), "workers are held by senders without a key");
    kill(senders, SIGKILL);
    waitpid(senders, NULL, 0);
}

static bool has_server(const struct mounting *mounting)
{
    return !is_kind(mounting, "bare");
}

static bool is_apache_cgi(const struct mounting *mounting)
{
    return is_kind(mounting, "apache-cgi");
}

const struct check hostile_checks[] = {
    {"Apache makes arguments of the query string", arguments_arrive, is_apache_cgi},
    {"?--set+access.anonymous%3Dtrue changes nothing", setting, is_apache_cgi},
    {"?-c+FOLDER/evil.conf changes nothing", other_file, is_apache_cgi},
    {"?serve changes nothing", serve, is_apache_cgi},
    {"slow senders without a key hold no worker", slow_senders, has_server},
    {NULL, NULL, NULL},
};
