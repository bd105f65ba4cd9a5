/* A master under test: its folder, its settings, its log, its workers. */
#include "service.h"

#include <errno.h>
#include <fcntl.h>
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

extern char **environ;

_Noreturn void check_cannot_run(const char *why)
{
    printf("%s\n", why);
    exit(77);
}

static char *path_in(const char *folder, const char *name)
{
    struct text path = {0};
    text_format(&path, "%s/%s", folder, name);
    return path.bytes;
}

void service_prepare(struct service *service, const char *binary, const char *provider, const char *folder)
{
    *service = (struct service){
        .binary = binary,
        .provider = provider,
        .folder = copy_bytes(folder, strlen(folder)),
        .address = path_in(folder, "penstock.sock"),
        .config = path_in(folder, "penstock.conf"),
        .errors = path_in(folder, "error.log"),
        .usage = path_in(folder, "usage.jsonl"),
        .pid_file = path_in(folder, "penstock.pid"),
        .console = path_in(folder, "console"),
        .crash = path_in(folder, "crash"),
    };
    setenv("PROBE_CRASH", service->crash, 1);
}

void service_configure(const struct service *service, const char *settings)
{
    struct text text = {0};
    if (!strstr(settings, "listen ="))
        text_format(&text, "listen = \"%s\";\n", service->address);
    if (geteuid() == 0 && strncmp(settings, "user =", 6) != 0 && !strstr(settings, "\nuser ="))
        text_put(&text, "user = \"nobody\";\n");
    text_format(&text, "pid_file = \"%s\";\nstate_dir = \"%s/state\";\n", service->pid_file, service->folder);
    text_format(&text, "log: { errors = \"%s\"; usage = \"%s\"; level = \"debug\"; };\n", service->errors,
                service->usage);
    text_put(&text, settings);
    file_write(service->config, text.bytes, text.length);
    text_free(&text);
}

pid_t service_launch_command(const struct service *service, const char *const *arguments, int in)
{
    int out = open(service->console, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct launch launch = {.arguments = arguments, .environment = environ, .in = in, .out = out, .err = out};
    pid_t pid = process_start(&launch);
    close(out);
    return pid;
}

void service_launch(struct service *service)
{
    const char *arguments[] = {service->binary, "serve", "-c", service->config, NULL};
    service->master = service_launch_command(service, arguments, -1);
}

void service_start(struct service *service, const char *settings)
{
    service_configure(service, settings);
    service_launch(service);
    EXPECT_SOON(service_has_logged(service, "generation 1 serves"), "the master does not come up");
}

int service_wait_end(struct service *service)
{
    int status = process_wait(service->master, PATIENCE_MS);
    EXPECT(status != -1, "the master does not end");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

void service_stop(struct service *service)
{
    kill(service->master, SIGTERM);
    int status = service_wait_end(service);
    EXPECT(status == 0, "the master ended with %d", status);
}

size_t count_in_file(const char *path, const char *words)
{
    struct text bytes = {0};
    size_t count = 0;
    if (file_read_if_there(path, &bytes))
        for (const char *at = text_words(&bytes); (at = strstr(at, words)); at++)
            count++;
    text_free(&bytes);
    return count;
}

unsigned service_port(const struct service *service)
{
    struct text log = {0};
    file_read(service->errors, &log);
    const char *line = strstr(text_words(&log), "generation 1 serves on ");
    const char *colon = line ? strrchr(line, ':') : NULL;
    unsigned port = colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
    text_free(&log);
    return port;
}

bool service_has_logged(const struct service *service, const char *words)
{
    return count_in_file(service->errors, words) > 0;
}

size_t service_workers(const struct service *service, pid_t pids[static WORKERS_MAX])
{
    char path[64];
    struct text children = {0};
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)service->master, (int)service->master);
    if (file_read_if_there(path, &children)) {
        char *end, *at = children.bytes;
        for (long pid; at && (pid = strtol(at, &end, 10)) > 0 && count < WORKERS_MAX; at = end)
            pids[count++] = (pid_t)pid;
    }
    text_free(&children);
    return count;
}

size_t service_worker_count(const struct service *service)
{
    pid_t pids[WORKERS_MAX];
    return service_workers(service, pids);
}

bool process_exists(pid_t pid)
{
    return kill(pid, 0) == 0 || errno == EPERM;
}
