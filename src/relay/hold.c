/* How long the beginning of a stream is kept back, so that another provider could still take over unseen. */
#include "relay/hold.h"

void hold_begin(struct hold *hold, int64_t now_us)
{
    if (!hold->since_us)
        hold->since_us = now_us;
}

int64_t hold_due_us(const struct hold *hold)
{
    return hold->since_us && hold->ms ? hold->since_us + hold->ms * 1000 : INT64_MAX;
}

/* Whichever bound is reached first; one that is not set does not count, unless none is. */
bool hold_is_over(const struct hold *hold, size_t length, int64_t now_us)
{
    if (!hold->since_us)
        return false;
    if (!hold->bytes && !hold->ms)
        return true;
    return (hold->bytes > 0 && (int64_t)length >= hold->bytes) || now_us >= hold_due_us(hold);
}
