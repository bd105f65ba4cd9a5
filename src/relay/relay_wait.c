/* Waits for the next event while a provider is answering. */
#include "relay/relay_wait.h"

#include <poll.h>
#include <stdbool.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/failure.h"
#include "base/memory.h"
#include "front/front.h"
#include "upstream/upstream.h"

#define LONG_WAIT_US 250000

struct relay_wait relay_wait_open(struct upstream *upstream, struct front *front, int stop)
{
    return (struct relay_wait){
        .upstream = upstream, .front = front, .client = front->ops->gone_descriptor(front), .stop = stop};
}

static bool is_readable(int descriptor)
{
    struct pollfd polled = {.fd = descriptor, .events = POLLIN};
    return descriptor >= 0 && poll(&polled, 1, 0) > 0;
}

/* A descriptor that is readable although the client is still there would stay readable and end every wait at
 * once, so it is no longer watched. */
static bool client_left(struct relay_wait *wait)
{
    if (!is_readable(wait->client))
        return false;
    if (wait->front->ops->gone(wait->front))
        return true;
    wait->client = -1;
    return false;
}

static int64_t microseconds_until(int64_t until_us)
{
    return max_int64(until_us - clock_monotonic_us(), 0);
}

enum relay_event relay_wait(struct relay_wait *wait, int64_t wait_us, struct failure *why)
{
    int64_t until_us = wait_us < 0 ? 0 : clock_monotonic_us() + wait_us;
    for (int64_t left_us = wait_us;; left_us = wait_us < 0 ? -1 : microseconds_until(until_us)) {
        /* The first long wait is interrupted to return free memory to the system, because preparing the
         * request may have taken a third of the process's memory and hundreds of processes may be waiting. */
        bool return_memory = !wait->memory_returned && (left_us < 0 || left_us > LONG_WAIT_US);
        /* While the client is sending its body, its descriptor is readable anyway. */
        int client = upstream_answer(wait->upstream)->sending ? -1 : wait->client;
        int watched[] = {client, wait->stop};
        switch (upstream_wait(wait->upstream, watched, 2, return_memory ? LONG_WAIT_US : left_us, why)) {
        case UPSTREAM_PROGRESS:
            return RELAY_PROGRESS;
        case UPSTREAM_TIMEOUT:
            if (!return_memory)
                return RELAY_TIMEOUT;
            wait->memory_returned = true;
            memory_give_back();
            continue;
        case UPSTREAM_FAILED:
            why->provider_status = upstream_answer(wait->upstream)->head.status;
            return RELAY_FAILED;
        case UPSTREAM_WATCHED:
            break;
        }
        if (client >= 0 && client_left(wait))
            return RELAY_CLIENT_GONE;
        if (is_readable(wait->stop)) {
            fail(why, FAILURE_UNAVAILABLE, "the gateway is shutting down");
            return RELAY_FAILED;
        }
    }
}
