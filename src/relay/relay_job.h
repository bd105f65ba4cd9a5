/* What a relay is given and what it finds. */
#ifndef PENSTOCK_RELAY_RELAY_JOB_H
#define PENSTOCK_RELAY_RELAY_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/secret.h"
#include "protocol/error_response.h"
#include "protocol/response_headers.h"
#include "relay/hold.h"
#include "usage/token_usage.h"

struct arena;
struct protocol;
struct response;
struct settings;
struct upstream;

struct relay_job {
    /* given */
    const struct settings *settings;
    struct upstream *upstream;
    struct response *response;
    struct response_headers headers;      /* the header lines of the answer */
    struct error_response error_response; /* who is named in an error frame */
    const struct protocol *protocol;      /* what the client speaks */
    void *protocol_state;
    const char *provider;   /* whose rules of failures hold */
    struct secrets secrets; /* never to be seen in an answer of ours */
    bool completion;        /* an answer without a choice is none */
    struct arena *arena;
    const char *base_url;         /* where an answer that is not ready can be asked for */
    int stop;                     /* readable: end now, with an error; -1: never */
    bool stream;                  /* the client wants one */
    bool raw;                     /* an answer of any kind passes as it comes */
    bool strip_usage;             /* and did not ask for the usage frame */
    struct hold hold;             /* of a stream's beginning */
    int64_t first_token_ms;       /* until a stream has content; 0: no limit */
    int64_t asked_us;             /* clock_monotonic_us() when the first try of all began */
    int64_t started_us;           /* and this one; set by relay_run() */
    void (*heard)(void *context); /* called when the content of a stream begins to leave */
    void *heard_context;
    /* found */
    struct usage usage;
    int64_t characters; /* of the content of a stream, be it that it was held and the client got none */
    enum exchange_end end;
    struct failure failure; /* said in a stream that had begun; FAILURE_NONE: none */
};

#endif
