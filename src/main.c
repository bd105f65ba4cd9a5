/* The way to run is chosen here and nowhere else (contract, section 1). */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error_log.h"
#include "base/failure.h"
#include "cli/command_check.h"
#include "cli/command_key.h"
#include "cli/command_ledger.h"
#include "cli/command_models.h"
#include "cli/command_probe.h"
#include "cli/command_usage.h"
#include "cli/options.h"
#include "config/settings.h"
#include "process/listener.h"
#include "process/master.h"
#include "process/worker.h"
#include "upstream/tls.h"
#include "upstream/upstream.h"

#define EXIT_USAGE 64 /* sysexits(3) */
#define WORKERS_MAX 10000

static void complain(void *context, const struct failure *why)
{
    (void)context;
    log_error("%s", why->message);
}

/* Says every mistake and ends: only before the first request. */
static struct settings *load(const struct settings_source *source)
{
    struct settings *settings = settings_load(source, complain, NULL);
    if (!settings)
        die("the settings have mistakes; `penstock check` lists them");
    return settings;
}

/* An error log that cannot be written is said where it can be, and is no reason not to serve. */
static void open_log(const struct settings *settings)
{
    if (!log_open(settings->error_path, (enum log_level)settings->log_level))
        log_warning("cannot write the error log %s: %s; errors go to standard error", settings->error_path,
                    strerror(errno));
}

static void read_options(struct options *options, int count, char **arguments)
{
    struct failure why;
    if (options_read(options, count, arguments, &why) && options->rest_count == 0)
        return;
    if (options->rest_count)
        fail(&why, FAILURE_SETTING, "unexpected argument \"%s\"", options->rest[0]);
    fprintf(stderr, "penstock: %s\n", why.message);
    exit(EXIT_USAGE);
}

/* 0: the variable is not there. */
static size_t wanted_workers(void)
{
    const char *text = getenv("PENSTOCK_WORKERS");
    if (!text || !*text)
        return 0;
    char *end;
    long workers = strtol(text, &end, 10);
    if (*end || workers < 1 || workers > WORKERS_MAX)
        die("PENSTOCK_WORKERS must be a number from 1 to %d", WORKERS_MAX);
    return (size_t)workers;
}

/* Descriptor 0 is a listening socket: a web server started us. */
static int run_spawned(int argc, char **argv)
{
    struct options options = {0};
    read_options(&options, argc - 1, argv + 1);
    struct settings *settings = load(&options.source);
    size_t workers = wanted_workers();
    open_log(settings);
    worker_prepare();
    if (workers) {
        struct master_start start = {
            .settings = settings,
            .source = &options.source,
            .hooks = {.prepare = worker_share, .work = worker_run, .tidy = worker_tidy},
            .descriptor = STDIN_FILENO,
            .fixed_workers = workers};
        int status = master_run(&start);
        options_free(&options);
        return status;
    }
    worker_run(settings, STDIN_FILENO, NULL, 0);
    settings_free(settings);
    options_free(&options);
    return EXIT_SUCCESS;
}

/* The argument vector is ignored: a server puts the client's query string there (RFC 3875, 4.4). */
static int run_cgi(void)
{
    struct settings_source nothing = {0};
    struct settings *settings = settings_load(&nothing, complain, NULL);
    if (!settings) {
        worker_refuse_cgi();
        return EXIT_FAILURE;
    }
    open_log(settings);
    if (!tls_is_wanted(settings))
        tls_forgo();
    upstream_prepare();
    worker_answer_cgi(settings);
    _exit(EXIT_SUCCESS); /* all is written, and what forty libraries would tidy up goes anyway */
}

static int command_serve(int argc, char **argv)
{
    struct options options = {0};
    read_options(&options, argc, argv);
    struct settings *settings = load(&options.source);
    worker_prepare();
    struct master_start start = {
        .settings = settings,
        .source = &options.source,
        .hooks = {.prepare = worker_share, .work = worker_run, .tidy = worker_tidy},
        .descriptor = -1,
    };
    int status = master_run(&start);
    options_free(&options);
    return status;
}

static int command_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("penstock " PACKAGE_VERSION);
    return EXIT_SUCCESS;
}

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* gets what stands behind the name */
    const char *sentence;
} commands[] = {
    {"serve", command_serve, "serve requests by FastCGI with a pool of workers"},
    {"check", command_check, "say whether the configuration is right, and what it is"},
    {"models", command_models, "list the models that may be asked for, and what is not usable and why"},
    {"probe", command_probe, "ask a provider for its models and two short chats, and say how it went"},
    {"usage", command_usage, "report requests, tokens, money and time by the usage log"},
    {"key", command_key, "make a key for a client, with the entry for penstock.conf"},
    {"ledger", command_ledger, "show the accounts of clients and runs, or make them anew from the usage log"},
    {"version", command_version, "print the version"},
};

#define COMMANDS (sizeof commands / sizeof *commands)

static int usage(void)
{
    fprintf(stderr, "usage: penstock COMMAND [-c FILE] [--set SETTING=VALUE] ...\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(stderr, "  %-10s %s\n", commands[i].name, commands[i].sentence);
    fprintf(stderr, "\nStarted by a web server it needs no command: see penstock(8).\n");
    return EXIT_USAGE;
}

static int run_command(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    return usage();
}

/* FastCGI leaves only descriptor 0 open (specification, 2.2): whatever took the place of the others would get
 * what is written to standard error. A core of ours would hold keys. A file that may not grow (RLIMIT_FSIZE)
 * is a write that fails, no reason to die. And how a child of ours has ended we want to know, whatever the
 * server thinks of its own. */
static void take_precautions(void)
{
    static const struct rlimit none = {0, 0};
    for (int descriptor = 0; descriptor <= STDERR_FILENO; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            exit(EXIT_FAILURE);
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
}

int main(int argc, char **argv)
{
    take_precautions();
    if (listener_is_socket(STDIN_FILENO))
        return run_spawned(argc, argv);
    if (getenv("GATEWAY_INTERFACE") || getenv("REQUEST_METHOD"))
        return run_cgi();
    return run_command(argc, argv);
}
