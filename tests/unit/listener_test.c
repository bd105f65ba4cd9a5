/* The listening socket: where it may be bound, who may have it, what is left of it. */
#include "process/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/failure.h"
#include "config/settings.h"
#include "unit.h"

static char folder[64], path[96];
static char unset[] = "", unknown[] = "no-such-group";

static void prepare(void)
{
    snprintf(folder, sizeof folder, "/tmp/listener-test-XXXXXX");
    if (!mkdtemp(folder))
        abort();
    snprintf(path, sizeof path, "%s/socket", folder);
}

/* Fails when anything but the socket is left in the folder. */
static void clean_up(void)
{
    unlink(path);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static struct settings settings_for(char *where)
{
    return (struct settings){.listen = where,
                             .socket_owner = unset,
                             .socket_group = unset,
                             .socket_mode = 0640,
                             .socket_backlog = 16};
}

static bool open_at(const char *where, struct listener *listener, struct failure *why)
{
    char copy[300];
    snprintf(copy, sizeof copy, "%s", where);
    struct settings settings = settings_for(copy);
    return listener_open(&settings, listener, why);
}

static int call(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int caller = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(caller, (struct sockaddr *)&address, sizeof address) == 0)
        return caller;
    close(caller);
    return -1;
}

static void a_path_is_bound_and_unlinked(void)
{
    struct listener listener;
    struct failure why;
    struct stat there;
    prepare();
    CU_ASSERT_TRUE_FATAL(open_at(path, &listener, &why));
    CU_ASSERT_STRING_EQUAL(listener.name, path);
    CU_ASSERT_TRUE(listener_is_socket(listener.descriptor));
    CU_ASSERT_TRUE(fcntl(listener.descriptor, F_GETFD) & FD_CLOEXEC);
    CU_ASSERT_TRUE(lstat(path, &there) == 0 && (there.st_mode & 07777) == 0640);
    int caller = call(), connection = accept(listener.descriptor, NULL, NULL);
    CU_ASSERT_TRUE(caller >= 0 && connection >= 0);
    close(caller);
    close(connection);
    listener_close(&listener);
    CU_ASSERT_TRUE(lstat(path, &there) != 0 && errno == ENOENT);
    clean_up();
}

static void a_path_may_have_a_prefix(void)
{
    struct listener listener;
    struct failure why;
    char where[128];
    prepare();
    snprintf(where, sizeof where, "unix:%s", path);
    CU_ASSERT_TRUE_FATAL(open_at(where, &listener, &why));
    CU_ASSERT_STRING_EQUAL(listener.name, path);
    listener_close(&listener);
    clean_up();
}

/* Every process that holds it learns of the end, and new connections are refused. */
static void closing_ends_it_for_all(void)
{
    struct listener listener;
    struct failure why;
    prepare();
    CU_ASSERT_TRUE_FATAL(open_at(path, &listener, &why));
    int workers = dup(listener.descriptor);
    char other[128];
    snprintf(other, sizeof other, "%s/kept", folder);
    CU_ASSERT_EQUAL(link(path, other), 0);
    listener_close(&listener);
    CU_ASSERT_TRUE(accept(workers, NULL, NULL) < 0 && errno == EINVAL);
    CU_ASSERT_EQUAL(rename(other, path), 0);
    CU_ASSERT_EQUAL(call(), -1);
    close(workers);
    clean_up();
}

/* It belongs to the process that passed it: the next service uses it again. */
static void closing_an_adopted_one_ends_nothing(void)
{
    struct listener listener, adopted;
    struct failure why;
    prepare();
    CU_ASSERT_TRUE_FATAL(open_at(path, &listener, &why));
    CU_ASSERT_TRUE_FATAL(listener_adopt(dup(listener.descriptor), &adopted, &why));
    listener_close(&adopted);
    int caller = call();
    CU_ASSERT_TRUE(caller >= 0);
    close(caller);
    listener_close(&listener);
    clean_up();
}

static void only_our_own_name_is_unlinked(void)
{
    struct listener listener;
    struct failure why;
    prepare();
    CU_ASSERT_TRUE_FATAL(open_at(path, &listener, &why));
    unlink(path);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    listener_close(&listener);
    CU_ASSERT_EQUAL(access(path, F_OK), 0);
    clean_up();
}

