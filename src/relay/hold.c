/* Tells when a hold is over: the beginning of a stream that is kept back. */
#include "relay/relay_internal.h"

int64_t hold_due_us(const struct hold *hold, int64_t since_us)
{
    return hold->ms ? since_us + hold->ms * 1000 : INT64_MAX;
}

bool hold_is_over(const struct hold *hold, int64_t since_us, size_t length, int64_t now_us)
{
    if (!hold->bytes && !hold->ms)
        return true;
    return (hold->bytes > 0 && (int64_t)length >= hold->bytes) || now_us >= hold_due_us(hold, since_us);
}
