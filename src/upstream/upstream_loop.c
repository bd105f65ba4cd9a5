/* Waits for libcurl's sockets and timers together with descriptors of the gateway.
 *
 * curl_multi_poll() would collect the sockets on every call, add a wake-up descriptor that is not needed
 * here, and not report which sockets are ready, so that curl_multi_perform() would poll again. Here libcurl
 * reports each change of its sockets, and the loop reports to libcurl which sockets are ready
 * (libcurl-multi(3), "multi_socket"). */
#include "upstream/upstream_loop.h"

#include <curl/curl.h>

#include "base/clock.h"
#include "upstream/upstream_curl_internal.h"

#define LONGEST_MS 60000

static int note_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *socket_data)
{
    struct upstream_loop *loop = context;
    size_t at = 0;
    (void)easy;
    (void)socket_data;
    while (at < loop->count && loop->sockets[at].fd != socket)
        at++;
    if (what == CURL_POLL_REMOVE && at < loop->count)
        loop->sockets[at] = loop->sockets[--loop->count];
    if (what == CURL_POLL_REMOVE)
        return 0;
    if (at == LOOP_SOCKETS)
        return -1; /* libcurl ends the transfer */
    short events = (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
    loop->sockets[at] = (struct pollfd){.fd = socket, .events = events};
    if (at == loop->count)
        loop->count++;
    return 0;
}

static int note_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct upstream_loop *loop = context;
    (void)multi;
    loop->due_us = timeout_ms < 0 ? INT64_MAX : clock_monotonic_us() + timeout_ms * INT64_C(1000);
    return 0;
}

void upstream_loop_open(struct upstream_loop *loop, void *multi)
{
    *loop = (struct upstream_loop){.multi = multi, .due_us = INT64_MAX};
    SET_MULTI_OPTION(multi, CURLMOPT_SOCKETFUNCTION, note_socket);
    SET_MULTI_OPTION(multi, CURLMOPT_SOCKETDATA, loop);
    SET_MULTI_OPTION(multi, CURLMOPT_TIMERFUNCTION, note_timer);
    SET_MULTI_OPTION(multi, CURLMOPT_TIMERDATA, loop);
}

/* Two errors are harmless: libcurl may have closed the socket since poll() returned, and libcurl ends a
 * transfer for which note_socket() had no room. libcurl before 7.81 does not report the second. */
static bool is_harmless(CURLMcode code)
{
#if LIBCURL_VERSION_NUM >= 0x075100
    if (code == CURLM_ABORTED_BY_CALLBACK)
        return true;
#endif
    return code == CURLM_BAD_SOCKET;
}

static void socket_action(struct upstream_loop *loop, curl_socket_t socket, int events)
{
    int running;
    CURLMcode code = curl_multi_socket_action(loop->multi, socket, events, &running);
    if (!is_harmless(code))
        must_multi(code, "curl_multi_socket_action");
}

void upstream_loop_begin(struct upstream_loop *loop)
{
    loop->due_us = INT64_MAX;
    socket_action(loop, CURL_SOCKET_TIMEOUT, 0);
}

/* An error counts as the awaited event, because libcurl's next read or write reports it. */
static int ready_bits(struct pollfd polled)
{
    int in = polled.events & POLLIN && polled.revents & ~POLLOUT ? CURL_CSELECT_IN : 0;
    int out = polled.events & POLLOUT && polled.revents & ~POLLIN ? CURL_CSELECT_OUT : 0;
    return in | out;
}

static void handle_ready(struct upstream_loop *loop, const struct pollfd *polled, size_t count)
{
    bool any_ready = false;
    for (size_t i = 0; i < count; i++) {
        int bits = ready_bits(polled[i]);
        if (bits)
            socket_action(loop, polled[i].fd, bits);
        any_ready = any_ready || bits;
    }
    if (!any_ready && clock_monotonic_us() >= loop->due_us)
        upstream_loop_begin(loop);
}

static int milliseconds_until(int64_t until_us)
{
    int64_t now_us = clock_monotonic_us();
    if (until_us <= now_us)
        return 0;
    int64_t left_us = until_us - now_us;
    return left_us > LONGEST_MS * 1000 ? LONGEST_MS : (int)((left_us + 999) / 1000);
}

bool upstream_loop_wait(struct upstream_loop *loop, const int *watched, size_t count, int64_t until_us)
{
    struct pollfd polled[LOOP_WATCHED + LOOP_SOCKETS];
    size_t used = 0;
    bool watched_ready = false;
    for (size_t i = 0; i < count && used < LOOP_WATCHED; i++)
        if (watched[i] >= 0)
            polled[used++] = (struct pollfd){.fd = watched[i], .events = POLLIN};
    size_t watched_count = used;
    for (size_t i = 0; i < loop->count; i++)
        polled[used++] = loop->sockets[i];
    int ready = poll(polled, used, milliseconds_until(until_us < loop->due_us ? until_us : loop->due_us));
    for (size_t i = 0; ready > 0 && i < watched_count; i++)
        watched_ready = watched_ready || polled[i].revents;
    handle_ready(loop, polled + watched_count, ready > 0 ? used - watched_count : 0);
    return watched_ready;
}
