/* Workers that get signals while the log is rotated, services that are killed whole, links in the place of
 * files: each request has one record, no sound ledger is set aside, and nothing outside is touched. */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "burst.h"
#include "checks.h"
#include "ledger/redis_link.h"
#include "tests/kit/files.h"
#include "tests/kit/net.h"
#include "tests/kit/process.h"
#include "tests/kit/redis.h"
#include "tests/kit/text.h"
#include "tests/ledger/truth.h"

/* The key is "ledger". */
#define CLIENT(limits)                                                                                       \
    "clients: ( { name = \"burst\"; key_sha256 = "                                                           \
    "\"fe14010b4fe83303852f0467c919ef9a7ca089b91e96e3aad7d426dd87079297\"; " limits " } );\n"
#define EXACT "{\"model\":\"bench\",\"max_tokens\":99,\"messages\":[]}"
#define SLOW "{\"model\":\"slow-first-5000\",\"max_tokens\":99,\"messages\":[]}"
#define BETWEEN_US 15000
#define ROTATE_EVERY 12 /* signals */

static char *path_of(const struct service *service, const char *name)
{
    struct text path = {0};
    text_format(&path, "%s/%s", service->folder, name);
    return path.bytes;
}

/* ---- a storm ---- */

static void rotate(const struct service *service, bool in_place, unsigned number)
{
    struct text to = {0};
    text_format(&to, "%s.%u", service->usage, number);
    if (in_place)
        (void)!truncate(service->usage, 0);
    else
        rename(service->usage, to.bytes);
    kill(service->master, SIGUSR1); /* the workers may make no file in the folder */
    text_free(&to);
}

static _Noreturn void send_signals(const struct service *service, bool in_place)
{
    static const int signals[] = {SIGKILL, SIGABRT, SIGSEGV, SIGBUS};
    unsigned seed = (unsigned)getpid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (unsigned sent = 1;; sent++) {
        pid_t pids[WORKERS_MAX];
        size_t count = service_workers(service, pids);
        if (count)
            kill(pids[(size_t)rand_r(&seed) % count], signals[rand_r(&seed) % 4]);
        if (sent % ROTATE_EVERY == 0)
            rotate(service, in_place, sent);
        usleep(BETWEEN_US);
    }
}

static size_t count_set_aside(const struct service *service)
{
    return count_in_file(service->errors, "is set aside as");
}

/* The sums before and after a rebuild by the command. */
static void expect_same_after_rebuild(struct service *service)
{
    const char *arguments[] = {service->binary, "ledger", "rebuild", "-c", service->config, NULL};
    struct text before = {0}, after = {0};
    char *state = path_of(service, "state");
    int status, nothing = open("/dev/null", O_RDONLY);
    truth_recover(state, service->usage);
    truth_print(state, &before);
    pid_t child = service_launch_command(service, arguments, nothing);
    EXPECT(waitpid(child, &status, 0) == child && status == 0, "no rebuild");
    truth_print(state, &after);
    EXPECT(strcmp(text_words(&before), text_words(&after)) == 0, "a rebuild changes\n%s    to\n%s",
           text_words(&before), text_words(&after));
    close(nothing);
    text_free(&before);
    text_free(&after);
    free(state);
}

static void storm(struct service *service, bool in_place)
{
    struct burst burst = {.key = "ledger",
                          .body = EXACT,
                          .requests = ledger_whole ? 10000 : 600,
                          .may_break = true,
                          .shared_id = true};
    struct tally tally;
    struct truth truth;
    burst_stage_start(service, BY_POOL, CLIENT("usd_total = 1000.0;"));
    pid_t sender = fork();
    if (sender == 0)
        send_signals(service, in_place);
    burst_play(service, &burst, &tally);
    kill(sender, SIGKILL);
    waitpid(sender, NULL, 0);
    service_stop(service);
    expect_same_after_rebuild(service);
    truth_key = TRUTH_RUN;
    truth_read(&truth, service->usage);
    printf("%u served, %u broken off; %zu records, %zu of them crashed\n", tally.served, tally.broken,
           truth.lines, truth.crashed);
    EXPECT(tally.served + tally.broken == burst.requests, "%u unavailable, %u otherwise", tally.unavailable,
           tally.other);
    EXPECT(count_set_aside(service) == 0, "a sound ledger is set aside");
    EXPECT(!truth.doubled, "%zu records are there twice", truth.doubled);
    EXPECT(in_place || truth.lines >= tally.served, "records are missing");
    EXPECT(truth.lines <= burst.requests, "there are too many records");
    truth_free(&truth);
}

