/* Prevents libcurl from sending a request twice.
 *
 * If a kept connection turns out to be dead after the request was sent, libcurl sends the request again on
 * its own. But the provider may have received, executed and billed the first request. libcurl calls the guard
 * before each new socket and before each sending; the guard refuses the second sending, which ends the
 * transfer. */
#include "upstream/send_guard_internal.h"

#include "upstream/upstream_curl_internal.h"
#include "upstream/upstream_hub_internal.h"

static bool allow(struct send_guard *guard)
{
    if (!guard->active || !guard->sent)
        return true;
    guard->refused = true;
    return false;
}

static int before_socket(void *context, curl_socket_t socket, curlsocktype purpose)
{
    struct send_guard *guard = context;
    (void)purpose;
    hub_note_connection(guard->hub, socket);
    return allow(guard) ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

static void watch_sockets(struct send_guard *guard, CURL *easy)
{
    SET_OPTION(easy, CURLOPT_SOCKOPTFUNCTION, before_socket);
    SET_OPTION(easy, CURLOPT_SOCKOPTDATA, guard);
}

#if LIBCURL_VERSION_NUM >= 0x075000

static int before_sending(void *context, char *peer, char *own, int peer_port, int own_port)
{
    struct send_guard *guard = context;
    (void)peer;
    (void)own;
    (void)peer_port;
    (void)own_port;
    if (!allow(guard))
        return CURL_PREREQFUNC_ABORT;
    guard->sent = true;
    return CURL_PREREQFUNC_OK;
}

/* A libcurl that is older than its headers does not know the last option. */
bool send_guard_watch(struct send_guard *guard, CURL *easy)
{
    watch_sockets(guard, easy);
    return curl_easy_setopt(easy, CURLOPT_PREREQDATA, guard) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending) == CURLE_OK;
}

#else

bool send_guard_watch(struct send_guard *guard, CURL *easy)
{
    watch_sockets(guard, easy);
    return false;
}

#endif
