/* A CGI program's argument vector belongs to whoever writes the URL (RFC 3875, 4.4). */
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
#include "expect.h"
#include "records.h"
#include "site.h"
#include "client.h"

/* Else the checks below would prove nothing. */
static void arguments_arrive(const struct stage *stage)
{
    struct visit visit;
    struct errand errand = {
        .method = "GET", .path = "//arguments?--set+access.anonymous%3Dtrue", .unnumbered = true};
    visit_whole(&visit, stage, &errand);
    EXPECT(strcmp(text_words(&visit.body), "[--set][access.anonymous=true]") == 0, "status %d: %s",
           visit.status, text_words(&visit.body));
    visit_end(&visit);
}

static void expect_refusal(const struct stage *stage, const char *method, const char *path, const char *query)
{
    static const char body[] = "{\"model\":\"bench\",\"messages\":[]}";
    struct visit visit;
    struct text target = {0};
    bool post = strcmp(method, "POST") == 0;
    text_format(&target, "%s?%s", path, query);
    struct errand errand = {.method = method,
                            .path = target.bytes,
                            .body = post ? body : NULL,
                            .length = post ? sizeof body - 1 : 0};
    visit_whole(&visit, stage, &errand);
    EXPECT(visit.status == 401, "%s %s: status %d: %s", method, target.bytes, visit.status,
           text_words(&visit.body));
    record_expect(&visit, 401, "refused", "unauthorized");
    visit_end(&visit);
    text_free(&target);
}

static void expect_refusals(const struct stage *stage, const char *query)
{
    expect_refusal(stage, "GET", "/v1/models", query);
    expect_refusal(stage, "POST", "/v1/chat/completions", query);
}

static void setting(const struct stage *stage)
{
    expect_refusals(stage, "--set+access.anonymous%3Dtrue");
}

static void other_file(const struct stage *stage)
{
    struct text conf = {0}, query = {0};
    char *mine = stage_path(stage, "penstock.conf"), *evil = stage_path(stage, "log/evil.conf");
    file_read(mine, &conf);
    char *closed = strstr(text_words(&conf), "anonymous = false");
    EXPECT(closed, "the settings say nothing of anonymous: %s", text_words(&conf));
    memcpy(closed, "anonymous = true ", strlen("anonymous = true "));
    file_write(evil, conf.bytes, conf.length);
    chmod(evil, 0644); /* whoever Apache runs as can read it */
    text_format(&query, "-c+%s", evil);
    expect_refusals(stage, query.bytes);
    text_free(&query);
    text_free(&conf);
    free(mine);
    free(evil);
}

/* How many processes run the program of this mounting. */
static size_t count_programs(const struct stage *stage)
{
    char *program = stage_path(stage, "penstock"), target[PATH_MAX];
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

static void serve(const struct stage *stage)
{
    expect_refusals(stage, "serve");
    EXPECT_SOON(count_programs(stage) == 0, "%zu processes stay", count_programs(stage));
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
