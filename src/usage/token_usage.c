/* What a request used, and how it ended, in the words of the usage log. */
#include "usage/token_usage.h"

#include "base/failure.h"

static const char *const source_names[] = {"none", "provider", "estimated"};

static const char *const end_names[] = {
    "complete", "client_gone", "upstream_cut", "timeout", "refused", "error", "crashed",
};

struct token_usage token_usage_unknown(void)
{
    return (struct token_usage){
        .source = USAGE_NONE,
        .prompt = TOKENS_UNKNOWN,
        .completion = TOKENS_UNKNOWN,
        .total = TOKENS_UNKNOWN,
        .cached = TOKENS_UNKNOWN,
        .reasoning = TOKENS_UNKNOWN,
        .cache_write = TOKENS_UNKNOWN,
    };
}

const char *usage_source_name(enum usage_source source)
{
    return source_names[source];
}

const char *exchange_end_name(enum exchange_end end)
{
    return end_names[end];
}

enum exchange_end exchange_end_of(const struct failure *failure)
{
    if (failure->source == SOURCE_GATEWAY)
        return END_REFUSED;
    if (failure->source == SOURCE_NETWORK && failure->reason == FAILURE_TIMEOUT)
        return END_TIMEOUT;
    return failure->reason == FAILURE_UPSTREAM_CUT ? END_UPSTREAM_CUT : END_ERROR;
}
