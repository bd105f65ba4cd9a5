/* What comes after a failed try: the same target once more, the next one, or the client is told. */
#ifndef PENSTOCK_GATEWAY_RETRY_H
#define PENSTOCK_GATEWAY_RETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct retry_settings;

/* What was tried before. */
struct retry_history {
    size_t tries, here;  /* at least one: in all, and at the target that failed */
    int64_t since_ms;    /* since the first failure */
    bool alias;          /* the target stands behind an alias: its name is not the caller's choice */
    bool client_key;     /* the caller's own key was used */
    bool unheard;        /* a kept connection turned out dead: nobody may have got the request */
    unsigned short luck; /* at random, for the jitter */
};

enum retry_move {
    RETRY_NOT,   /* tell the client */
    RETRY_FRESH, /* the same target at once, over a fresh connection */
    RETRY_HERE,  /* the same target, after the wait */
    RETRY_NEXT,  /* the next target at once; there may be none */
    RETRY_LARGER /* the next one that takes more than this one did */
};

struct retry_verdict {
    enum retry_move move;
    int64_t wait_ms;
};

/* Contract, section 8, for a failure of which no byte has reached the client. */
struct retry_verdict retry_decide(const struct retry_settings *rules, const struct failure *failure,
                                  const struct retry_history *history);

#endif
