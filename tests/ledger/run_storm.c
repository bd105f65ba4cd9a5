/* A storm: requests through a real lighttpd while processes of the gateway are killed at random, by SIGKILL.
 *
 *     run_storm [--only KIND] [--whole] SCRIPTS PROVIDER PENSTOCK
 *
 * Whatever the provider has heard and whatever was answered has one record, no request has two, and when the
 * storm is over the ledger holds what the log sums up to. */
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/files.h"
#include "tests/kit/net.h"
#include "tests/kit/process.h"
#include "tests/kit/talk.h"
#include "tests/kit/text.h"
#include "tests/ledger/truth.h"
#include "tests/servers/expect.h"
#include "tests/servers/http.h"
#include "tests/servers/site.h"

#define ASKERS 16
#define PROCESSES 512
#define MOST_REQUESTS 20000

static const struct storm {
    struct mounting mounting;
    unsigned requests, whole; /* whole: with --whole */
    unsigned pause_ms;        /* between two kills, at most */
} storms[] = {
    {{"lighttpd-socket", "/llm", AT_ONCE, AT_ONCE, true, true}, 2000, 20000, 60},
    {{"lighttpd-spawn", "/llm", AT_ONCE, AT_ONCE, false, true}, 1000, 20000, 20},
    {{"lighttpd-cgi", "/llm", WHEN_WRITTEN, AT_ONCE, false, true}, 500, 10000, 20},
};

/* What askers tell each other and us. */
struct shared {
    _Atomic unsigned next, answered, lost, done;
    unsigned char was_answered[MOST_REQUESTS];
};

static struct shared *shared;

/* ---- requests ---- */

static void write_body(struct text *body, unsigned number)
{
    static const char *const models[] = {"bench",           "bench",     "bench",     "slow-first-0.01",
                                         "slow-first-0.05", "bench-5x4", "error-500", "no-such-model"};
    const char *model = models[number * 7919 % 8];
    text_format(body, "{\"model\":\"%s\",\"stream\":%s,\"user\":\"s%u\"%s,\"messages\":[]}", model,
                strncmp(model, "bench-", 6) == 0 ? "true" : "false", number,
                number % 2 ? ",\"max_tokens\":200" : "");
}

/* An answer of the gateway bears its id; one of the web server itself does not. */
static bool listen_to(struct talk *talk)
{
    struct http_answer answer;
    struct text body = {0};
    int64_t end = now_ms() + 2 * PATIENCE_MS;
    while (talk_step(talk, 100) && now_ms() < end)
        continue;
    http_parse(&answer, &talk->heard, talk->ended, &body);
    bool ours = answer.status && strcasestr(text_words(&talk->heard), "\nx-request-id:");
    text_free(&body);
    return ours;
}

static void ask(const struct site *site, unsigned number)
{
    struct talk talk;
    struct text headers = {0}, body = {0};
    int socket = net_connect_tcp(site->port, PATIENCE_MS);
    EXPECT(socket >= 0, "lighttpd does not listen");
    write_body(&body, number);
    text_format(&headers,
                "Content-Type: application/json\r\nX-Request-Id: s%u\r\nAuthorization: Bearer " CLIENT_KEY
                "\r\n",
                number);
    talk_http(&talk, socket, "POST", "/llm/v1/chat/completions", headers.bytes, body.bytes, body.length);
    bool answered = listen_to(&talk);
    shared->was_answered[number] = answered;
    shared->answered += answered;
    shared->lost += !answered;
    talk_end(&talk, PATIENCE_MS);
    text_free(&headers);
    text_free(&body);
}

static void start_askers(const struct site *site, unsigned requests, pid_t askers[ASKERS])
{
    fflush(stdout);
    for (int i = 0; i < ASKERS; i++) {
        askers[i] = fork();
        if (askers[i] != 0)
            continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(site->life);
        for (unsigned number; (number = shared->next++) < requests;)
            ask(site, number);
        shared->done++;
        fflush(stdout);
        _exit(0);
    }
}

/* ---- killing ---- */

struct process {
    pid_t pid, parent;
};

