/* Waits for the next event while a provider is answering. */
#include "relay/relay_wait.h"

#include <stdbool.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/failure.h"
#include "front/front.h"
#include "upstream/upstream.h"

struct relay_wait relay_wait_open(struct upstream *upstream, struct front *front, const bool *stop)
{
    front->ops->watch(front);
    return (struct relay_wait){.upstream = upstream, .front = front, .stop = stop};
}

/* While the client is sending its body, its connection is readable anyway. */
static bool client_left(const struct relay_wait *wait)
{
    return !wait->client_lost && !upstream_answer(wait->upstream)->sending &&
           wait->front->ops->gone(wait->front);
}

static bool must_stop(const struct relay_wait *wait, struct failure *why)
{
    if (wait->stop && *wait->stop)
        return !fail(why, FAILURE_UNAVAILABLE, "the gateway is shutting down");
    return false;
}

/* Tests the conditions before each wait, because an earlier wait of the task, for example in a write, may
 * have used up the wake. */
enum relay_event relay_wait(struct relay_wait *wait, int64_t wait_us, struct failure *why)
{
    int64_t until_us = wait_us < 0 ? INT64_MAX : clock_monotonic_us() + wait_us;
    for (;;) {
        if (client_left(wait))
            return RELAY_CLIENT_GONE;
        if (must_stop(wait, why))
            return RELAY_FAILED;
        int64_t left_us = wait_us < 0 ? -1 : max_int64(until_us - clock_monotonic_us(), 0);
        switch (upstream_wait(wait->upstream, left_us, why)) {
        case UPSTREAM_PROGRESS:
            return RELAY_PROGRESS;
        case UPSTREAM_TIMEOUT:
            return RELAY_TIMEOUT;
        case UPSTREAM_FAILED:
            why->provider_status = upstream_answer(wait->upstream)->head.status;
            return RELAY_FAILED;
        case UPSTREAM_WOKEN:
            break;
        }
    }
}
