/* libcurl's sockets and timers, waited for together with descriptors of our own.
 *
 * curl_multi_poll() would do, but it asks each time which sockets there are, waits for a wake-up that nobody
 * sends, and does not tell what it saw: curl_multi_perform() polls once more before it reads. Here libcurl
 * tells us when its sockets change, and we tell it which of them moved (libcurl-multi(3), "multi_socket"). */
#include "upstream/upstream_loop.h"

#include <curl/curl.h>

#include "base/clock.h"

#define LONGEST_MS 60000

static int note_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *own)
{
    struct upstream_loop *loop = context;
    size_t at = 0;
    (void)easy;
    (void)own;
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
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, note_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, note_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, loop);
}

void upstream_loop_begin(struct upstream_loop *loop)
{
    int running;
    loop->due_us = INT64_MAX;
    curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

/* An error shows itself in the call that was waited for. */
static int bits_of(struct pollfd polled)
{
    int in = polled.events & POLLIN && polled.revents & ~POLLOUT ? CURL_CSELECT_IN : 0;
    int out = polled.events & POLLOUT && polled.revents & ~POLLIN ? CURL_CSELECT_OUT : 0;
    return in | out;
}

static void give_turn(struct upstream_loop *loop, const struct pollfd *polled, size_t count)
{
    bool moved = false;
    for (size_t i = 0; i < count; i++) {
        int running, bits = bits_of(polled[i]);
        if (bits)
            curl_multi_socket_action(loop->multi, polled[i].fd, bits, &running);
        moved = moved || bits;
    }
    if (!moved && clock_monotonic_us() >= loop->due_us)
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
    bool seen = false;
    for (size_t i = 0; i < count && used < LOOP_WATCHED; i++)
        if (watched[i] >= 0)
            polled[used++] = (struct pollfd){.fd = watched[i], .events = POLLIN};
    size_t own = used;
    for (size_t i = 0; i < loop->count; i++)
        polled[used++] = loop->sockets[i];
    int ready = poll(polled, used, milliseconds_until(until_us < loop->due_us ? until_us : loop->due_us));
    for (size_t i = 0; ready > 0 && i < own; i++)
        seen = seen || polled[i].revents;
    give_turn(loop, polled + own, ready > 0 ? used - own : 0);
    return seen;
}