static pid_t parent_of(pid_t pid)
{
    char path[64], line[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    bool read = file && fgets(line, sizeof line, file);
    if (file)
        fclose(file);
    const char *end = read ? strrchr(line, ')') : NULL;
    return end ? (pid_t)atol(end + 4) : 0;
}

static bool runs(pid_t pid, const char *program)
{
    char path[64], target[4096];
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    ssize_t length = readlink(path, target, sizeof target);
    return length == (ssize_t)strlen(program) && memcmp(target, program, (size_t)length) == 0;
}

static size_t list(const char *program, struct process processes[static PROCESSES])
{
    DIR *proc = opendir("/proc");
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(proc)) && count < PROCESSES;) {
        pid_t pid = isdigit((unsigned char)*entry->d_name) ? (pid_t)atol(entry->d_name) : 0;
        if (pid && runs(pid, program))
            processes[count++] = (struct process){pid, parent_of(pid)};
    }
    closedir(proc);
    return count;
}

/* The one that has children of the same program stays; the janitor and workers do not. 0: there is none. */
static pid_t find_master(const char *program)
{
    struct process processes[PROCESSES];
    size_t count = list(program, processes);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            if (processes[i].parent == processes[j].pid)
                return processes[j].pid;
    return 0;
}

static bool kill_one(const char *program, pid_t master, unsigned *seed)
{
    struct process processes[PROCESSES];
    size_t count = list(program, processes);
    if (!count)
        return false;
    const struct process *chosen = &processes[(size_t)rand_r(seed) % count];
    return chosen->pid != master && kill(chosen->pid, SIGKILL) == 0;
}

static unsigned rage(const struct site *site, const struct storm *storm, unsigned *seed)
{
    char *program = site_path(site, "penstock");
    unsigned killed = 0;
    pid_t master = find_master(program);
    int64_t end = now_ms() + 600000;
    while (shared->done < ASKERS && now_ms() < end) {
        killed += kill_one(program, master, seed);
        usleep((useconds_t)(rand_r(seed) % (storm->pause_ms * 1000)));
    }
    free(program);
    return killed;
}

/* ---- what came of it ---- */

/* The provider's journal has each request's body, and so its number. */
static void mark_heard(const char *journal, unsigned char heard[static MOST_REQUESTS])
{
    struct text bytes = {0};
    file_read_if_there(journal, &bytes);
    const char *at = text_words(&bytes);
    while ((at = strstr(at, "\"user\":\"s"))) {
        at += strlen("\"user\":\"s");
        unsigned long number = strtoul(at, NULL, 10);
        if (number < MOST_REQUESTS)
            heard[number] = 1;
    }
    text_free(&bytes);
}

static void mark_logged(const struct truth *truth, unsigned char logged[static MOST_REQUESTS])
{
    for (const char *at = text_words(&truth->ids); (at = strchr(at, 's')); at = strchr(at, '\n')) {
        unsigned long number = strtoul(at + 1, NULL, 10);
        if (number < MOST_REQUESTS)
            logged[number] = 1;
    }
}

static size_t count_missing(const struct truth *truth, const char *journal, unsigned requests)
{
    static unsigned char heard[MOST_REQUESTS], logged[MOST_REQUESTS];
    size_t missing = 0;
    memset(heard, 0, sizeof heard);
    memset(logged, 0, sizeof logged);
    mark_heard(journal, heard);
    mark_logged(truth, logged);
    for (unsigned i = 0; i < requests; i++)
        if ((heard[i] || shared->was_answered[i]) && !logged[i] && missing++ < 5)
            printf("    no record of s%u, which was%s%s\n", i, heard[i] ? " heard by the provider" : "",
                   shared->was_answered[i] ? " answered" : "");
    return missing;
}

static bool judge(const struct site *site, unsigned requests, unsigned killed)
{
    struct truth truth;
    char *folder = site_path(site, "run"), *log = site_path(site, "log/usage.jsonl");
    truth_recover(folder, log);
    truth_read(&truth, log);
    size_t missing = count_missing(&truth, site->journal, requests);
    size_t wrong = truth_compare(&truth, folder);
    printf("    %u requests, %u killed: %u answered, %u not; %zu records, %zu of them crashed; %zu missing, "
           "%zu double, %zu torn, %zu sums wrong\n",
           requests, killed, shared->answered, shared->lost, truth.lines, truth.crashed, missing,
           truth.doubled, truth.torn, wrong);
    bool whole = truth.torn <= 1 + killed / 100; /* by a kill within write(2), which goes page by page */
    bool good = !missing && !truth.doubled && whole && !wrong && killed && truth.lines;
    truth_free(&truth);
    free(folder);
    free(log);
    return good;
}

