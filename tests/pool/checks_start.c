/* Other ways to start: on TCP, on systemd's socket, on descriptor 0. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/text.h"
#include "checks.h"
#include "client.h"

#define POOL "pool: { min_spare = 2; max_spare = 6; max_workers = 20; };\n"

static void ask_port(const char *listen, int family, struct stage *stage)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char settings[300], answer[ANSWER_SIZE];
    snprintf(settings, sizeof settings, "listen = \"%s\";\n%s", listen, POOL);
    stage_start(stage, settings);
    six.sin6_port = four.sin_port = htons((uint16_t)stage_port(stage));
    int visitor = socket(family, SOCK_STREAM, 0);
    int connected = family == AF_INET ? connect(visitor, (struct sockaddr *)&four, sizeof four)
                                      : connect(visitor, (struct sockaddr *)&six, sizeof six);
    EXPECT(connected == 0, "nobody listens on %s", listen);
    say_line(visitor, "who");
    EXPECT(hear_line(visitor, answer, PATIENCE_MS), "nobody serves on %s", listen);
    close(visitor);
    stage_stop(stage);
    unlink(stage->errors);
}

static void listens_on_tcp(struct stage *stage)
{
    ask_port("127.0.0.1:0", AF_INET, stage);
    ask_port(":0", AF_INET, stage);
    ask_port("0", AF_INET, stage);
    ask_port("[::1]:0", AF_INET6, stage);
}

static void refuses_names(struct stage *stage)
{
    stage_configure(stage, POOL "listen = \"localhost:9000\";\n");
    stage_launch(stage);
    EXPECT(stage_wait_end(stage) == 1, "it listens on a name");
    EXPECT(stage_count_words(stage->said, "ADDRESS:PORT with a numeric address") == 1, "it does not say why");
}

/* The socket comes as descriptor 3, as sd_listen_fds(3) has it, and stays systemd's when the service ends. */
static void takes_systemds_socket(struct stage *stage)
{
    const char *script = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" serve -c \"$1\"";
    const char *arguments[] = {"/bin/sh", "-c", script, stage->binary, stage->config, NULL};
    int passed = net_listen_unix(stage->address);
    struct stat before, after;
    EXPECT(stat(stage->address, &before) == 0, "no socket");
    stage_configure(stage, POOL "listen = \"127.0.0.1:1\";\n");
    stage->master = stage_launch_other(stage, arguments, passed);
    EXPECT_SOON(stage_logged(stage, "generation 1 serves on descriptor 3"), "it does not come up");
    EXPECT(generation_now(stage) == 1, "nobody serves");
    stage_stop(stage);
    EXPECT(stat(stage->address, &after) == 0 && before.st_ino == after.st_ino,
           "it took systemd's socket away");
    int visitor = visit(stage, "who");
    EXPECT(visitor >= 0 && is_silent(visitor), "it closed systemd's socket");
    close(visitor);
    close(passed);
}

static void serves_descriptor_0(struct stage *stage)
{
    int visitors[3], passed = net_listen_unix(stage->address);
    pid_t holders[3], pids[MOST_WORKERS];
    char answer[ANSWER_SIZE];
    const char *arguments[] = {stage->binary, "-c", stage->config, NULL};
    setenv("PENSTOCK_WORKERS", "3", 1);
    stage_configure(stage, POOL);
    stage->master = stage_launch_other(stage, arguments, passed);
    hold(stage, 3, visitors, holders);
    int fourth = visit(stage, "who");
    EXPECT(stage_workers(stage, pids) == 3, "%zu workers", stage_worker_count(stage));
    kill(holders[0], SIGKILL);
    EXPECT(hear_line(fourth, answer, PATIENCE_MS), "the dead one is not replaced");
    EXPECT(stage_worker_count(stage) == 3, "%zu workers", stage_worker_count(stage));
    EXPECT(access(stage->pid_file, F_OK) != 0, "it wrote a pid file");
    release(2, visitors + 1);
    kill(stage->master, SIGHUP);
    EXPECT_SOON(generation_now(stage) == 2, "it does not reload");
    EXPECT_SOON(stage_worker_count(stage) == 3, "%zu workers", stage_worker_count(stage));
    stage_stop(stage);
    close(passed);
}

/* Whoever starts it without descriptors must not find its log or a connection in their place. */
static void fills_missing_descriptors(struct stage *stage)
{
    char path[64], target[64];
    const char *script = "exec \"$0\" serve -c \"$1\" <&- >&- 2>&-";
    const char *arguments[] = {"/bin/sh", "-c", script, stage->binary, stage->config, NULL};
    stage_configure(stage, POOL);
    stage->master = stage_launch_other(stage, arguments, -1);
    EXPECT_SOON(stage_logged(stage, "generation 1 serves"), "it does not come up");
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)stage->master, descriptor);
        ssize_t length = readlink(path, target, sizeof target - 1);
        EXPECT(length > 0, "descriptor %d is closed", descriptor);
        target[length] = '\0';
        EXPECT(strcmp(target, "/dev/null") == 0, "descriptor %d is %s", descriptor, target);
    }
    stage_stop(stage);
}

const struct check start_checks[] = {
    {"listens on TCP, IPv4 and IPv6", listens_on_tcp},
    {"refuses names instead of addresses", refuses_names},
    {"takes the socket that systemd passes", takes_systemds_socket},
    {"serves descriptor 0 with PENSTOCK_WORKERS", serves_descriptor_0},
    {"opens /dev/null where descriptors are missing", fills_missing_descriptors},
    {0},
};
