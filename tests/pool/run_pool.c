/* Runs the checks of the process tower against a binary: `run_pool [--only WORDS] [-v] [BINARY]`.
 *
 * Each check is a process with a folder of its own, so a few run at the same time, and whatever a broken one
 * leaves behind ends with it. One line a check; what a failed one said, and its error log, follow the line.
 * Without BINARY it takes the pool_probe beside it. */
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checks.h"
#include "../kit/files.h"
#include "../kit/process.h"
#include "../kit/text.h"

#define AT_ONCE 4
#define MOST_SECONDS 60

struct run {
    const struct check *check;
    pid_t pid;
    char *folder;
};

struct tally {
    unsigned passed, failed, impossible;
};

static const char *binary, *only = "";
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
    stage_prepare(&stage, binary, run->folder);
    run->check->run(&stage);
    exit(0);
}

/* The workers, who may be another user, must find their files. */
static void start(struct run *run, const struct check *check)
{
    *run = (struct run){.check = check, .folder = folder_create("penstock-pool")};
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
static void run_all(const struct check *const lists[], struct tally *tally)
{
    struct run runs[AT_ONCE];
    size_t begun = 0, ended = 0;
    for (; *lists; lists++)
        for (const struct check *check = *lists; check->name; check++) {
            if (!strstr(check->name, only))
                continue;
            if (begun - ended == AT_ONCE)
                finish(&runs[ended++ % AT_ONCE], tally);
            start(&runs[begun++ % AT_ONCE], check);
        }
    while (ended < begun)
        finish(&runs[ended++ % AT_ONCE], tally);
}

static const char *beside(char *program)
{
    struct text path = {0};
    text_format(&path, "%s/pool_probe", dirname(program));
    return path.bytes;
}

int main(int argc, char **argv)
{
    static const struct check *const lists[] = {size_checks,  death_checks, reload_checks, end_checks,
                                                place_checks, start_checks, NULL};
    struct tally tally = {0};
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-v") == 0)
            verbose = true;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            only = argv[++i];
        else
            binary = argv[i];
    if (!binary)
        binary = beside(argv[0]);
    if (access(binary, X_OK) != 0)
        give_up("there is no %s", binary);
    run_all(lists, &tally);
    if (tally.impossible)
        printf("%u could not run here\n", tally.impossible);
    printf("%u passed, %u failed\n", tally.passed, tally.failed);
    return tally.failed || tally.passed == 0;
}
