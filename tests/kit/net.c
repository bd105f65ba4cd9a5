/* Connects, listens and sends small requests over loopback, each with a deadline. */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "process.h"
#include "text.h"

static struct sockaddr_un unix_address(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        give_up("too long for a socket: %s", path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    return address;
}

int net_listen_unix(const char *path)
{
    struct sockaddr_un address = unix_address(path);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unlink(path);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0 || listen(descriptor, 1024) != 0)
        give_up("cannot listen on %s: %s", path, strerror(errno));
    chmod(path, 0666);
    return descriptor;
}

static int connect_within(int family, const void *address, socklen_t size, int64_t ms)
{
    for (int64_t deadline = now_ms() + ms;;) {
        int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(descriptor, address, size) == 0)
            return descriptor;
        close(descriptor);
        if (now_ms() >= deadline)
            return -1;
        rest();
    }
}

int net_connect_unix(const char *path, int64_t ms)
{
    struct sockaddr_un address = unix_address(path);
    return connect_within(AF_UNIX, &address, sizeof address, ms);
}

int net_connect_tcp(unsigned port, int64_t ms)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = connect_within(AF_INET, &address, sizeof address, ms), yes = 1;
    if (descriptor >= 0)
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return descriptor;
}

int net_refusing_port(unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        give_up("cannot bind: %s", strerror(errno));
    getsockname(descriptor, (struct sockaddr *)&address, &size);
    *port = ntohs(address.sin_port);
    return descriptor;
}

/* Reads to the connection's end. */
static bool read_all(int descriptor, struct text *bytes, int64_t deadline)
{
    for (;;) {
        struct pollfd wait = {.fd = descriptor, .events = POLLIN};
        int64_t left = deadline - now_ms();
        if (left <= 0 || poll(&wait, 1, (int)left) <= 0)
            return false;
        ssize_t got = read(descriptor, text_room(bytes, 4096), 4096);
        if (got <= 0)
            return got == 0;
        text_fill(bytes, (size_t)got);
    }
}

bool net_get(unsigned port, const char *target, struct text *body, int64_t ms)
{
    int64_t deadline = now_ms() + ms;
    int descriptor = net_connect_tcp(port, ms);
    if (descriptor < 0)
        return false;
    struct text bytes = {0};
    text_format(&bytes, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", target);
    bool sent = write(descriptor, bytes.bytes, bytes.length) == (ssize_t)bytes.length;
    text_free(&bytes);
    bool whole = sent && read_all(descriptor, &bytes, deadline);
    const char *head_end = whole ? strstr(text_words(&bytes), "\r\n\r\n") : NULL;
    if (head_end)
        text_put(body, head_end + 4);
    text_free(&bytes);
    close(descriptor);
    return head_end != NULL;
}
