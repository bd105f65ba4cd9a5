/* Plays the case files against a built penstock, each in every way it can be started.
 *
 *     run_cases [--way cgi|fd0|serve] [--only NAME] [--jobs N] [--under WORDS] [--provider FILE] [-v]
 * PENSTOCK CASE...
 *
 * Each case and way is a process of its own with its own folder, provider and gateway, so they run side by
 * side, and a case that hangs is ended without the others. */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/process.h"
#include "case.h"
#include "play.h"
#include "stage.h"

#define JOBS 6
#define JOB_SECONDS 60
#define JOB_SECONDS_UNDER 600

struct job {
    const struct test_case *test;
    enum way way;
    pid_t pid; /* 0: none under way */
    char *output;
};

static struct {
    struct programs programs;
    const char *only_way, *only_name;
    int jobs;
    bool loud;
    char *folder;
    unsigned passed, failed;
    struct text pending; /* a line each */
} run = {.jobs = JOBS};

/* Never returns: a job's memory goes with its process. */
static _Noreturn void play_job(const struct test_case *test, enum way way)
{
    struct stage stage;
    alarm(run.programs.under ? JOB_SECONDS_UNDER : JOB_SECONDS);
    stage_open(&stage, &run.programs, test, way);
    play(&stage, run.loud);
    bool good = stage.complaints.length == 0;
    fputs(text_words(&stage.complaints), stdout);
    stage_clear(&stage);
    fflush(stdout);
    _exit(good ? 0 : 1);
}

static void start_job(struct job *job, const struct test_case *test, enum way way, unsigned number)
{
    struct text path = {0};
    text_format(&path, "%s/%u", run.folder, number);
    *job = (struct job){.test = test, .way = way, .output = path.bytes};
    fflush(stdout);
    job->pid = fork();
    if (job->pid < 0)
        give_up("cannot fork");
    if (job->pid == 0) {
        int output = open(job->output, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
        close(output);
        setenv("TMPDIR", run.folder, 1);
        play_job(test, way);
    }
}

static void report(struct job *job, int status)
{
    struct text output = {0};
    file_read_if_there(job->output, &output);
    const char *pending = job->test->pending;
    bool good = pending ? status != 0 : status == 0;
    if ((!good && !pending) || run.loud)
        printf("%s %s [%s]\n%s", good ? "ok" : "FAILED", job->test->name, way_name(job->way),
               text_words(&output));
    else if (!good)
        printf("FAILED %s [%s]\n    holds now: take the pending mark away\n", job->test->name,
               way_name(job->way));
    if (WIFSIGNALED(status))
        printf("    %s\n", WTERMSIG(status) == SIGALRM ? "took too long" : process_end_words(status));
    if (good && pending)
        text_format(&run.pending, "pending %s [%s]: %s\n", job->test->name, way_name(job->way), pending);
    else
        *(good ? &run.passed : &run.failed) += 1;
    text_free(&output);
    free(job->output);
    job->pid = 0;
}

/* Waits until a place for one more job is free; with `all`, until every job has ended. */
static struct job *next_place(struct job *jobs, bool all)
{
    for (;;) {
        struct job *place = NULL;
        bool busy = false;
        for (int i = 0; i < run.jobs; i++) {
            int status;
            if (jobs[i].pid && waitpid(jobs[i].pid, &status, WNOHANG) == jobs[i].pid)
                report(&jobs[i], status);
            if (jobs[i].pid)
                busy = true;
            else
                place = &jobs[i];
        }
        if (place && !(all && busy))
            return place;
        rest();
    }
}

static bool is_wanted(const struct test_case *test, enum way way)
{
    return test->ways[way] && (!run.only_way || strcmp(run.only_way, way_name(way)) == 0) &&
           (!run.only_name || strcmp(run.only_name, test->name) == 0);
}

static void run_all(struct test_case *tests, size_t count)
{
    struct job *jobs = calloc((size_t)run.jobs, sizeof *jobs);
    unsigned number = 0;
    if (!jobs)
        give_up("no memory for jobs");
    for (size_t i = 0; i < count; i++)
        for (enum way way = 0; way < WAYS; way++)
            if (is_wanted(&tests[i], way))
                start_job(next_place(jobs, false), &tests[i], way, number++);
    next_place(jobs, true);
    free(jobs);
}

static void read_options(int argc, char **argv)
{
    static const struct option options[] = {
        {"way", required_argument, NULL, 'w'},      {"only", required_argument, NULL, 'o'},
        {"jobs", required_argument, NULL, 'j'},     {"under", required_argument, NULL, 'u'},
        {"provider", required_argument, NULL, 'p'}, {0}};
    for (int option; (option = getopt_long(argc, argv, "v", options, NULL)) != -1;)
        switch (option) {
        case 'w':
            run.only_way = optarg;
            break;
        case 'o':
            run.only_name = optarg;
            break;
        case 'j':
            run.jobs = atoi(optarg) > 0 ? atoi(optarg) : 1;
            break;
        case 'u':
            run.programs.under = optarg;
            break;
        case 'p':
            run.programs.provider = optarg;
            break;
        case 'v':
            run.loud = true;
            break;
        default:
            give_up("run_cases [--way WAY] [--only NAME] [--jobs N] [--under WORDS] [-v] PENSTOCK CASE...");
        }
}

static char *absolute(const char *path)
{
    char *full = realpath(path, NULL);
    if (!full || access(full, X_OK) != 0)
        give_up("no program at %s", path);
    return full;
}

int main(int argc, char **argv)
{
    run.programs.provider = "tests/upstream/provider";
    read_options(argc, argv);
    if (argc - optind < 2)
        give_up("run_cases [OPTIONS] PENSTOCK CASE...");
    run.programs.penstock = absolute(argv[optind]);
    run.programs.provider = absolute(run.programs.provider);
    size_t count = (size_t)(argc - optind - 1);
    struct test_case *tests = calloc(count, sizeof *tests);
    if (!tests)
        give_up("no memory for %zu cases", count);
    for (size_t i = 0; i < count; i++)
        case_read(&tests[i], argv[optind + 1 + (int)i]);
    run.folder = folder_create("cases");
    if (chmod(run.folder, 0711) != 0)
        give_up("cannot open %s to others", run.folder);
    run_all(tests, count);
    folder_remove(run.folder);
    fputs(text_words(&run.pending), stdout);
    printf("%u passed, %u failed\n", run.passed, run.failed);
    fflush(stdout);
    _exit(run.failed ? 1 : 0);
}
