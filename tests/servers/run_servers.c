/* Runs the checks behind each web server: `run_servers [--only MOUNTING[:CHECK]] [-v] SCRIPTS PROVIDER
 * PENSTOCK`.
 *
 * One line a check, followed by what it prints; after a mounting with a failed check, the logs of the
 * servers. MOUNTING and CHECK may be any part of the names. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/process.h"
#include "../kit/text.h"
#include "checks.h"
#include "expect.h"
#include "records.h"
#include "site.h"

#define CHECK_SECONDS 120
#define DESCRIPTORS 8192

static const struct mounting mountings[] = {
    {"lighttpd-socket", "/llm", AT_ONCE, AT_ONCE, true, true},
    {"lighttpd-spawn", "/llm", AT_ONCE, AT_ONCE, false, true},
    {"lighttpd-cgi", "/llm", WHEN_WRITTEN, AT_ONCE, false, true},
    {"apache-proxy-unix", "/llm", WHEN_WRITTEN, WHEN_WRITTEN, true, true},
    {"apache-proxy-tcp", "/llm", WHEN_WRITTEN, WHEN_WRITTEN, true, true},
    {"apache-fcgid", "/llm", WHEN_WRITTEN, WHEN_WRITTEN, false, true},
    {"apache-cgi", "/llm", WHEN_WRITTEN, WHEN_WRITTEN, false, true},
    {"apache-htaccess", "/ai", WHEN_WRITTEN, WHEN_WRITTEN, false, false},
    {"nginx", "/llm", AT_ONCE, AT_ONCE, true, true},
    {"bare", "/llm", AT_ONCE, AT_ONCE, true, true},
};

#define MOUNTINGS (sizeof mountings / sizeof *mountings)

static const struct check last_check = {"one usage record a request", records_expect_one_each, NULL};

static unsigned passed, failed;
static struct text impossible;
static const char *only_mounting = "", *only_check = "";
static bool verbose;

bool is_kind(const struct mounting *mounting, const char *kind)
{
    return strcmp(mounting->kind, kind) == 0;
}

static void say(const char *verdict, const struct site *site, const char *name)
{
    printf("%-10s %s: %s\n", verdict, site->mounting->kind, name);
    fflush(stdout);
}

static void show(const struct site *site, const char *name, const char *indent)
{
    struct text bytes = {0};
    char *path = site_path(site, name);
    if (file_read_if_there(path, &bytes))
        for (char *rest = bytes.bytes, *line; (line = strsep(&rest, "\n"));)
            if (*line)
                printf("%s%.400s\n", indent, line);
    text_free(&bytes);
    free(path);
}

/* The mount script lives by a pipe of ours, which no check may keep open. */
static _Noreturn void run_child(const struct site *site, const struct check *check, pid_t parent)
{
    char *output = site_path(site, "output");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || !freopen(output, "w", stdout))
        _exit(2);
    close(site->life);
    alarm(CHECK_SECONDS);
    check->run(site);
    exit(0);
}

static bool run_check(const struct site *site, const struct check *check)
{
    site->common->answered = site->common->failed = 0;
    pid_t parent = getpid();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        run_child(site, check, parent);
    int status = process_wait(child, (CHECK_SECONDS + 10) * 1000);
    say(status == 0 ? "ok" : "FAILED", site, check->name);
    if (status != 0)
        printf("           %s\n", process_end_words(status));
    show(site, "output", "           ");
    passed += status == 0;
    failed += status != 0;
    return status == 0;
}

static bool run_checks(const struct site *site)
{
    /* The load comes first: what a worker costs is measured on a service that has done nothing else. */
    static const struct check *const lists[] = {load_checks,    answer_checks,  runs_checks,
                                                access_checks,  browser_checks, passthrough_checks,
                                                hostile_checks, leave_checks};
    bool good = true;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (const struct check *check = lists[i]; check->name; check++)
            if (strstr(check->name, only_check) && (!check->applies || check->applies(site->mounting)))
                good = run_check(site, check) && good;
    return run_check(site, &last_check) && good;
}

static void show_words(const struct site *site)
{
    static const char *const names[] = {"mount.out", "said", "log/error.log", "log/web.log"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        printf("    %s:\n", names[i]);
        show(site, names[i], "        ");
    }
}

static void note_impossible(const struct site *site)
{
    struct text reason = {0};
    char *path = site_path(site, "mount.out");
    file_read_if_there(path, &reason);
    text_format(&impossible, "could not run: %s: %s", site->mounting->kind, text_words(&reason));
    text_free(&reason);
    free(path);
}

static void run_mounting(struct site *site, const struct mounting *mounting)
{
    int status = site_open(site, mounting);
    bool good = status == 0 && run_checks(site);
    if (status == CANNOT_RUN) {
        note_impossible(site);
    } else if (status != 0) {
        say("FAILED", site, "does not start");
        failed++;
    }
    if (verbose || (!good && status != CANNOT_RUN))
        show_words(site);
    bool ended = site_close(site);
    if (ended && status == CANNOT_RUN)
        return;
    say(ended ? "ok" : "FAILED", site, "nothing is left running");
    *(ended ? &passed : &failed) += 1;
}

/* Five hundred streams are as many connections here, and twice as many in a web server. */
static void raise_descriptors(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int read_options(int argc, char **argv)
{
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++)
        if (strcmp(argv[at], "-v") == 0) {
            verbose = true;
        } else if (strcmp(argv[at], "--only") == 0 && at + 1 < argc) {
            char *words = argv[++at], *colon = strchr(words, ':');
            only_check = colon ? colon + 1 : "";
            only_mounting = words;
            if (colon)
                *colon = '\0';
        }
    if (argc - at != 3)
        give_up("run_servers [--only MOUNTING[:CHECK]] [-v] SCRIPTS PROVIDER PENSTOCK");
    return at;
}

int main(int argc, char **argv)
{
    int at = read_options(argc, argv);
    struct site site = {.scripts = argv[at], .provider_program = argv[at + 1], .program = argv[at + 2]};
    site.common = mmap(NULL, sizeof *site.common, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (site.common == MAP_FAILED)
        give_up("no shared memory");
    signal(SIGPIPE, SIG_IGN);
    raise_descriptors();
    for (size_t i = 0; i < MOUNTINGS; i++)
        if (strstr(mountings[i].kind, only_mounting))
            run_mounting(&site, &mountings[i]);
    fputs(text_words(&impossible), stdout);
    printf("%u passed, %u failed\n", passed, failed);
    return failed || passed == 0;
}
