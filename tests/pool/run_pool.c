/* Runs the checks of pools: `run_pool [--only WORDS] [-v] [PROBE GATEWAY PROVIDER]`.
 *
 * Each check is a process with a folder of its own, so a few run at the same time, and whatever a broken one
 * leaves behind ends with it. One line a check; what a failed one said, and its error log, follow the line.
 * Without the programs' paths it takes those of the tree it was built in: the process tower alone
 * (pool_probe), the gateway with everything, and the fake provider. */
#include <libgen.h>
#include <limits.h>
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
#define MOST_SECONDS 60

/* Checks, and the program that they are for. */
struct list {
    const struct check *checks;
    const char *binary;
};

struct run {
    const struct check *check;
    const char *binary;
    pid_t pid;
    char *folder;
};

struct tally {
    unsigned passed, failed, impossible;
};

static const char *only = "", *provider;
static bool verbose;

static _Noreturn void live(const struct run *run)
{
    struct stage stage;
    struct text output = {0};
    text_format(&output, "%s/output", run->folder);
    if (!freopen(output.bytes, "w", stdout))
        _exit(2);
    signal(SIGPIPE, SIG_IGN);
    alarm(MOST_SECONDS);
    if (access(run->binary, X_OK) != 0 || access(provider, X_OK) != 0)
        check_cannot_run("its programs are not built");
    stage_prepare(&stage, run->binary, provider, run->folder);
    run->check->run(&stage);
    exit(0);
}

/* The workers, who may be another user, must find their files. */
static void start(struct run *run, const struct check *check, const char *binary)
{
    *run = (struct run){.check = check, .binary = binary, .folder = folder_create("penstock-pool")};
    chmod(run->folder, 0755);
    fflush(stdout);
    run->pid = fork();
    if (run->pid == 0)
        live(run);
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
        show(run, "said");
        show(run, "error.log");
    }
}

static void finish(struct run *run, struct tally *tally)
{
    int status = process_wait(run->pid, (MOST_SECONDS + 10) * 1000);
    if (status == -1) {
        kill(run->pid, SIGKILL);
        status = process_wait(run->pid, 10000);
    }
    report(run, status, tally);
    folder_remove(run->folder);
    free(run->folder);
}

/* A ring of running checks: the oldest is waited for when all places are taken, so lines come in order. */
static void run_all(const struct list *list, struct tally *tally)
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

/* A program of the tree that `program` was built in. */
static void find_beside(const char *program, const char *path, char found[static PATH_MAX])
{
    char *copy = copy_bytes(program, strlen(program));
    snprintf(found, PATH_MAX, "%s/%s", dirname(copy), path);
    free(copy);
}

int main(int argc, char **argv)
{
    static char found[3][PATH_MAX];
    const char *programs[] = {found[0], found[1], found[2]};
    find_beside(argv[0], "pool_probe", found[0]);
    find_beside(argv[0], "../../src/penstock", found[1]);
    find_beside(argv[0], "../upstream/provider", found[2]);
    struct tally tally = {0};
    for (int i = 1, program = 0; i < argc; i++)
        if (strcmp(argv[i], "-v") == 0)
            verbose = true;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            only = argv[++i];
        else if (program < 3)
            programs[program++] = argv[i];
    provider = programs[2];
    const struct list lists[] = {
        {size_checks, programs[0]},    {death_checks, programs[0]},
        {reload_checks, programs[0]},  {end_checks, programs[0]},
        {place_checks, programs[0]},   {start_checks, programs[0]},
        {gateway_checks, programs[1]}, {NULL, NULL},
    };
    run_all(lists, &tally);
    if (tally.impossible)
        printf("%u could not run here\n", tally.impossible);
    printf("%u passed, %u failed\n", tally.passed, tally.failed);
    return tally.failed || tally.passed == 0;
}
