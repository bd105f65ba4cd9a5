/* What a request used, and how it ended, in the words of the usage log. */
#ifndef PENSTOCK_USAGE_TOKEN_USAGE_H
#define PENSTOCK_USAGE_TOKEN_USAGE_H

#include <stdbool.h>
#include <stdint.h>

struct failure;

enum usage_source { USAGE_NONE, USAGE_PROVIDER, USAGE_ESTIMATED };

#define TOKENS_UNKNOWN (-1)

/* Tokens; TOKENS_UNKNOWN where nobody said, which is not 0. */
struct token_usage {
    enum usage_source source;
    int64_t prompt, completion, total, cached, reasoning;
    int64_t cache_write; /* written to the provider's cache, at a price of its own */
    bool cache_apart;    /* the provider's own count of the prompt left both out: they were added */
};

/* How an exchange ended. */
enum exchange_end {
    END_COMPLETE,
    END_CLIENT_GONE,
    END_UPSTREAM_CUT,
    END_TIMEOUT,
    END_REFUSED,
    END_ERROR,
    END_CRASHED
};

/* How an exchange that failed this way has ended. */
enum exchange_end exchange_end_of(const struct failure *failure);

/* Everything unknown. */
struct token_usage token_usage_unknown(void);

/* The words of the usage log: "provider", "client_gone". */
const char *usage_source_name(enum usage_source source);
const char *exchange_end_name(enum exchange_end end);

#endif
