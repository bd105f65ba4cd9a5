/* Names the end of an exchange as the usage log does. */
#include "usage/exchange_end.h"

#include "base/failure.h"

static const char *const names[] = {
    [END_COMPLETE] = "complete", [END_CLIENT_GONE] = "client_gone", [END_UPSTREAM_CUT] = "upstream_cut",
    [END_TIMEOUT] = "timeout",   [END_REFUSED] = "refused",         [END_ERROR] = "error",
    [END_CRASHED] = "crashed",
};

const char *exchange_end_name(enum exchange_end end)
{
    return names[end];
}

enum exchange_end exchange_end_of_failure(const struct failure *failure, bool attempted)
{
    if (failure->source == SOURCE_GATEWAY)
        return attempted ? END_ERROR : END_REFUSED;
    if (failure->source == SOURCE_NETWORK && failure->reason == FAILURE_TIMEOUT)
        return END_TIMEOUT;
    return failure->reason == FAILURE_UPSTREAM_CUT ? END_UPSTREAM_CUT : END_ERROR;
}