static void storm_renamed(struct service *service)
{
    storm(service, false);
}

static void storm_in_place(struct service *service)
{
    storm(service, true);
}

/* ---- killed whole ---- */

/* Asks in a process of its own. */
static pid_t ask_aside(const struct service *service, const struct burst *burst)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct tally tally;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        burst_play(service, burst, &tally);
        fflush(stdout);
        _exit(0);
    }
    return child;
}

static void kill_all(struct service *service)
{
    pid_t pids[WORKERS_MAX];
    size_t count = service_workers(service, pids);
    kill(service->master, SIGKILL);
    for (size_t i = 0; i < count; i++)
        kill(pids[i], SIGKILL);
    service_wait_end(service);
    for (size_t i = 0; i < count; i++) /* it has the socket */
        EXPECT_SOON(!process_exists(pids[i]), "a worker survives SIGKILL");
}

/* The record is there without any request, and the dead one no longer counts as running. */
static void start_again(struct service *service, const char *settings)
{
    struct burst slow = {.key = "ledger", .body = SLOW, .requests = 1, .askers = 1, .may_break = true};
    struct burst next = {.key = "ledger", .body = EXACT, .requests = 1, .askers = 1};
    struct tally tally;
    unsigned port = burst_stage_start(service, BY_POOL, settings);
    pid_t child = ask_aside(service, &slow);
    EXPECT_SOON(burst_provider(port, "requests") == 1, "the provider is not asked");
    kill_all(service);
    waitpid(child, NULL, 0);
    service_launch(service);
    EXPECT_SOON(count_in_file(service->usage, "\"end\":\"crashed\"") == 1, "the record waits for a request");
    burst_play(service, &next, &tally);
    EXPECT(tally.served == 1, "the dead one counts as running");
    service_stop(service);
}

static void started_again(struct service *service)
{
    start_again(service, CLIENT("concurrent = 1;"));
}

static void started_again_with_redis(struct service *service)
{
    struct redis_server redis = {0};
    struct text settings = {0};
    if (!redis_link_possible() || !redis_server_possible())
        check_cannot_run("there is no Redis");
    redis_server_start(&redis);
    text_format(&settings, "%sledger = \"%s\";\n", CLIENT("concurrent = 1;"), redis.url);
    start_again(service, settings.bytes);
    redis_server_end(&redis);
    text_free(&settings);
}

/* As lighttpd starts it again. */
static void spawned_again(struct service *service)
{
    struct burst slow = {
        .way = BY_WORKERS, .key = "ledger", .body = SLOW, .requests = 1, .askers = 1, .may_break = true};
    struct burst next = {.way = BY_WORKERS, .key = "ledger", .body = EXACT, .requests = 1, .askers = 1};
    const char *arguments[] = {service->binary, "-c", service->config, NULL};
    struct tally tally;
    unsigned port = burst_stage_start(service, BY_CGI, CLIENT("concurrent = 1;"));
    int listener = net_listen_unix(service->address);
    pid_t worker = service_launch_command(service, arguments, listener), child = ask_aside(service, &slow);
    EXPECT_SOON(burst_provider(port, "requests") == 1, "the provider is not asked");
    kill(worker, SIGKILL);
    waitpid(worker, NULL, 0);
    waitpid(child, NULL, 0);
    worker = service_launch_command(service, arguments, listener);
    EXPECT_SOON(count_in_file(service->usage, "\"end\":\"crashed\"") == 1, "the record waits for a request");
    burst_play(service, &next, &tally);
    EXPECT(tally.served == 1, "the dead one counts as running");
    kill(worker, SIGTERM);
    waitpid(worker, NULL, 0);
    close(listener);
}

