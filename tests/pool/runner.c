/* Runs checks, each a process with a folder of its own, a few at the same time. */
#include "runner.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/process.h"
#include "../kit/text.h"
#include "checks.h"

#define AT_ONCE 4
#define MOST_SECONDS 60 /* unless the choice says otherwise */

struct run {
    const struct check *check;
    const char *binary;
    pid_t pid;
    char *folder;
};

struct tally {
    unsigned passed, failed, impossible;
};

static const char *only, *provider;
static bool verbose;
static unsigned seconds;

static _Noreturn void run_child(const struct run *run)
{
    struct service service;
    struct text output = {0};
    text_format(&output, "%s/output", run->folder);
    if (!freopen(output.bytes, "w", stdout))
        _exit(2);
    signal(SIGPIPE, SIG_IGN);
    alarm(seconds);
    if (access(run->binary, X_OK) != 0 || access(provider, X_OK) != 0)
        check_cannot_run("its programs are not built");
    service_prepare(&service, run->binary, provider, run->folder);
    run->check->run(&service);
    exit(0);
}

/* Workers may run as another user, and must reach their files. */
static void start(struct run *run, const struct check *check, const char *binary)
{
    *run = (struct run){.check = check, .binary = binary, .folder = folder_create("penstock-pool")};
    chmod(run->folder, 0755);
    fflush(stdout);
    run->pid = fork();
    if (run->pid == 0)
        run_child(run);
}

static void show(const struct run *run, const char *name)
{
    struct text path = {0}, bytes = {0};
    text_format(&path, "%s/%s", run->folder, name);
    if (file_read_if_there(path.bytes, &bytes) && bytes.length) {
        char *line = strtok(bytes.bytes, "\n");
        for (; line; line = strtok(NULL, "\n"))
            printf("      %s\n", line);
    }
    text_free(&path);
    text_free(&bytes);
}

static void report(const struct run *run, int status, struct tally *tally)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    const char *verdict = code == 0 ? "ok" : code == 77 ? "cannot run" : "FAILED";
    tally->passed += code == 0;
    tally->impossible += code == 77;
    tally->failed += code != 0 && code != 77;
    printf("%-10s %s\n", verdict, run->check->name);
    if (code == -1)
        printf("      ended by %s\n", process_end_words(status));
    show(run, "output");
    if (verbose || (code != 0 && code != 77)) {
        show(run, "console");
        show(run, "error.log");
    }
}

static void finish(struct run *run, struct tally *tally)
{
    int status = process_wait(run->pid, (seconds + 10) * 1000);
    if (status == -1) {
        kill(run->pid, SIGKILL);
        status = process_wait(run->pid, 10000);
    }
    report(run, status, tally);
    folder_remove(run->folder);
    free(run->folder);
}

/* A ring of running checks. When it is full, it waits for the oldest, so that lines come in order. */
static void run_all(const struct check_list *list, struct tally *tally)
{
    struct run runs[AT_ONCE];
    size_t begun = 0, ended = 0;
    for (; list->checks; list++)
        for (const struct check *check = list->checks; check->name; check++) {
            if (!strstr(check->name, only))
                continue;
            if (begun - ended == AT_ONCE)
                finish(&runs[ended++ % AT_ONCE], tally);
            start(&runs[begun++ % AT_ONCE], check, list->binary);
        }
    while (ended < begun)
        finish(&runs[ended++ % AT_ONCE], tally);
}

int run_checks(const struct check_list *lists, const struct choice *choice)
{
    struct tally tally = {0};
    only = choice->only ? choice->only : "";
    provider = choice->provider;
    verbose = choice->verbose;
    seconds = choice->seconds ? choice->seconds : MOST_SECONDS;
    run_all(lists, &tally);
    if (tally.impossible)
        printf("%u could not run here\n", tally.impossible);
    printf("%u passed, %u failed\n", tally.passed, tally.failed);
    return tally.failed || tally.passed == 0;
}