/* ---- a storm ---- */

/* Everything is over when the last process of the gateway has gone: the mount script ends them. */
static void calm_down(struct site *site)
{
    struct process processes[PROCESSES];
    char *program = site_path(site, "penstock");
    close(site->life);
    site->life = -1;
    process_wait(site->mount, 2 * PATIENCE_MS);
    site->mount = 0;
    EXPECT_SOON(list(program, processes) == 0, "processes of the gateway are left");
    free(program);
}

static bool play(struct site *site, const struct storm *storm, bool whole)
{
    pid_t askers[ASKERS];
    unsigned seed = (unsigned)getpid(), requests = whole ? storm->whole : storm->requests;
    *shared = (struct shared){0};
    start_askers(site, requests, askers);
    unsigned killed = rage(site, storm, &seed);
    for (int i = 0; i < ASKERS; i++) {
        int status = process_wait(askers[i], PATIENCE_MS);
        EXPECT(status == 0, "an asker: %s", process_end_words(status));
    }
    calm_down(site);
    return judge(site, requests, killed);
}

static void show(const struct site *site, const char *name)
{
    struct text bytes = {0};
    char *path = site_path(site, name), *rest;
    if (file_read_if_there(path, &bytes) && bytes.length) {
        rest = bytes.length > 3000 ? bytes.bytes + bytes.length - 3000 : bytes.bytes;
        for (char *line; (line = strsep(&rest, "\n"));)
            printf("      %.300s\n", line);
    }
    text_free(&bytes);
    free(path);
}

/* Each CGI program ends with a look for leaks, by a helper process: if that is killed the program waits for
 * it for ever. */
static bool cannot_play(const struct storm *storm)
{
#if defined(__SANITIZE_ADDRESS__)
    return strcmp(storm->mounting.kind, "lighttpd-cgi") == 0;
#else
    (void)storm;
    return false;
#endif
}

/* 0: good; CANNOT_RUN. */
static int run(struct site *site, const struct storm *storm, bool whole)
{
    if (cannot_play(storm)) {
        printf("could not run: the storm of %s: a sanitizer's helper would be killed\n",
               storm->mounting.kind);
        return CANNOT_RUN;
    }
    int opened = site_open(site, &storm->mounting);
    bool good = opened == 0 && play(site, storm, whole);
    if (opened == CANNOT_RUN)
        printf("could not run: %s: lighttpd is not installed\n", storm->mounting.kind);
    else
        printf("%-10s %s\n", good ? "ok" : "FAILED", storm->mounting.kind);
    if (!good && opened != CANNOT_RUN) {
        show(site, "mount.out");
        show(site, "log/error.log");
    }
    site_close(site);
    return opened == CANNOT_RUN ? CANNOT_RUN : !good;
}

int main(int argc, char **argv)
{
    const char *only = "", *programs[3] = {NULL, NULL, NULL};
    bool whole = false;
    struct common common;
    struct text settings = {0}, journal = {0};
    char *folder = folder_create("ledger-storm");
    for (int i = 1, program = 0; i < argc; i++)
        if (strcmp(argv[i], "--whole") == 0)
            whole = true;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            only = argv[++i];
        else if (program < 3)
            programs[program++] = argv[i];
    if (!programs[2])
        give_up("run_storm [--only KIND] [--whole] SCRIPTS PROVIDER PENSTOCK");
    text_format(&journal, "%s/journal", folder);
    text_format(&settings, "prices = \"%s/prices\";\n", folder);
    char *prices = settings.bytes + strlen("prices = \"");
    prices = copy_bytes(prices, strcspn(prices, "\""));
    file_write(prices, "fake bench* 1 2\nfake slow-* 1 2\n", strlen("fake bench* 1 2\nfake slow-* 1 2\n"));
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct site site = {.scripts = programs[0],
                        .provider_program = programs[1],
                        .program = programs[2],
                        .settings = settings.bytes,
                        .journal = journal.bytes,
                        .common = &common};
    int failed = 0;
    for (size_t i = 0; i < sizeof storms / sizeof *storms; i++)
        if (strstr(storms[i].mounting.kind, only))
            failed += run(&site, &storms[i], whole) == 1;
    folder_remove(folder);
    free(folder);
    free(prices);
    text_free(&settings);
    text_free(&journal);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