/* No master looks after a CGI program that was killed. */
static void next_program(struct service *service)
{
    struct burst slow = {
        .way = BY_CGI, .key = "ledger", .body = SLOW, .requests = 1, .askers = 1, .may_break = true};
    struct burst next = {.way = BY_CGI, .key = "ledger", .body = EXACT, .requests = 1, .askers = 1};
    struct tally tally;
    unsigned port = burst_stage_start(service, BY_CGI, CLIENT("concurrent = 1;"));
    pid_t child = ask_aside(service, &slow);
    EXPECT_SOON(burst_provider(port, "requests") == 1, "the provider is not asked");
    struct text pattern = {0};
    text_format(&pattern, "pkill -KILL -P $(pgrep -P %d)", (int)child);
    EXPECT(system(pattern.bytes) == 0, "the program is not found");
    text_free(&pattern);
    waitpid(child, NULL, 0);
    burst_play(service, &next, &tally);
    EXPECT(tally.served == 1, "the dead one counts as running");
    EXPECT(count_in_file(service->usage, "\"end\":\"crashed\"") == 1, "its record is missing");
}

/* ---- links ---- */

static char *make_precious(const struct service *service, const char *words)
{
    char *path = path_of(service, "precious");
    file_write(path, words, strlen(words));
    chmod(path, 0600);
    return path;
}

static void expect_untouched(const char *path, const char *words)
{
    struct stat file;
    EXPECT(stat(path, &file) == 0 && file.st_uid == geteuid() && (file.st_mode & 07777) == 0600,
           "owner or mode have changed");
    EXPECT((size_t)file.st_size == strlen(words) && count_in_file(path, words) == 1, "it was written to");
}

/* As an account could make them that owns the folder, if the kernel does not protect hard links. */
static void hard_link_to(struct service *service, const char *name, const char *words_logged)
{
    static const char words[] = "precious";
    char *state = path_of(service, "state"), *target = path_of(service, name);
    if (geteuid() != 0)
        check_cannot_run("only root's files are in danger");
    mkdir(state, 0777);
    chmod(state, 0777);
    burst_stage_start(service, BY_POOL, CLIENT("usd_total = 1.0;"));
    struct burst burst = {.key = "ledger", .body = EXACT, .requests = 3, .askers = 1};
    struct tally tally;
    burst_play(service, &burst, &tally);
    service_stop(service);
    unlink(target);
    char *precious = make_precious(service, words);
    EXPECT(link(precious, target) == 0, "cannot link");
    const char *arguments[] = {service->binary, "ledger", "rebuild", "-c", service->config, NULL};
    int status, nothing = open("/dev/null", O_RDONLY);
    pid_t child = service_launch_command(service, arguments, nothing);
    waitpid(child, &status, 0);
    expect_untouched(precious, words);
    child = service_launch_command(
        service, (const char *[]){service->binary, "ledger", "-c", service->config, NULL}, nothing);
    waitpid(child, &status, 0);
    expect_untouched(precious, words);
    service->master = service_launch_command(
        service, (const char *[]){service->binary, "serve", "-c", service->config, NULL}, nothing);
    EXPECT_SOON(count_in_file(service->console, words_logged) + count_in_file(service->errors, words_logged) >
                    0,
                "it is not told");
    kill(service->master, SIGTERM);
    service_wait_end(service);
    expect_untouched(precious, words);
    close(nothing);
    free(state);
    free(target);
    free(precious);
}

static void linked_lock(struct service *service)
{
    hard_link_to(service, "state/ledger.mdb-lock", "second name");
}

static void linked_ledger(struct service *service)
{
    hard_link_to(service, "state/ledger.mdb", "second name");
}

static void linked_usage_log(struct service *service)
{
    hard_link_to(service, strrchr(service->usage, '/') + 1, "second name");
}

static void linked_error_log(struct service *service)
{
    hard_link_to(service, strrchr(service->errors, '/') + 1, "cannot open the log");
}

static void linked_pid_file(struct service *service)
{
    hard_link_to(service, strrchr(service->pid_file, '/') + 1, "second name");
}

const struct check signal_checks[] = {
    {"signals: a storm, the log is renamed", storm_renamed},
    {"signals: a storm, the log is emptied in place", storm_in_place},
    {"start: the requests of a service that was killed", started_again},
    {"start: the same with the accounts in Redis", started_again_with_redis},
    {"start: the request of a worker that a web server starts again", spawned_again},
    {"start: the request of a CGI program that was killed", next_program},
    {"links: the ledger's lock", linked_lock},
    {"links: the ledger", linked_ledger},
    {"links: the usage log", linked_usage_log},
    {"links: the error log", linked_error_log},
    {"links: the pid file", linked_pid_file},
    {0},
};
