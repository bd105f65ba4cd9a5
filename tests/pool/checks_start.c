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

static void ask_port(const char *listen, int family, struct service *service)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char settings[300], answer[ANSWER_SIZE];
    snprintf(settings, sizeof settings, "listen = \"%s\";\n%s", listen, POOL);
    service_start(service, settings);
    six.sin6_port = four.sin_port = htons((uint16_t)service_port(service));
    int client = socket(family, SOCK_STREAM, 0);
    int connected = family == AF_INET ? connect(client, (struct sockaddr *)&four, sizeof four)
                                      : connect(client, (struct sockaddr *)&six, sizeof six);
    EXPECT(connected == 0, "cannot connect to %s", listen);
    client_send(client, "who");
    EXPECT(client_receive(client, answer, PATIENCE_MS), "no worker serves on %s", listen);
    close(client);
    service_stop(service);
    unlink(service->errors);
}

static void listens_on_tcp(struct service *service)
{
    ask_port("127.0.0.1:0", AF_INET, service);
    ask_port(":0", AF_INET, service);
    ask_port("0", AF_INET, service);
    ask_port("[::1]:0", AF_INET6, service);
}

static void refuses_names(struct service *service)
{
    service_configure(service, POOL "listen = \"localhost:9000\";\n");
    service_launch(service);
    EXPECT(service_wait_end(service) == 1, "it listens on a name");
    EXPECT(count_in_file(service->console, "ADDRESS:PORT with a numeric address") == 1,
           "it does not say why");
}

/* The socket comes as descriptor 3, as sd_listen_fds(3) has it, and stays systemd's when the service ends. */
static void takes_systemds_socket(struct service *service)
{
    const char *script = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" serve -c \"$1\"";
    const char *arguments[] = {"/bin/sh", "-c", script, service->binary, service->config, NULL};
    int passed = net_listen_unix(service->address);
    struct stat before, after;
    EXPECT(stat(service->address, &before) == 0, "no socket");
    service_configure(service, POOL "listen = \"127.0.0.1:1\";\n");
    service->master = service_launch_command(service, arguments, passed);
    EXPECT_SOON(service_has_logged(service, "generation 1 serves on descriptor 3"), "it does not come up");
    EXPECT(generation_now(service) == 1, "no worker serves");
    service_stop(service);
    EXPECT(stat(service->address, &after) == 0 && before.st_ino == after.st_ino,
           "it took systemd's socket away");
    int client = client_connect(service, "who");
    EXPECT(client >= 0 && client_still_waits(client), "it closed systemd's socket");
    close(client);
    close(passed);
}

static void serves_descriptor_0(struct service *service)
{
    int clients[3], passed = net_listen_unix(service->address);
    pid_t workers[3], pids[WORKERS_MAX];
    char answer[ANSWER_SIZE];
    const char *arguments[] = {service->binary, "-c", service->config, NULL};
    setenv("PENSTOCK_WORKERS", "3", 1);
    service_configure(service, POOL);
    service->master = service_launch_command(service, arguments, passed);
    hold_workers(service, 3, clients, workers);
    int fourth = client_connect(service, "who");
    EXPECT(service_workers(service, pids) == 3, "%zu workers", service_worker_count(service));
    kill(workers[0], SIGKILL);
    EXPECT(client_receive(fourth, answer, PATIENCE_MS), "the dead one is not replaced");
    EXPECT(service_worker_count(service) == 3, "%zu workers", service_worker_count(service));
    EXPECT(access(service->pid_file, F_OK) != 0, "it wrote a pid file");
    release_workers(2, clients + 1);
    kill(service->master, SIGHUP);
    EXPECT_SOON(generation_now(service) == 2, "it does not reload");
    EXPECT_SOON(service_worker_count(service) == 3, "%zu workers", service_worker_count(service));
    service_stop(service);
    close(passed);
}

/* Started without descriptors 0 to 2, it must not open a log or a connection in their place. */
static void fills_missing_descriptors(struct service *service)
{
    char path[64], target[64];
    const char *script = "exec \"$0\" serve -c \"$1\" <&- >&- 2>&-";
    const char *arguments[] = {"/bin/sh", "-c", script, service->binary, service->config, NULL};
    service_configure(service, POOL);
    service->master = service_launch_command(service, arguments, -1);
    EXPECT_SOON(service_has_logged(service, "generation 1 serves"), "it does not come up");
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)service->master, descriptor);
        ssize_t length = readlink(path, target, sizeof target - 1);
        EXPECT(length > 0, "descriptor %d is closed", descriptor);
        target[length] = '\0';
        EXPECT(strcmp(target, "/dev/null") == 0, "descriptor %d is %s", descriptor, target);
    }
    service_stop(service);
}

const struct check start_checks[] = {
    {"listens on TCP, IPv4 and IPv6", listens_on_tcp},
    {"refuses names instead of addresses", refuses_names},
    {"takes the socket that systemd passes", takes_systemds_socket},
    {"serves descriptor 0 with PENSTOCK_WORKERS", serves_descriptor_0},
    {"opens /dev/null where descriptors are missing", fills_missing_descriptors},
    {0},
};
