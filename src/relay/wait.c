/* One wait for everything that can happen while a provider is answering. */
#include "relay/wait.h"

#include <poll.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/failure.h"
#include "base/memory.h"
#include "front/front.h"
#include "upstream/upstream.h"

#define REST_US 250000

struct watch watch_open(struct upstream *upstream, struct front *front, int stop)
{
    return (struct watch){
        .upstream = upstream, .front = front, .client = front->kind->watch(front), .stop = stop};
}

static bool is_readable(int descriptor)
{
    struct pollfd polled = {.fd = descriptor, .events = POLLIN};
    return descriptor >= 0 && poll(&polled, 1, 0) > 0;
}

/* A client's descriptor that is readable for any other reason than its leaving would be so for ever: it is
 * let go. */
static bool client_left(struct watch *watch)
{
    if (!is_readable(watch->client))
        return false;
    if (watch->front->kind->gone(watch->front))
        return true;
    watch->client = -1;
    return false;
}

static int64_t left_until(int64_t until_us)
{
    int64_t left = until_us - clock_monotonic_us();
    return left > 0 ? left : 0;
}

/* The first long wait is interrupted: what the request has needed until now may be a third of what the
 * process holds, and hundreds of them may be waiting. */
static int64_t patience(const struct watch *watch, int64_t left_us, bool *may_rest)
{
    *may_rest = !watch->rested && (left_us < 0 || left_us > REST_US);
    return *may_rest ? REST_US : left_us;
}

enum watch_event watch_wait(struct watch *watch, int64_t wait_us, struct failure *why)
{
    int64_t until_us = wait_us < 0 ? 0 : clock_monotonic_us() + wait_us;
    for (int64_t left_us = wait_us;; left_us = wait_us < 0 ? -1 : left_until(until_us)) {
        bool may_rest = false;
        /* what is still to come of its body makes it readable too */
        int client = upstream_answer(watch->upstream)->sending ? -1 : watch->client;
        int watched[] = {client, watch->stop};
        switch (upstream_wait(watch->upstream, watched, 2, patience(watch, left_us, &may_rest), why)) {
        case UPSTREAM_MOVED:
            return WATCH_MOVED;
        case UPSTREAM_QUIET:
            if (!may_rest)
                return WATCH_QUIET;
            watch->rested = true;
            memory_give_back();
            continue;
        case UPSTREAM_FAILED:
            why->provider_status = upstream_answer(watch->upstream)->status;
            return WATCH_FAILED;
        case UPSTREAM_WATCHED:
            break;
        }
        if (client >= 0 && client_left(watch))
            return WATCH_GONE;
        if (is_readable(watch->stop)) {
            fail(why, FAILURE_UNAVAILABLE, "the service is being stopped");
            return WATCH_FAILED;
        }
    }
}
