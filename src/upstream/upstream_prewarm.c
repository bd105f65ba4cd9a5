/* Makes libcurl allocate before the fork what each child would allocate with its first connection. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "upstream/upstream.h"
#include "upstream/upstream_hub.h"
#include "upstream/upstream_hub_internal.h"

#define PREWARM_MS 100

/* Listens on a local port that the system chooses. Returns -1 on failure. */
static int listen_locally(struct sockaddr_in *address)
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

/* libcurl allocates its table of sockets, 29 KB, with the first connection. If it is allocated before the
 * fork, nearly all of it stays shared by all workers. The connection goes to a local socket that never
 * accepts it. */
struct upstream_hub *upstream_hub_prewarm(void)
{
    struct sockaddr_in address;
    struct upstream_hub *hub = upstream_hub_create();
    int listener = listen_locally(&address);
    if (listener < 0)
        return hub;
    char url[64];
    struct upstream *upstream = upstream_create(hub, NULL);
    struct upstream_request request = {.url = url, .limits = {.connect_ms = PREWARM_MS}};
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", ntohs(address.sin_port));
    upstream_start(upstream, &request);
    hub_begin(hub);
    upstream_destroy(upstream);
    close(listener);
    return hub;
}