static void a_live_path_is_refused(void)
{
    struct listener first, second;
    struct failure why;
    prepare();
    CU_ASSERT_TRUE_FATAL(open_at(path, &first, &why));
    CU_ASSERT_FALSE(open_at(path, &second, &why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why.message, "another process listens on"));
    int caller = call();
    CU_ASSERT_TRUE(caller >= 0);
    close(caller);
    listener_close(&first);
    clean_up();
}

static void errors_name_what_is_in_the_way(void)
{
    struct listener listener;
    struct failure why;
    char longest[256];
    prepare();
    mkdir(path, 0700);
    CU_ASSERT_FALSE(open_at(path, &listener, &why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why.message, "exists and is not a socket"));
    snprintf(longest, sizeof longest, "%s/missing/socket", folder);
    CU_ASSERT_FALSE(open_at(longest, &listener, &why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why.message, "No such file or directory"));
    snprintf(longest, sizeof longest, "%s/%0120d", folder, 0);
    CU_ASSERT_FALSE(open_at(longest, &listener, &why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why.message, "too long for the path of a socket"));
    rmdir(path);
    clean_up();
}

/* A new socket is created as "SOCKET.new": a file of that name stays as it is. */
static void a_file_beside_it_is_safe(void)
{
    struct listener listener;
    struct failure why;
    char beside[128];
    prepare();
    snprintf(beside, sizeof beside, "%s.new", path);
    close(open(beside, O_CREAT | O_WRONLY, 0600));
    CU_ASSERT_FALSE(open_at(path, &listener, &why));
    CU_ASSERT_EQUAL(unlink(beside), 0);
    clean_up();
}

static void an_unknown_owner_is_refused(void)
{
    struct listener listener;
    struct failure why;
    prepare();
    struct settings settings = settings_for(path);
    settings.socket_group = unknown;
    CU_ASSERT_FALSE(listener_open(&settings, &listener, &why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why.message, "there is no group \"no-such-group\""));
    clean_up();
}

struct race {
    atomic_uint round, done, served;
};

/* A process that has opened the address must be the one that callers reach. */
static _Noreturn void compete(struct race *race, unsigned rounds)
{
    struct listener listener;
    struct failure why;
    for (unsigned round = 1; round <= rounds; round++) {
        while (atomic_load(&race->round) < round)
            sched_yield();
        bool won = open_at(path, &listener, &why);
        atomic_fetch_add(&race->done, 1);
        while (atomic_load(&race->done) < 2)
            sched_yield();
        int caller = won ? call() : -1;
        int connection = caller >= 0 ? accept(listener.descriptor, NULL, NULL) : -1;
        atomic_fetch_add(&race->served, connection >= 0);
        close(caller);
        close(connection);
        if (won)
            listener_close(&listener);
        atomic_fetch_add(&race->done, 1);
    }
    _exit(0);
}

