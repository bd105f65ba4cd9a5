/* libcurl's multi handle of a process, whose sockets and timer are in the event loop.
 *
 * libcurl reports which events it wants of each socket, and the hub tells libcurl which events have come
 * (libcurl-multi(3), "multi_socket"). All this happens on the loop's stack: a transfer's callbacks store what
 * has come and wake the exchange.
 *
 * libcurl withdraws its wish for events when a connection becomes idle, and expresses it again for the next
 * request. The socket of a connection stays in epoll meanwhile, because two system calls a request would be
 * lost; it is taken out when an event comes that libcurl does not want, and before it is closed. The sockets
 * of the resolver and of connections that failed are taken out at once, because libcurl closes them without
 * telling, and their numbers may then belong to other connections. So is the socket of a paused transfer,
 * whose bytes wait. */
#include "upstream/upstream_hub_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error_log.h"
#include "base/memory.h"
#include "loop/loop.h"
#include "upstream/upstream_curl_internal.h"
#include "upstream/upstream_hub.h"

#define KEPT_CONNECTIONS_MIN 4

struct hub_socket {
    struct loop_watch watch;
    struct upstream_hub *hub;
    uint32_t watched;   /* the events for which epoll has the socket */
    uint32_t wanted;    /* those that libcurl wants */
    bool is_connection; /* not of the resolver */
    bool has_answered;
    uint64_t idle_turn; /* the hub's turn in which the connection became idle */
};

struct upstream_hub {
    CURLM *multi;
    struct loop *loop; /* NULL before upstream_hub_attach() */
    struct loop_timer timer;
    struct hub_socket **sockets; /* by descriptor; NULL: never seen */
    size_t socket_count;
    uint64_t turn;     /* turns of the loop so far */
    size_t newly_idle; /* connections that became idle in the last two turns; about */
};

/* Two errors are harmless: libcurl may have closed the socket since the event came, and libcurl ends a
 * transfer whose socket cannot be watched. libcurl before 7.81 does not report the second. */
static bool is_harmless(CURLMcode code)
{
#if LIBCURL_VERSION_NUM >= 0x075100
    if (code == CURLM_ABORTED_BY_CALLBACK)
        return true;
#endif
    return code == CURLM_BAD_SOCKET;
}

static void socket_action(struct upstream_hub *hub, curl_socket_t socket, int events)
{
    int running;
    CURLMcode code = curl_multi_socket_action(hub->multi, socket, events, &running);
    if (!is_harmless(code))
        must_multi(code, "curl_multi_socket_action");
}

/* ---- sockets ---- */

static void forget(struct hub_socket *socket)
{
    if (socket->watched)
        loop_unwatch(socket->hub->loop, &socket->watch);
    socket->watched = 0;
}

/* The provider has closed an idle connection, or has sent bytes that no request waits for and that libcurl
 * could take for the next answer. libcurl finds the connection dead when it wants to use it again. */
