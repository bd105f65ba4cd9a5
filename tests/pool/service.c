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

void stage_prepare(struct stage *stage, const char *binary, const char *provider, const char *folder)
{
    *stage = (struct stage){
        .binary = binary,
        .provider = provider,
        .folder = copy_bytes(folder, strlen(folder)),
        .address = path_in(folder, "penstock.sock"),
        .config = path_in(folder, "penstock.conf"),
        .errors = path_in(folder, "error.log"),
        .usage = path_in(folder, "usage.jsonl"),
        .pid_file = path_in(folder, "penstock.pid"),
        .said = path_in(folder, "said"),
        .crash = path_in(folder, "crash"),
    };
    setenv("PROBE_CRASH", stage->crash, 1);
}

void stage_configure(const struct stage *stage, const char *settings)
{
    struct text text = {0};
    if (!strstr(settings, "listen ="))
        text_format(&text, "listen = \"%s\";\n", stage->address);
    if (geteuid() == 0 && strncmp(settings, "user =", 6) != 0 && !strstr(settings, "\nuser ="))
        text_put(&text, "user = \"nobody\";\n");
    text_format(&text, "pid_file = \"%s\";\nstate_dir = \"%s/state\";\n", stage->pid_file, stage->folder);
    text_format(&text, "log: { errors = \"%s\"; usage = \"%s\"; level = \"debug\"; };\n", stage->errors,
                stage->usage);
    text_put(&text, settings);
    file_write(stage->config, text.bytes, text.length);
    text_free(&text);
}

pid_t stage_launch_other(const struct stage *stage, const char *const *arguments, int in)
{
    int out = open(stage->said, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct launch launch = {.arguments = arguments, .environment = environ, .in = in, .out = out, .err = out};
    pid_t pid = process_start(&launch);
    close(out);
    return pid;
}

void stage_launch(struct stage *stage)
{
    const char *arguments[] = {stage->binary, "serve", "-c", stage->config, NULL};
    stage->master = stage_launch_other(stage, arguments, -1);
}

void stage_start(struct stage *stage, const char *settings)
{
    stage_configure(stage, settings);
    stage_launch(stage);
    EXPECT_SOON(stage_logged(stage, "generation 1 serves"), "the master does not come up");
}

int stage_wait_end(struct stage *stage)
{
    int status = process_wait(stage->master, PATIENCE_MS);
    EXPECT(status != -1, "the master does not end");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

void stage_stop(struct stage *stage)
{
    kill(stage->master, SIGTERM);
    int status = stage_wait_end(stage);
    EXPECT(status == 0, "the master ended with %d", status);
}

size_t stage_count_words(const char *path, const char *words)
{
    struct text bytes = {0};
    size_t count = 0;
    if (file_read_if_there(path, &bytes))
        for (const char *at = text_words(&bytes); (at = strstr(at, words)); at++)
            count++;
    text_free(&bytes);
    return count;
}

unsigned stage_port(const struct stage *stage)
{
    struct text log = {0};
    file_read(stage->errors, &log);
    const char *line = strstr(text_words(&log), "generation 1 serves on ");
    const char *colon = line ? strrchr(line, ':') : NULL;
    unsigned port = colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
    text_free(&log);
    return port;
}

bool stage_logged(const struct stage *stage, const char *words)
{
    return stage_count_words(stage->errors, words) > 0;
}

size_t stage_workers(const struct stage *stage, pid_t pids[static MOST_WORKERS])
{
    char path[64];
    struct text children = {0};
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)stage->master, (int)stage->master);
    if (file_read_if_there(path, &children)) {
        char *end, *at = children.bytes;
        for (long pid; at && (pid = strtol(at, &end, 10)) > 0 && count < MOST_WORKERS; at = end)
            pids[count++] = (pid_t)pid;
    }
    text_free(&children);
    return count;
}

size_t stage_worker_count(const struct stage *stage)
{
    pid_t pids[MOST_WORKERS];
    return stage_workers(stage, pids);
}

bool process_is_there(pid_t pid)
{
    return kill(pid, 0) == 0 || errno == EPERM;
}
