/* A request with a body is given to one connection, once.
 *
 * When a kept connection turns out dead after the request went out, libcurl sends it a second time behind our
 * back: a provider that got a request may have done, and billed, the work. libcurl asks here before each new
 * socket and before each sending; whoever comes for the second time is refused, and the transfer ends. */
#include "upstream/upstream_once.h"

#include <curl/curl.h>

#if LIBCURL_VERSION_NUM >= 0x075000

static int allow(struct upstream_once *once)
{
    if (!once->guarded || !once->sent)
        return true;
    once->refused = true;
    return false;
}

static int before_socket(void *context, curl_socket_t socket, curlsocktype purpose)
{
    (void)socket;
    (void)purpose;
    return allow(context) ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

static int before_sending(void *context, char *peer, char *own, int peer_port, int own_port)
{
    struct upstream_once *once = context;
    (void)peer;
    (void)own;
    (void)peer_port;
    (void)own_port;
    if (!allow(once))
        return CURL_PREREQFUNC_ABORT;
    once->sent = true;
    return CURL_PREREQFUNC_OK;
}

bool upstream_once_watch(struct upstream_once *once, void *easy)
{
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, before_socket);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, once);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, once);
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending) == CURLE_OK;
}

#else

bool upstream_once_watch(struct upstream_once *once, void *easy)
{
    (void)once;
    (void)easy;
    return false;
}

#endif
