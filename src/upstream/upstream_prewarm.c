/* A client of providers that has made one connection in vain, so that what libcurl sets up then is there.
 *
 * libcurl makes its table of sockets, 29 KB, when it has the first one. Made before the fork, nearly all of
 * it stays common to all workers. The connection goes to a socket of our own that nobody accepts from. */
#include "upstream/upstream_prewarm.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/failure.h"
#include "upstream/upstream.h"

#define PATIENCE_MS 100

/* Listens on an address of this machine that the system chooses; -1: it cannot. */
static int listen_somewhere(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (listener >= 0 && bind(listener, (struct sockaddr *)address, size) == 0 && listen(listener, 1) == 0 &&
        getsockname(listener, (struct sockaddr *)address, &size) == 0)
        return listener;
    if (listener >= 0)
        close(listener);
    return -1;
}

static void connect_in_vain(struct upstream *upstream, const struct sockaddr_in *address)
{
    char url[64];
    struct failure ignored;
    struct upstream_request request = {.url = url,
                                       .limits = {.connect_ms = PATIENCE_MS, .first_byte_ms = PATIENCE_MS}};
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", ntohs(address->sin_port));
    upstream_start(upstream, &request);
    (void)upstream_wait(upstream, NULL, 0, 0, &ignored);
    upstream_stop(upstream);
}

struct upstream *upstream_prewarm(void)
{
    struct sockaddr_in address;
    struct upstream *upstream = upstream_create();
    int listener = listen_somewhere(&address);
    if (listener < 0)
        return upstream;
    connect_in_vain(upstream, &address);
    close(listener);
    return upstream;
}
