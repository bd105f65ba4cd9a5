/* Ports that never accept, host names and resolvers for one gateway, a self-signed certificate. */
#include "setup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/text.h"
#include "fixture.h"

#define CALLERS 4 /* more than a backlog of 0 takes */
#define START_MS 30000
#define OPENSSL "/usr/bin/openssl"

/* A full backlog: the kernel drops further connections (tests/transport/deaf.c). Port 0: any; `*port` gets
 * it. */
static bool occupy(int family, unsigned *port)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)*port)};
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    six.sin6_addr = in6addr_loopback;
    struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&four : (struct sockaddr *)&six;
    socklen_t size = family == AF_INET ? sizeof four : sizeof six;
    int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, address, size) != 0 || listen(listener, 0) != 0)
        return false;
    getsockname(listener, address, &size);
    for (int i = 0; i < CALLERS; i++)
        if (connect(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), address, size) != 0 &&
            errno != EINPROGRESS)
            return false;
    *port = ntohs(family == AF_INET ? four.sin_port : six.sin6_port);
    return true;
}

static bool make_deaf(struct fixture *fixture, struct text *why)
{
    if (occupy(AF_INET, &fixture->deaf_port))
        return true;
    text_put(why, "no port can be made deaf");
    return false;
}

/* Accepts connections and never reads. */
static bool make_mute(struct fixture *fixture, struct text *why)
{
    fixture->listener = net_refusing_port(&fixture->deaf_port);
    if (listen(fixture->listener, 16) == 0)
        return true;
    text_put(why, "cannot listen on a port");
    return false;
}

/* Answers every connection with an error in plain HTTP. */
static bool talk_plain(struct fixture *fixture, struct text *why)
{
    static const char words[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    if (!make_mute(fixture, why))
        return false;
    int listener = fixture->listener;
    pid_t parent = getpid();
    fixture->helper = fork();
    if (fixture->helper == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (fixture->helper == 0) {
        char hello[4096];
        int connection = accept(listener, NULL, NULL);
        if (connection < 0 || getppid() != parent)
            _exit(0);
        bool answered = read(connection, hello, sizeof hello) > 0 &&
                        write(connection, words, sizeof words - 1) > 0;
        shutdown(connection, answered ? SHUT_WR : SHUT_RDWR);
        close(connection);
    }
    return true;
}

/* A file of the gateway's own in the place of the system's. */
static bool replace_file(struct fixture *fixture, const char *name, const char *content, const char *place,
                         struct text *why)
{
    static char words[400], probe[500];
    char *path = fixture_path(fixture, name);
    file_write(path, content, strlen(content));
    snprintf(words, sizeof words, "chmod 644 %s && mount --bind %s %s && exec \"$0\" \"$@\"", path, path,
             place);
    snprintf(probe, sizeof probe, "unshare -m /bin/sh -c '%s' true 2>/dev/null", words);
    free(path);
    fixture->before = words;
    if (geteuid() == 0 && system(probe) == 0)
        return true;
    text_format(why, "nothing can be mounted on %s", place);
    return false;
}

/* The name "both" has an address of each family. */
static bool name_both(struct fixture *fixture, struct text *why)
{
    unsigned port = fixture->faulty_port;
    if (!occupy(AF_INET6, &port)) {
        text_put(why, "there is no IPv6 on the loopback interface");
        return false;
    }
    return replace_file(fixture, "hosts", "127.0.0.1 localhost\n::1 both.test\n127.0.0.1 both.test\n",
                        "/etc/hosts", why);
}

/* A resolver that never answers; other rows may have one at the same address. */
static bool silence_names(struct fixture *fixture, struct text *why)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
    int resolver = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 76);
    setsockopt(resolver, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
    if (bind(resolver, (struct sockaddr *)&address, sizeof address) != 0) {
        text_put(why, "no resolver can be at 127.0.0.77");
        return false;
    }
    return replace_file(fixture, "resolv.conf", "nameserver 127.0.0.77\noptions timeout:20 attempts:2\n",
                        "/etc/resolv.conf", why);
}

static bool says(const char *path, const char *words)
{
    struct text bytes = {0};
    bool found = file_read_if_there(path, &bytes) && strstr(text_words(&bytes), words);
    text_free(&bytes);
    return found;
}

/* A server with a self-signed certificate. */
static bool serve_tls(struct fixture *fixture, struct text *why)
{
    struct text command = {0};
    int holder = net_refusing_port(&fixture->tls_port);
    text_format(&command,
                "cd %s && " OPENSSL
                " req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem "
                "-out cert.pem -subj /CN=self.test 2>/dev/null && exec " OPENSSL " s_server -www -accept "
                "127.0.0.1:%u -key key.pem -cert cert.pem",
                fixture->folder, fixture->tls_port);
    close(holder);
    if (access(OPENSSL, X_OK) != 0) {
        text_put(why, "there is no openssl");
        return false;
    }
    const char *arguments[] = {"/bin/sh", "-c", command.bytes, NULL};
    char *said = fixture_path(fixture, "tls");
    int out = open(said, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    fixture->helper = fixture_start(fixture, arguments, out);
    bool serves = false;
    for (int64_t deadline = now_ms() + START_MS; !serves && now_ms() < deadline; rest())
        serves = says(said, "ACCEPT");
    if (!serves)
        text_put(why, "openssl does not serve");
    close(out);
    free(said);
    text_free(&command);
    return serves;
}

bool setup(struct fixture *fixture, struct text *why)
{
    const char *words = text_words(&fixture->fault->setup);
    if (strcmp(words, "deaf\n") == 0)
        return make_deaf(fixture, why);
    if (strcmp(words, "mute\n") == 0)
        return make_mute(fixture, why);
    if (strcmp(words, "plain\n") == 0)
        return talk_plain(fixture, why);
    if (strcmp(words, "ipv6-deaf\n") == 0)
        return name_both(fixture, why);
    if (strcmp(words, "dns-deaf\n") == 0)
        return silence_names(fixture, why);
    if (strcmp(words, "tls\n") == 0)
        return serve_tls(fixture, why);
    if (*words)
        give_up("fault %s: unknown setup %s", fixture->fault->name, words);
    return true;
}
