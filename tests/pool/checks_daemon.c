/* Its place on the machine: socket, pid file, users. */
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/text.h"
#include "checks.h"
#include "client.h"

#define POOL "pool: { min_spare = 2; max_spare = 6; max_workers = 20; };\n"

/* Starts it on settings that it must refuse, and looks for the message. */
static void expect_refusal(struct service *service, const char *settings, const char *words)
{
    service_configure(service, settings);
    service_launch(service);
    int status = service_wait_end(service);
    EXPECT(status == 1, "it ended with %d instead of refusing", status);
    EXPECT(count_in_file(service->console, words) == 1, "it did not log \"%s\"", words);
}

static void needs_root(void)
{
    if (geteuid() != 0)
        check_cannot_run("needs root");
}

static void replaces_a_dead_socket(struct service *service)
{
    int dead = net_listen_unix(service->address);
    close(dead);
    service_start(service, POOL);
    EXPECT(generation_now(service) == 1, "no worker serves");
    service_stop(service);
}

static void refuses_a_live_socket(struct service *service)
{
    char answer[1];
    int live = net_listen_unix(service->address);
    expect_refusal(service, POOL, "another process listens on");
    int client = client_connect(service, "who"), at_server = accept4(live, NULL, NULL, SOCK_NONBLOCK);
    EXPECT(client >= 0 && at_server >= 0, "the live socket was taken away");
    EXPECT(read(at_server, answer, 0) == 0, "and its connections too");
    EXPECT(access(service->pid_file, F_OK) != 0, "the refused master has left a pid file");
}

static void refuses_what_is_no_socket(struct service *service)
{
    struct text kept = {0};
    file_write(service->address, "precious", 8);
    expect_refusal(service, POOL, "exists and is not a socket");
    file_read(service->address, &kept);
    EXPECT(strcmp(text_words(&kept), "precious") == 0, "it destroyed a file");
    text_free(&kept);
}

static void sets_owner_and_mode(struct service *service)
{
    struct stat socket;
    const struct passwd *owner = getpwnam("nobody");
    const struct group *group = getgrnam("www-data");
    needs_root();
    if (!owner || !group)
        check_cannot_run("needs the user nobody and the group www-data");
    service_start(service, POOL "socket: { owner = \"nobody\"; group = \"www-data\"; mode = \"0620\"; };\n");
    EXPECT(lstat(service->address, &socket) == 0 && S_ISSOCK(socket.st_mode), "no socket");
    EXPECT((socket.st_mode & 07777) == 0620, "its mode is %o", (unsigned)socket.st_mode & 07777);
    EXPECT(socket.st_uid == owner->pw_uid && socket.st_gid == group->gr_gid, "it belongs to %u:%u",
           socket.st_uid, socket.st_gid);
    service_stop(service);
}

/* Also if the umask forbids the mode. */
static void sets_mode_regardless_of_umask(struct service *service)
{
    struct stat socket;
    umask(077);
    service_start(service, POOL "socket: { mode = \"0666\"; };\n");
    EXPECT(lstat(service->address, &socket) == 0 && (socket.st_mode & 07777) == 0666, "its mode is %o",
           (unsigned)socket.st_mode & 07777);
    service_stop(service);
}

static void keeps_a_pid_file(struct service *service)
{
    char words[64];
    struct text text = {0};
    service_start(service, POOL);
    pid_t first = service->master;
    file_read(service->pid_file, &text);
    EXPECT(strtol(text_words(&text), NULL, 10) == first, "it holds \"%s\"", text_words(&text));
    text_free(&text);
    snprintf(words, sizeof words, "is held by process %d: already running?", (int)first);
    expect_refusal(service, POOL, words);
    service->master = first;
    EXPECT(generation_now(service) == 1 && access(service->pid_file, F_OK) == 0,
           "the first master no longer serves");
    service_stop(service);
    EXPECT(access(service->pid_file, F_OK) != 0, "it stays");
}

static bool is_listened_to(const char *path)
{
    int client = net_connect_unix(path, 1);
    if (client >= 0)
        close(client);
    return client >= 0;
}

static void starts_after_a_kill(struct service *service)
{
    service_start(service, POOL);
    kill(service->master, SIGKILL);
    service_wait_end(service);
    EXPECT_SOON(!is_listened_to(service->address), "its workers stay");
    EXPECT(access(service->pid_file, F_OK) == 0 && access(service->address, F_OK) == 0,
           "a killed master cleaned up");
    unlink(service->errors);
    service_start(service, POOL);
    EXPECT(generation_now(service) == 1, "no worker serves");
    service_stop(service);
}