static void end_idle(struct hub_socket *socket)
{
    char bytes[4096]; /* what has come would make the connection look alive */
    while (recv(socket->watch.descriptor, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        continue;
    shutdown(socket->watch.descriptor, SHUT_RDWR);
    forget(socket);
}

/* An error counts as each awaited event, because libcurl's next read or write reports it. */
static void handle_socket(void *context, uint32_t events)
{
    struct hub_socket *socket = context;
    bool failed = events & (EPOLLERR | EPOLLHUP);
    int in = socket->wanted & EPOLLIN && (failed || events & EPOLLIN) ? CURL_CSELECT_IN : 0;
    socket->has_answered = socket->has_answered || (in && !failed);
    int out = socket->wanted & EPOLLOUT && (failed || events & EPOLLOUT) ? CURL_CSELECT_OUT : 0;
    if (in | out)
        socket_action(socket->hub, socket->watch.descriptor, in | out);
    else if (!socket->wanted)
        end_idle(socket);
    else if (loop_watch(socket->hub->loop, &socket->watch, socket->watch.descriptor, socket->wanted))
        socket->watched = socket->wanted;
}

static struct hub_socket *socket_of(struct upstream_hub *hub, curl_socket_t descriptor)
{
    size_t index = (size_t)descriptor;
    if (index >= hub->socket_count) {
        size_t count = index + 64;
        hub->sockets = memory_resize(hub->sockets, count, sizeof *hub->sockets);
        memset(hub->sockets + hub->socket_count, 0, (count - hub->socket_count) * sizeof *hub->sockets);
        hub->socket_count = count;
    }
    if (!hub->sockets[index]) {
        struct hub_socket *socket = memory_alloc(1, sizeof *socket);
        socket->watch = (struct loop_watch){.handle = handle_socket, .context = socket, .descriptor = -1};
        socket->hub = hub;
        hub->sockets[index] = socket;
    }
    return hub->sockets[index];
}

/* Input that comes unwanted is dealt with when it comes; readiness for output would come at once. */
static bool must_change(const struct hub_socket *socket)
{
    return socket->wanted & ~socket->watched || (socket->watched & ~socket->wanted & EPOLLOUT);
}

/* False if libcurl has closed the socket of a connection that failed; it does not tell. */
static bool is_connected(const struct hub_socket *socket, curl_socket_t descriptor)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    return socket->is_connection &&
           (socket->has_answered || getpeername(descriptor, (struct sockaddr *)&peer, &size) == 0);
}

static bool is_paused(CURL *easy)
{
    struct hub_transfer *transfer = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
    return transfer && transfer->is_paused;
}

static int note_socket(CURL *easy, curl_socket_t descriptor, int what, void *context, void *unused)
{
    struct upstream_hub *hub = context;
    (void)unused;
    if (!hub->loop)
        return 0;
    struct hub_socket *socket = socket_of(hub, descriptor);
    socket->wanted = what == CURL_POLL_REMOVE ? 0
                                              : (uint32_t)((what & CURL_POLL_IN ? EPOLLIN : 0) |
                                                           (what & CURL_POLL_OUT ? EPOLLOUT : 0));
    if (!socket->wanted && !is_paused(easy) && is_connected(socket, descriptor)) {
        socket->idle_turn = hub->turn;
        hub->newly_idle++;
    } else if (!socket->wanted) {
        forget(socket);
    }
    if (!must_change(socket))
        return 0;
    uint32_t events = socket->wanted ? socket->wanted : EPOLLIN;
    if (!loop_watch(hub->loop, &socket->watch, descriptor, events))
        return -1; /* libcurl ends the transfer */
    socket->watched = events;
    return 0;
}

void hub_note_connection(struct upstream_hub *hub, curl_socket_t descriptor)
{
    struct hub_socket *socket = socket_of(hub, descriptor);
    forget(socket); /* libcurl may have closed an earlier socket of this number without telling */
    socket->is_connection = true;
    socket->has_answered = false;
}

static int close_socket(void *context, curl_socket_t descriptor)
{
    struct upstream_hub *hub = context;
    struct hub_socket *socket = (size_t)descriptor < hub->socket_count ? hub->sockets[descriptor] : NULL;
    if (socket) {
        forget(socket);
        socket->wanted = 0;
        socket->is_connection = false;
    }
    return close(descriptor);
}

void hub_own_sockets(struct upstream_hub *hub, CURL *easy)
{
    SET_OPTION(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    SET_OPTION(easy, CURLOPT_CLOSESOCKETDATA, hub);
}

/* ---- timer ---- */

void hub_begin(struct upstream_hub *hub)
{
    socket_action(hub, CURL_SOCKET_TIMEOUT, 0);
}

static void expire(void *context)
{
    hub_begin(context);
}

static int note_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct upstream_hub *hub = context;
    (void)multi;
    if (hub->loop)
        loop_set_timer(hub->loop, &hub->timer,
                       timeout_ms < 0 ? INT64_MAX : clock_monotonic_us() + timeout_ms * INT64_C(1000));
    return 0;
}

/* ---- transfers ---- */

/* Ends the connections that have become idle with bytes that no request waits for. epoll reports such bytes,
 * but only in the next turn, and the next request may come sooner. */
static void end_unclean(struct upstream_hub *hub)
{
    for (size_t i = 0; hub->newly_idle && i < hub->socket_count; i++) {
        struct hub_socket *socket = hub->sockets[i];
        char byte;
        if (socket && socket->is_connection && !socket->wanted && socket->watched &&
            socket->idle_turn + 1 >= hub->turn && recv((int)i, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
            end_idle(socket);
    }
    hub->newly_idle = 0;
}

/* Called after the events of each turn, because libcurl reports the end of a transfer in a list of its own.
 */
static void report_ends(void *context)
{
    struct upstream_hub *hub = context;
    CURLMsg *message;
    int left;
    hub->turn++;
    while ((message = curl_multi_info_read(hub->multi, &left))) {
        struct hub_transfer *transfer = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        if (message->msg == CURLMSG_DONE && transfer)
            transfer->done(transfer, message->data.result);
    }
}

void hub_add(struct upstream_hub *hub, struct hub_transfer *transfer)
{
    end_unclean(hub);
    SET_OPTION(transfer->easy, CURLOPT_PRIVATE, transfer);
    must_multi(curl_multi_add_handle(hub->multi, transfer->easy), "curl_multi_add_handle");
}

void hub_remove(struct upstream_hub *hub, struct hub_transfer *transfer)
{
    must_multi(curl_multi_remove_handle(hub->multi, transfer->easy), "curl_multi_remove_handle");
}

/* ---- the hub ---- */

struct upstream_hub *upstream_hub_create(void)
{
    struct upstream_hub *hub = memory_alloc(1, sizeof *hub);
    hub->multi = curl_multi_init();
    if (!hub->multi)
        die("libcurl cannot be initialised");
    hub->timer = (struct loop_timer){.expire = expire, .context = hub};
    SET_MULTI_OPTION(hub->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS_MIN);
    SET_MULTI_OPTION(hub->multi, CURLMOPT_SOCKETFUNCTION, note_socket);
    SET_MULTI_OPTION(hub->multi, CURLMOPT_SOCKETDATA, hub);
    SET_MULTI_OPTION(hub->multi, CURLMOPT_TIMERFUNCTION, note_timer);
    SET_MULTI_OPTION(hub->multi, CURLMOPT_TIMERDATA, hub);
    return hub;
}

void upstream_hub_attach(struct upstream_hub *hub, struct loop *loop, size_t kept_connections)
{
    hub->loop = loop;
    if (kept_connections > KEPT_CONNECTIONS_MIN)
        SET_MULTI_OPTION(hub->multi, CURLMOPT_MAXCONNECTS, (long)kept_connections);
    loop_after_events(loop, report_ends, hub);
}

void upstream_hub_destroy(struct upstream_hub *hub)
{
    curl_multi_cleanup(hub->multi);
    if (hub->loop) {
        loop_set_timer(hub->loop, &hub->timer, INT64_MAX);
        loop_after_events(hub->loop, NULL, NULL);
    }
    for (size_t i = 0; i < hub->socket_count; i++)
        free(hub->sockets[i]);
    free(hub->sockets);
    free(hub);
}
