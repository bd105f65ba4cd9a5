/* The relay's input for one attempt, and its result. */
#ifndef PENSTOCK_RELAY_RELAY_JOB_H
#define PENSTOCK_RELAY_RELAY_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/secret.h"
#include "protocol/error_response.h"
#include "protocol/response_headers.h"
#include "usage/exchange_end.h"
#include "usage/token_usage.h"

struct arena;
struct protocol;
struct response;
struct settings;
struct upstream;
struct upstream_request;

enum relay_mode {
    RELAY_BUFFERED, /* a JSON answer, checked as a whole and sent in one piece */
    RELAY_STREAM,   /* a stream, checked and sent frame by frame */
    RELAY_RAW       /* an answer of any kind, sent as it arrives */
};

/* Bounds of the hold: the beginning of a stream that is kept back so that another target can take over
 * unseen. The first bound that is reached ends the hold. Without a bound the hold ends with the first
 * content. */
struct hold {
    int64_t bytes; /* -1: hold everything; 0: no bound */
    int64_t ms;    /* 0: no bound */
};

/* One attempt. All memory that the job refers to must last until relay_run() returns, and the request until
 * upstream_stop(). */
struct relay_job {
    const struct settings *settings;
    struct upstream *upstream;
    const struct upstream_request *request;
    struct response *response;            /* receives the answer */
    struct response_headers headers;      /* of the answer */
    struct error_response error_response; /* for an error frame; its failure is not read */
    struct arena *arena;
    const struct protocol *protocol; /* the client's protocol */
    void *protocol_state;
    const char *provider;   /* name of the preset, else of the provider: selects the error rules */
    const char *base_url;   /* of the provider, where an answer that is not ready yet is polled */
    struct secrets secrets; /* redacted in failures */
    enum relay_mode mode;
    bool any;                 /* an answer of any kind but an error passes raw, with its status and headers */
    bool needs_choices;       /* a buffered answer without "choices" is a failure */
    int64_t choices;          /* number of choices that the request asks for; 0 counts as 1 */
    bool usage_requested;     /* the client or the gateway requested the stream's usage frame */
    bool strip_usage;         /* the client did not request it */
    struct hold hold;         /* for a stream */
    int64_t first_content_ms; /* limit for the first content of a stream; 0: no limit */
    int64_t first_attempt_us; /* clock_monotonic_us() when the first attempt of the exchange began */
    const bool *stop;         /* becomes true when the answer must end at once; NULL: never */
    /* Returns the cost of an answer that is not streamed, for its headers, once its usage is in the result.
     * NULL: no header has it. */
    int64_t (*cost)(void *context);
    void (*content_begins)(void *context); /* before content of a stream or raw answer leaves */
    void *context;
};

/* The result of an attempt. Only the relay writes this struct. */
struct relay_result {
    enum exchange_end end;  /* valid if relay_run() returned true */
    struct failure failure; /* the failure that ended a begun answer; FAILURE_NONE: no failure */
    struct token_usage usage;
    bool held;          /* the attempt failed after content that was held back */
    int64_t characters; /* code points of the answer's content, including content that was held back; not
                         * counted in a JSON answer whose provider has counted all tokens */
};

#endif
