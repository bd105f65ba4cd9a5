/* The fault matrix: a provider does one thing wrong, and the client and the usage record must show it.
 *
 *     run_faults [--cgi] [--only WORDS] [--jobs N] [--provider FILE] PENSTOCK FILE...
 *
 * Each fault is played buffered and streamed, alone and with a second, healthy target; each of these is a
 * process of its own with its own providers and gateway. A line each: what the client saw, how long it took,
 * what the record says. A row that needs a setting which the gateway does not obey yet is named and not
 * played. */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kit/answer.h"
#include "../kit/files.h"
#include "../kit/process.h"
#include "../kit/talk.h"
#include "fault.h"
#include "fixture.h"
#include "result.h"

#define JOBS 16 /* they sleep most of the time */
#define JOB_SECONDS 120
#define RECORD_MS 10000
#define GRACE_MS 1000 /* nothing hangs past its timeout and this */
#define IMPOSSIBLE 77

#if defined(__SANITIZE_ADDRESS__)
#define SLACK_MS 10000 /* what a loaded machine may take besides */
#else
#define SLACK_MS 4000
#endif

struct job {
    const struct fault *fault;
    enum kind kind;
    enum targets targets;
    pid_t pid; /* 0: none under way */
    char *folder;
};

static struct {
    const char *penstock, *provider, *only;
    int jobs;
    bool cgi;
    bool knows_retry, knows_hold;
    char *folder;
    unsigned passed, failed, impossible, waiting;
    struct text last_words;
} run = {.only = "", .jobs = JOBS, .provider = "tests/upstream/provider"};

static struct text complaints;

static void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_put(&complaints, "      ");
    text_vformat(&complaints, format, arguments);
    text_put(&complaints, "\n");
    va_end(arguments);
}

/* ---- one row, in a process of its own ---- */

static int64_t bound_ms(const struct fault *fault)
{
    return (int64_t)(fault->within * 1000) + GRACE_MS + SLACK_MS;
}

static void receive(const struct fixture *fixture, struct client_result *result)
{
    struct talk talk;
    struct answer answer;
    fixture_ask(fixture, &talk);
    int64_t began = now_ms(), bound = bound_ms(fixture->fault);
    while (talk_step(&talk, 50) && now_ms() - began <= bound)
        continue;
    int64_t took = now_ms() - began;
    text_put(&talk.heard, "");
    answer_parse(&answer, text_words(&talk.heard), talk.heard.length);
    client_result_read(result, &answer, fixture->kind, fixture->fault->full);
    result->ms = took;
    if (!talk.ended)
        complain("it hangs: no end after %lld ms", (long long)took);
    if (talk.broken)
        complain("the gateway broke the answer off without ending the request");
    int status = talk_end(&talk, bound);
    if (status != 0)
        complain("the program ended with %s", process_end_words(status));
}

static void read_record(const struct fixture *fixture, struct usage_record *record)
{
    char *path = fixture_path(fixture, "usage.jsonl");
    struct text log = {0};
    for (int64_t deadline = now_ms() + RECORD_MS; now_ms() < deadline; rest())
        if (file_read_if_there(path, &log) && strchr(text_words(&log), '\n'))
            break;
        else
            text_free(&log);
    usage_record_read(record, &log);
    text_free(&log);
    free(path);
}

/* What holds in every row: only a complete answer is presented as complete. */
static void judge_truth(const struct client_result *result, const struct usage_record *record)
{
    if (result->complete && !result->same)
        complain("a truncated or changed answer is presented as complete");
    if (!result->complete && !result->failed)
        complain("an answer without an end and without an error");
    if (record->count != 1)
        complain("%zu records of one request", record->count);
    if (result->complete != (strcmp(record->end, "complete") == 0))
        complain("the client got %s, the record has %s", result->complete ? "complete" : "an error",
                 record->end);
    if (record->status != result->status)
        complain("the record's status is %d", record->status);
    bool has_reason = strcmp(result->reason, "-") != 0; /* a failed response has no reason */
    if (has_reason && strcmp(result->reason, record->reason) != 0)
        complain("the client got %s, the record has %s", result->reason, record->reason);
}