static void drops_root(struct service *service)
{
    char answer[ANSWER_SIZE], secret[600], question[700], expected[64], path[64];
    struct text status = {0};
    needs_root();
    const struct passwd *user = getpwnam("nobody");
    const gid_t extra[] = {0, 4, 27};
    EXPECT(setgroups(3, extra) == 0, "cannot set the groups that it must lose");
    snprintf(secret, sizeof secret, "%s/secret", service->folder);
    file_write(secret, "key", 3);
    service_start(service, POOL);
    client_ask(service, "who", answer);
    snprintf(expected, sizeof expected, "groups=%d", (int)user->pw_gid);
    EXPECT(number_in(answer, "uid") == (long)user->pw_uid && number_in(answer, "gid") == (long)user->pw_gid,
           "the worker is %s", answer);
    EXPECT(strcmp(strstr(answer, "groups="), expected) == 0, "the worker is %s", answer);
    snprintf(path, sizeof path, "/proc/%ld/status", number_in(answer, "pid"));
    file_read(path, &status);
    EXPECT(strstr(text_words(&status), "CapEff:\t0000000000000000\n"), "it has capabilities");
    EXPECT(strstr(text_words(&status), "CapPrm:\t0000000000000000\n"), "it can have capabilities");
    EXPECT(strstr(text_words(&status), "NoNewPrivs:\t1\n"), "it can gain privileges");
    text_free(&status);
    snprintf(question, sizeof question, "read %s", secret);
    client_ask(service, question, answer);
    EXPECT(strcmp(answer, "Permission denied") == 0, "a worker reads root's file: %s", answer);
    service_stop(service);
}

static void takes_the_group(struct service *service)
{
    char answer[ANSWER_SIZE];
    needs_root();
    const struct group *group = getgrnam("www-data");
    if (!group)
        check_cannot_run("needs the group www-data");
    service_start(service, POOL "user = \"nobody\";\ngroup = \"www-data\";\n");
    client_ask(service, "who", answer);
    EXPECT(number_in(answer, "gid") == (long)group->gr_gid, "the worker is %s", answer);
    EXPECT(number_in(answer, "groups") == (long)group->gr_gid, "the worker is %s", answer);
    service_stop(service);
}

static void refuses_root_as_user(struct service *service)
{
    needs_root();
    expect_refusal(service, POOL "user = \"root\";\n", "user: the workers never run as root");
    unlink(service->console);
    expect_refusal(service, POOL "user = \"nobody\";\ngroup = \"root\";\n",
                   "never run as root or in root's group");
}

static void refuses_unknown_users(struct service *service)
{
    needs_root();
    expect_refusal(service, POOL "user = \"\";\n", "user: must be set when started as root");
    expect_refusal(service, POOL "user = \"no-such-user\";\n", "there is no user \"no-such-user\"");
    expect_refusal(service, POOL "user = \"nobody\";\ngroup = \"no-such-group\";\n", "there is no group");
}

static void gives_logs_to_the_worker(struct service *service)
{
    struct stat file;
    needs_root();
    const struct passwd *user = getpwnam("nobody");
    service_start(service, POOL);
    EXPECT(stat(service->errors, &file) == 0 && file.st_uid == user->pw_uid && (file.st_mode & 07777) == 0640,
           "the error log belongs to %u, mode %o", file.st_uid, (unsigned)file.st_mode & 07777);
    unlink(service->usage);
    file_write(service->usage, "", 0); /* as a rotation that creates the file as root */
    kill(service->master, SIGUSR1);
    EXPECT_SOON(stat(service->usage, &file) == 0 && file.st_uid == user->pw_uid, "the usage log is root's");
    service_stop(service);
}

const struct check daemon_checks[] = {
    {"replaces the socket of a dead process", replaces_a_dead_socket},
    {"refuses an address where a process listens", refuses_a_live_socket},
    {"refuses an address that is not a socket", refuses_what_is_no_socket},
    {"sets the socket's owner, group and mode", sets_owner_and_mode},
    {"sets the socket's mode regardless of the umask", sets_mode_regardless_of_umask},
    {"writes a pid file, and refuses to start a second master", keeps_a_pid_file},
    {"starts after kill -9 of the master", starts_after_a_kill},
    {"workers drop root, all groups and capabilities", drops_root},
    {"workers run with the group of the settings", takes_the_group},
    {"refuses root as the workers' user", refuses_root_as_user},
    {"refuses users that do not exist, and root without a user", refuses_unknown_users},
    {"log files belong to the workers", gives_logs_to_the_worker},
    {0},
};
