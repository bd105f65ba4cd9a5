/* Chooses the mode from the way in which the program was started. The first match applies:
 *
 *     descriptor 0 is a listening socket    FastCGI: a worker on it, or a pool of PENSTOCK_WORKERS workers
 *     the environment is that of CGI        one request is answered
 *     the first argument is a command       the command runs; `serve` is the master of a pool of workers
 *     else                                  the list of commands, exit status 64 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/error_log.h"
#include "base/failure.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "config/settings.h"
#include "gateway/gateway.h"
#include "process/listener.h"
#include "process/master.h"
#include "process/worker.h"
#include "process/worker_cgi.h"
#include "upstream/tls.h"
#include "upstream/upstream.h"

#define WORKERS_MAX 10000

/* Logs every error and exits; used only before the first request. */
static struct settings *load_or_die(const struct settings_source *source)
{
    struct settings *settings = settings_load(source, config_error_log, NULL);
    if (!settings)
        die("the configuration has errors; penstock check lists them");
    return settings;
}

/* An error log that cannot be opened does not stop the service: errors then go to standard error. */
static void open_log(const struct settings *settings)
{
    if (!log_open(settings->error_path, (enum log_level)settings->log_level))
        log_warning("cannot write the error log %s: %s; errors go to standard error", settings->error_path,
                    strerror(errno));
}

/* `workers` is the fixed size of the pool; 0: the pool grows and shrinks. */
static int run_master(const struct options *options, struct settings *settings, int descriptor,
                      size_t workers)
{
    struct master_start start = {
        .settings = settings,
        .source = &options->source,
        .hooks = {.before_fork = gateway_share, .run_worker = worker_run, .recover = gateway_recover},
        .descriptor = descriptor,
        .fixed_workers = workers,
    };
    gateway_prepare();
    return master_run(&start);
}

/* ---- started with a listening socket ---- */

/* Returns the number in PENSTOCK_WORKERS; 0 if the variable is unset or empty. */
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

static int serve_descriptor_0(const struct options *options)
{
    struct settings *settings = load_or_die(&options->source);
    size_t workers = wanted_workers();
    open_log(settings);
    if (workers)
        return run_master(options, settings, STDIN_FILENO, workers);
    gateway_prepare();
    worker_run(settings, STDIN_FILENO, NULL, 0);
    settings_free(settings);
    return EXIT_SUCCESS;
}

static int run_fastcgi(int argc, char **argv)
{
    static const struct command_syntax syntax = {
        .name = "penstock",
        .description = "Serves FastCGI requests on descriptor 0, which is a listening socket.\n",
    };
    return options_run(&syntax, argc, argv, serve_descriptor_0);
}

/* ---- started by CGI ---- */

/* Ignores the arguments, because a web server puts the client's query string there (RFC 3875, 4.4). */
static int run_cgi(void)
{
    struct settings_source nothing = {0};
    struct settings *settings = settings_load(&nothing, config_error_log, NULL);
    if (!settings) {
        worker_cgi_refuse();
        return EXIT_FAILURE;
    }
    open_log(settings);
    if (!tls_is_wanted(settings))
        tls_forgo();
    upstream_prepare();
    worker_cgi_run(settings);
    _exit(EXIT_SUCCESS); /* all output is written; skip the exit handlers of forty libraries */
}

/* ---- started with a command ---- */

static int serve(const struct options *options)
{
    return run_master(options, load_or_die(&options->source), -1, 0);
}

static int command_serve(int argc, char **argv)
{
    static const struct command_syntax syntax = {
        .name = "penstock serve",
        .description =
            "Opens the socket that `listen` names, or takes the one that systemd passes, and serves\n"
            "FastCGI requests with a pool of workers. Stays in the foreground.\n",
    };
    return options_run(&syntax, argc, argv, serve);
}

static int print_version(const struct options *options)
{
    (void)options;
    puts("penstock " PACKAGE_VERSION);
    return EXIT_SUCCESS;
}

static int command_version(int argc, char **argv)
{
    static const struct command_syntax syntax = {
        .name = "penstock version",
        .description = "Prints the version.\n",
    };
    return options_run(&syntax, argc, argv, print_version);
}

static int command_help(int argc, char **argv);

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the name */
    const char *summary;
} commands[] = {
    {"serve", command_serve, "serve FastCGI requests with a pool of workers"},
    {"check", command_check, "check the configuration and print a summary"},
    {"models", command_models, "list the models that clients can request, and the providers that fail"},
    {"probe", command_probe, "test a provider with two short chats"},
    {"usage", command_usage, "report requests, tokens, cost and latency from the usage log"},
    {"key", command_key, "make a client key and its entry for penstock.conf"},
    {"ledger", command_ledger, "show the accounts of clients and runs, or rebuild them from the usage log"},
    {"version", command_version, "print the version"},
    {"help", command_help, "print this list, or the help of one command"},
};

#define COMMANDS (sizeof commands / sizeof *commands)

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

static void print_commands(FILE *out)
{
    fprintf(out, "usage: penstock COMMAND [-c FILE] [--set SETTING=VALUE]...\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(out,
            "\n`penstock COMMAND --help` explains a command. A web server that starts penstock by FastCGI "
            "or CGI\nneeds no command: see penstock(8).\n");
}

static const struct command_syntax program_syntax = {.name = "penstock", .operands = "COMMAND"};

static int no_command(const char *name)
{
    struct failure why;
    fail(&why, FAILURE_SETTING, "no such command: %s", name);
    return options_refuse(&program_syntax, why.message);
}

static int help(const struct options *options)
{
    if (!options->operand_count) {
        print_commands(stdout);
        return EXIT_SUCCESS;
    }
    const struct command *command = find_command(options->operands[0]);
    char *arguments[] = {options->operands[0], (char[]){"--help"}, NULL};
    return command ? command->run(2, arguments) : no_command(options->operands[0]);
}

static int command_help(int argc, char **argv)
{
    static const struct command_syntax syntax = {
        .name = "penstock help",
        .operands = "[COMMAND]",
        .description = "Prints the list of commands, or the help of one command.\n",
    };
    return options_run(&syntax, argc, argv, help);
}

/* Without a command, only --help and --version are valid. */
static int run_without_command(int argc, char **argv)
{
    struct options options;
    struct failure why;
    if (!options_read(&options, &program_syntax, argc, argv, &why))
        return options_refuse(&program_syntax, why.message);
    int status = options.help ? help(&options) : options.version ? print_version(&options) : EX_USAGE;
    options_free(&options);
    if (status == EX_USAGE)
        print_commands(stderr);
    return status;
}

/* Options before the command's name belong to the command: `penstock -c FILE serve` means `penstock serve -c
 * FILE`. */
static int run_command(int argc, char **argv)
{
    int at = options_find_command(argc, argv);
    if (at >= argc)
        return run_without_command(argc, argv);
    char *name = argv[at];
    const struct command *command = find_command(name);
    if (!command)
        return no_command(name);
    memmove(argv + 2, argv + 1, (size_t)(at - 1) * sizeof *argv);
    argv[1] = name;
    return command->run(argc - 1, argv + 1);
}

/* FastCGI leaves only descriptor 0 open (specification, 2.2): a file or socket opened as descriptor 2 would
 * receive the messages to standard error. A core dump would hold keys. A write beyond RLIMIT_FSIZE fails
 * instead of ending the process. SIGCHLD inherited as ignored would hide how our children end. */
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
        return run_fastcgi(argc, argv);
    if (getenv("GATEWAY_INTERFACE") || getenv("REQUEST_METHOD"))
        return run_cgi();
    return run_command(argc, argv);
}