static void judge_wanted(const struct wanted *wanted, const struct client_result *result,
                         const struct usage_record *record)
{
    if (result->status != wanted->status)
        complain("status %d is wanted", wanted->status);
    if (strcmp(record->end, wanted->end) != 0)
        complain("end %s is wanted", wanted->end);
    if (strcmp(record->reason, wanted->reason) != 0)
        complain("reason %s is wanted", wanted->reason);
    if (record->attempts != wanted->attempts)
        complain("%d attempts are wanted", wanted->attempts);
    if (result->attempts != wanted->attempts)
        complain("the header counts %d attempts", result->attempts);
}

static void find_sanitizer_reports(const struct fixture *fixture)
{
    char *path = fixture_path(fixture, "stderr");
    struct text said = {0};
    file_read_if_there(path, &said);
    if (strstr(text_words(&said), "Sanitizer") || strstr(text_words(&said), "runtime error"))
        complain("standard error: %.3000s", said.bytes);
    text_free(&said);
    free(path);
}

static void print_row(const struct client_result *result, const struct usage_record *record)
{
    printf("%3d %-10s %8zu B %6lld ms | %-12s %-14s %s\n", result->status,
           result->complete ? "complete"
           : result->failed ? result->reason
                            : "no end",
           result->content, (long long)result->ms, record->end, record->reason, record->attempt_list);
}

static _Noreturn void play(const struct job *job)
{
    struct fixture fixture = {.fault = job->fault,
                              .kind = job->kind,
                              .targets = job->targets,
                              .penstock = run.penstock,
                              .cgi = run.cgi,
                              .provider = run.provider,
                              .folder = job->folder};
    struct text why = {0};
    struct client_result result;
    struct usage_record record;
    alarm(JOB_SECONDS);
    if (!fixture_open(&fixture, &why)) {
        printf("%s\n", text_words(&why));
        fixture_close(&fixture);
        fflush(stdout);
        _exit(IMPOSSIBLE);
    }
    receive(&fixture, &result);
    read_record(&fixture, &record);
    print_row(&result, &record);
    judge_truth(&result, &record);
    judge_wanted(&job->fault->wanted[job->kind][job->targets], &result, &record);
    int status = fixture_close(&fixture);
    if (status != 0)
        complain("the gateway ended with %s", process_end_words(status));
    find_sanitizer_reports(&fixture);
    fputs(text_words(&complaints), stdout);
    fflush(stdout);
    _exit(complaints.length ? 1 : 0);
}

/* ---- all rows ---- */

