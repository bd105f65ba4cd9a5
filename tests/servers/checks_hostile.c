/* The client that writes the URL controls a CGI program's argument vector (RFC 3875, 4.4). */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../kit/files.h"
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

static bool is_apache_cgi(const struct mounting *mounting)
{
    return is_kind(mounting, "apache-cgi");
}

const struct check hostile_checks[] = {
    {"Apache makes arguments of the query string", arguments_arrive, is_apache_cgi},
    {"?--set+access.anonymous%3Dtrue changes nothing", setting, is_apache_cgi},
    {"?-c+FOLDER/evil.conf changes nothing", other_file, is_apache_cgi},
    {"?serve changes nothing", serve, is_apache_cgi},
    {NULL, NULL, NULL},
};