static void leave_a_dead_socket(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int dead = socket(AF_UNIX, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(bind(dead, (struct sockaddr *)&address, sizeof address), 0);
    close(dead);
}

/* Two masters start at the same instant. */
static void one_of_two_masters_gets_it(void)
{
    enum { ROUNDS = 200 };
    struct race *race = mmap(NULL, sizeof *race, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t masters[2];
    unsigned wrong = 0;
    prepare();
    for (size_t i = 0; i < 2; i++)
        if ((masters[i] = fork()) == 0)
            compete(race, ROUNDS);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        leave_a_dead_socket();
        atomic_store(&race->served, 0);
        atomic_store(&race->done, 0);
        atomic_store(&race->round, round);
        while (atomic_load(&race->done) < 4)
            sched_yield();
        wrong += atomic_load(&race->served) != 1;
        unlink(path);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    for (size_t i = 0; i < 2; i++)
        waitpid(masters[i], NULL, 0);
    munmap(race, sizeof *race);
    clean_up();
}

static void expect_tcp(const char *where, const char *name)
{
    struct listener listener;
    struct failure why;
    int nodelay = 0;
    socklen_t size = sizeof nodelay;
    CU_ASSERT_TRUE_FATAL(open_at(where, &listener, &why));
    CU_ASSERT_EQUAL(strncmp(listener.name, name, strlen(name)), 0);
    CU_ASSERT_TRUE(strtol(listener.name + strlen(name), NULL, 10) > 0);
    CU_ASSERT_EQUAL(getsockopt(listener.descriptor, IPPROTO_TCP, TCP_NODELAY, &nodelay, &size), 0);
    CU_ASSERT_TRUE(nodelay);
    listener_close(&listener);
}

static void tcp_is_bound_where_it_says(void)
{
    expect_tcp("127.0.0.1:0", "127.0.0.1:");
    expect_tcp(":0", "127.0.0.1:");
    expect_tcp("0", "127.0.0.1:");
    expect_tcp("0.0.0.0:0", "0.0.0.0:");
}

static void tcp_takes_ipv6_in_brackets(void)
{
    int six = socket(AF_INET6, SOCK_STREAM, 0);
    if (six < 0)
        return; /* a machine without it */
    close(six);
    expect_tcp("[::1]:0", "[::1]:");
}

static void malformed_addresses_are_refused(void)
{
    static const char *const malformed[] = {
        "",          "localhost:9000",  "127.0.0.1:",     "127.0.0.1:http",
        "1.2.3:x:9", "127.0.0.1:70000", "[127.0.0.1:900", "socket"};
    struct listener listener;
    struct failure why;
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
        CU_ASSERT_FALSE(open_at(malformed[i], &listener, &why));
}

/* sd_listen_fds(3): for this process only, not for its children. */
static void systemds_variables_must_be_for_us(void)
{
    struct listener listener;
    struct failure why;
    char pid[16];
    prepare();
    setenv("LISTEN_PID", "1", 1);
    setenv("LISTEN_FDS", "1", 1);
    CU_ASSERT_TRUE_FATAL(open_at(path, &listener, &why));
    CU_ASSERT_TRUE(listener.ours);
    CU_ASSERT_PTR_NULL(getenv("LISTEN_FDS"));
    listener_close(&listener);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "2", 1);
    CU_ASSERT_FALSE(open_at(path, &listener, &why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why.message, "systemd passes 2 sockets"));
    CU_ASSERT_PTR_NULL(getenv("LISTEN_PID"));
    clean_up();
}

static void only_listening_sockets_are_sockets(void)
{
    int pair[2], ends[2];
    struct listener listener;
    struct failure why;
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    CU_ASSERT_FALSE(listener_is_socket(pair[0]));
    CU_ASSERT_FALSE(listener_is_socket(ends[0]));
    CU_ASSERT_FALSE(listener_is_socket(-1));
    CU_ASSERT_FALSE(listener_adopt(pair[0], &listener, &why));
    for (int i = 0; i < 2; i++) {
        close(pair[i]);
        close(ends[i]);
    }
}

static const struct unit_test tests[] = {
    {"a path is bound, and unlinked at the end", a_path_is_bound_and_unlinked},
    {"a path may have the prefix unix:", a_path_may_have_a_prefix},
    {"closing ends it for every process", closing_ends_it_for_all},
    {"closing an adopted one ends nothing", closing_an_adopted_one_ends_nothing},
    {"only our own name is unlinked", only_our_own_name_is_unlinked},
    {"a path with a live listener is refused", a_live_path_is_refused},
    {"errors name what is in the way", errors_name_what_is_in_the_way},
    {"a file beside the socket is safe", a_file_beside_it_is_safe},
    {"an unknown owner is refused", an_unknown_owner_is_refused},
    {"if two masters start at once, one gets the address", one_of_two_masters_gets_it},
    {"TCP is bound where it says", tcp_is_bound_where_it_says},
    {"TCP takes IPv6 in brackets", tcp_takes_ipv6_in_brackets},
    {"malformed addresses are refused", malformed_addresses_are_refused},
    {"systemd's variables must be for us", systemds_variables_must_be_for_us},
    {"only listening sockets are sockets", only_listening_sockets_are_sockets},
};

UNIT_MAIN("listener", tests)