static void begin_job(struct job *job)
{
    struct text output = {0};
    job->folder = folder_create("fault");
    text_format(&output, "%s/output", job->folder);
    fflush(stdout);
    job->pid = fork();
    if (job->pid < 0)
        give_up("cannot fork");
    if (job->pid == 0) {
        int file = open(output.bytes, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
        dup2(file, STDOUT_FILENO);
        dup2(file, STDERR_FILENO);
        close(file);
        play(job);
    }
    text_free(&output);
}

static void show(const struct job *job, const char *name)
{
    struct text path = {0}, bytes = {0};
    text_format(&path, "%s/%s", job->folder, name);
    if (file_read_if_there(path.bytes, &bytes))
        fputs(text_words(&bytes), stdout);
    text_free(&path);
    text_free(&bytes);
}

static void put_output(const struct job *job, struct text *output)
{
    struct text path = {0};
    text_format(&path, "%s/output", job->folder);
    file_read_if_there(path.bytes, output);
    text_free(&path);
}

static void report(struct job *job, int status)
{
    struct text output = {0};
    bool impossible = WIFEXITED(status) && WEXITSTATUS(status) == IMPOSSIBLE;
    put_output(job, &output);
    if (impossible) {
        text_format(&run.last_words, "could not run: faults, %s: %s", job->fault->name, text_words(&output));
        run.impossible++;
    } else {
        printf("%-6s %-42s %-9s %-4s %s", status == 0 ? "ok" : "FAILED", job->fault->name,
               kind_name(job->kind), targets_name(job->targets), output.length ? output.bytes : "\n");
        *(status == 0 ? &run.passed : &run.failed) += 1;
    }
    if (WIFSIGNALED(status))
        printf("      %s\n", process_end_words(status));
    if (status != 0 && !impossible)
        show(job, "error.log");
    text_free(&output);
    folder_remove(job->folder);
    free(job->folder);
    *job = (struct job){0};
}

/* The oldest first, so that the table is in the order of its files. */
static void end_job(struct job *job)
{
    int status;
    if (!job->pid)
        return;
    if (waitpid(job->pid, &status, 0) != job->pid)
        give_up("a row is lost");
    report(job, status);
}

/* What it needs and the gateway does not obey yet; NULL: it can be played. */
static const char *lacking(const struct fault *fault, enum kind kind, enum targets targets)
{
    if (fault->needs && !gateway_knows(run.penstock, fault->needs))
        return fault->needs;
    if (targets == HELD && !run.knows_hold)
        return "hold";
    return fault->wanted[kind][targets].attempts > 1 && !run.knows_retry ? "retry" : NULL;
}

static void put_off(const struct fault *fault, enum kind kind, enum targets targets, const char *what)
{
    printf("wait   %-42s %-9s %-4s for %s\n", fault->name, kind_name(kind), targets_name(targets), what);
    run.waiting++;
}

static void run_all(const struct faults *faults)
{
    struct job *ring = calloc((size_t)run.jobs, sizeof *ring);
    size_t begun = 0, places = (size_t)run.jobs;
    if (!ring)
        give_up("no memory for jobs");
    for (size_t i = 0; i < faults->count; i++)
        for (enum kind kind = 0; kind < KINDS; kind++)
            for (enum targets targets = 0; targets < TARGETS; targets++) {
                const struct fault *fault = &faults->items[i];
                if (!fault->wanted[kind][targets].there || !strstr(fault->name, run.only))
                    continue;
                const char *lacks = lacking(fault, kind, targets);
                if (lacks) {
                    put_off(fault, kind, targets, lacks);
                    continue;
                }
                struct job *job = &ring[begun++ % places];
                end_job(job);
                *job = (struct job){.fault = fault, .kind = kind, .targets = targets};
                begin_job(job);
            }
    for (size_t i = 0; i < places; i++)
        end_job(&ring[(begun + i) % places]);
    free(ring);
}

static void read_options(int argc, char **argv)
{
    static const struct option options[] = {{"only", required_argument, NULL, 'o'},
                                            {"cgi", no_argument, NULL, 'c'},
                                            {"jobs", required_argument, NULL, 'j'},
                                            {"provider", required_argument, NULL, 'p'},
                                            {0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        if (option == 'o')
            run.only = optarg;
        else if (option == 'j')
            run.jobs = atoi(optarg) > 0 ? atoi(optarg) : 1;
        else if (option == 'c')
            run.cgi = true;
        else if (option == 'p')
            run.provider = optarg;
        else
            give_up("run_faults [--cgi] [--only WORDS] [--jobs N] [--provider FILE] PENSTOCK FILE...");
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
    struct faults faults = {0};
    read_options(argc, argv);
    if (argc - optind < 2)
        give_up("run_faults [OPTIONS] PENSTOCK FILE...");
    run.penstock = absolute(argv[optind]);
    run.provider = absolute(run.provider);
    for (int i = optind + 1; i < argc; i++)
        faults_read(&faults, argv[i]);
    run.knows_retry = gateway_knows(run.penstock, "retry: { max_attempts = 4; };");
    run.knows_hold = gateway_knows(run.penstock, "aliases: ( { name = \"a\"; hold: { bytes = -1; }; } );");
    int64_t began = now_ms();
    run_all(&faults);
    fputs(text_words(&run.last_words), stdout);
    if (run.waiting)
        printf("could not run: %u rows of the fault matrix need settings that this gateway does not know\n",
               run.waiting);
    printf("%.1f s\n", (double)(now_ms() - began) / 1000);
    printf("%u passed, %u failed\n", run.passed, run.failed);
    fflush(stdout);
    _exit(run.failed || run.passed == 0 ? 1 : 0);
}
