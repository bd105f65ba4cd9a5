/* The head of a request to a provider and the first of its body leave in one segment.
 *
 * A body that is read from a callback leaves libcurl in a call of its own, and the provider would wake up for
 * the head, and again for the body: that is a tenth of what a small request costs. Which of the kept sockets
 * a transfer has, libcurl does not tell while it runs; so all of them hold back and all are let go. */
#include "upstream_cork.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS_MAX 64 /* a higher one sends in its own time */

static int set(int socket, int option)
{
    return setsockopt(socket, IPPROTO_TCP, option, &(int){1}, sizeof(int));
}

static int hold(void *context, curl_socket_t socket, curlsocktype purpose)
{
    struct upstream_cork *cork = context;
    (void)purpose;
    if (socket < SOCKETS_MAX && set(socket, TCP_CORK) == 0)
        cork->sockets |= UINT64_C(1) << socket;
    return CURL_SOCKOPT_OK;
}

static int forget(void *context, curl_socket_t socket)
{
    struct upstream_cork *cork = context;
    if (socket < SOCKETS_MAX)
        cork->sockets &= ~(UINT64_C(1) << socket);
    return close(socket);
}

void upstream_cork_watch(struct upstream_cork *cork, void *easy)
{
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, hold);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, cork);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, forget);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, cork);
}

/* TCP_NODELAY pushes what is pending, cork or not, and the cork stays (tcp(7)). */
void upstream_cork_flush(const struct upstream_cork *cork)
{
    for (uint64_t left = cork->sockets; left; left &= left - 1)
        (void)set(__builtin_ctzll(left), TCP_NODELAY);
}
