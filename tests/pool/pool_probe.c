/* src/process with a worker that speaks lines of text instead of FastCGI, so that pools can be tested alone.
 *
 * `pool_probe serve -c FILE` and, with a listening descriptor 0, PENSTOCK_WORKERS=N behave as the product
 * does. A connection is a request: one line in, one line out.
 *
 *     who          pid, generation, user, group and supplementary groups of the worker
 *     hold         "held pid=..." at once; "done" after another line, "cut" after SIGQUIT
 *     crash        dies of a signal, answering nothing
 *     deaf         "deaf pid=..."; from then on blocks all signals but SIGKILL, and never exits
 *     stuck        "stuck pid=..."; from then on looks as a worker whose loop does not turn any more
 *     read PATH    "yes", or why not
 *     log WORDS    writes them to the error log, then "logged"
 *
 * If the file $PROBE_CRASH exists, a worker exits with status 3 as soon as it is forked. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "cli/options.h"
#include "config/settings.h"
#include "process/listener.h"
#include "process/master.h"
#include "process/scoreboard.h"

static volatile sig_atomic_t exit_requested, cut_requested, reopen_requested;

static void note_signal(int signal)
{
    exit_requested |= signal == SIGTERM || signal == SIGQUIT;
    cut_requested |= signal == SIGQUIT;
    reopen_requested |= signal == SIGUSR1;
}

/* No SA_RESTART here: each blocking call comes back and looks at the flags. */
static void catch_signals(void)
{
    const int caught[] = {SIGTERM, SIGQUIT, SIGUSR1};
    struct sigaction action = {.sa_handler = note_signal};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) {
        sigaction(caught[i], &action, NULL);
        sigaddset(&set, caught[i]);
    }
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void send_words(int client, const char *words)
{
    if (write(client, words, strlen(words)) < 0)
        log_debug("the client has gone");
}

/* A line without its end; false when the client left, or when the line is cut short by SIGQUIT. */
static bool receive_line(int client, char *line, size_t size)
{
    size_t length = 0;
    while (length + 1 < size && !cut_requested) {
        ssize_t got = read(client, line + length, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        if (line[length] == '\n') {
            line[length] = '\0';
            return true;
        }
        length++;
    }
    return false;
}

static void answer_who(int client, const struct scoreboard *board)
{
    gid_t groups[64];
    char line[1024];
    int count = getgroups(64, groups);
    int length = snprintf(line, sizeof line, "pid=%d generation=%u uid=%d gid=%d groups=", (int)getpid(),
                          scoreboard_facts(board).generation, (int)getuid(), (int)getgid());
    for (int i = 0; i < count; i++)
        length += snprintf(line + length, sizeof line - (size_t)length, "%s%d", i ? "," : "", (int)groups[i]);
    snprintf(line + length, sizeof line - (size_t)length, "\n");
    send_words(client, line);
}

static void answer_hold(int client)
{
    char line[64];
    snprintf(line, sizeof line, "held pid=%d\n", (int)getpid());
    send_words(client, line);
    if (receive_line(client, line, sizeof line))
        send_words(client, "done\n");
    else if (cut_requested)
        send_words(client, "cut\n");
}

static _Noreturn void answer_deaf(int client)
{
    sigset_t all;
    char line[64];
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    snprintf(line, sizeof line, "deaf pid=%d\n", (int)getpid());
    send_words(client, line);
    for (;;)
        pause();
}

static _Noreturn void answer_stuck(int client, struct scoreboard *board, size_t slot)
{
    char line[64];
    *scoreboard_busy_since(board, slot) = clock_monotonic_us();
    snprintf(line, sizeof line, "stuck pid=%d\n", (int)getpid());
    send_words(client, line);
    for (;;)
        pause();
}

/* Of the signal itself, also where a sanitizer would catch it. */
static void answer_crash(void)
{
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static void answer_read(int client, const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    send_words(client, descriptor < 0 ? strerror(errno) : "yes");
    send_words(client, "\n");
    if (descriptor >= 0)
        close(descriptor);
}

static void answer(int client, struct scoreboard *board, size_t slot)
{
    char line[1024];
    if (!receive_line(client, line, sizeof line))
        return;
    if (strcmp(line, "who") == 0)
        answer_who(client, board);
    else if (strcmp(line, "hold") == 0)
        answer_hold(client);
    else if (strcmp(line, "crash") == 0)
        answer_crash();
    else if (strcmp(line, "deaf") == 0)
        answer_deaf(client);
    else if (strcmp(line, "stuck") == 0)
        answer_stuck(client, board, slot);
    else if (strncmp(line, "read ", 5) == 0)
        answer_read(client, line + 5);
    else if (strncmp(line, "log ", 4) == 0) {
        log_info("%s", line + 4);
        send_words(client, "logged\n");
    }
}

static void work(const struct settings *settings, int listener, struct scoreboard *board, size_t slot)
{
    const char *crash = getenv("PROBE_CRASH");
    int64_t served = 0;
    catch_signals();
    if (crash && access(crash, F_OK) == 0)
        _exit(3);
    scoreboard_idle(board, slot);
    while (!exit_requested && (settings->max_requests == 0 || served < settings->max_requests)) {
        if (reopen_requested) {
            reopen_requested = 0;
            log_reopen();
        }
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0 && (errno == EINTR || errno == EAGAIN || errno == ECONNABORTED))
            continue;
        if (client < 0)
            break;
        scoreboard_busy(board, slot);
        answer(client, board, slot);
        close(client);
        served++;
        scoreboard_idle(board, slot);
    }
    scoreboard_leaving(board, slot);
}

static void complain(void *context, const struct failure *why)
{
    (void)context;
    fprintf(stderr, "%s\n", why->message);
}

int main(int argc, char **argv)
{
    struct failure why;
    struct options options;
    const struct rlimit no_core = {0};
    const char *workers = getenv("PENSTOCK_WORKERS");
    bool spawned = listener_is_socket(STDIN_FILENO);
    setrlimit(RLIMIT_CORE, &no_core);
    static const struct command_syntax syntax = {.name = "pool_probe"};
    int skipped = spawned || argc < 2 ? 0 : 1; /* the command */
    if (!options_read(&options, &syntax, argc - skipped, argv + skipped, &why))
        die("%s", why.message);
    struct master_start start = {
        .settings = settings_load(&options.source, complain, NULL),
        .source = &options.source,
        .hooks = {.run_worker = work},
        .descriptor = spawned ? STDIN_FILENO : -1,
        .fixed_workers = spawned && workers ? strtoul(workers, NULL, 10) : 1,
    };
    if (!start.settings)
        return EXIT_FAILURE;
    int status = master_run(&start);
    options_free(&options);
    return status;
}
