/* What a relay is told about one attempt, and what it finds out. */
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
    RELAY_BUFFERED, /* a JSON answer: checked as a whole, sent in one piece */
    RELAY_STREAM,   /* a stream of frames: checked and sent frame by frame */
    RELAY_RAW       /* an answer of any kind, sent as it comes */
};

/* How much of a stream's content is held back at first, so that another target can still take over unseen.
 * The first bound that is reached ends the hold; without a bound it ends with the first content. */
struct hold {
    int64_t bytes; /* -1: hold everything; 0: no bound */
    int64_t ms;    /* 0: no bound */
};

/* One attempt, as the gateway wants it done. All that it points to must last until relay_run() returns; the
 * request until upstream_stop(). */
struct relay_job {
    const struct settings *settings;
    struct upstream *upstream;
    const struct upstream_request *request;
    struct response *response;            /* the answer goes there */
    struct response_headers headers;      /* of that answer */
    struct error_response error_response; /* for an error frame; its failure is not read */
    struct arena *arena;
    const struct protocol *protocol; /* that the client speaks */
    void *protocol_state;
    const char *provider;   /* name of its preset, else its own: selects the rules for its errors */
    const char *base_url;   /* of the provider: an answer that is not ready yet is polled there */
    struct secrets secrets; /* redacted in failures */
    enum relay_mode mode;
    bool needs_choices;       /* a buffered answer without "choices" is a failure */
    bool strip_usage;         /* the client did not request the stream's usage frame */
    struct hold hold;         /* of a stream */
    int64_t first_content_ms; /* a stream must have content by then; 0: no limit */
    int64_t first_attempt_us; /* clock_monotonic_us() when the first attempt of the exchange began */
    int stop;                 /* descriptor, readable when the answer must end at once; -1: none */
    void (*content_begins)(void *context); /* called before the first content of a stream leaves */
    void *context;
};

/* What became of an attempt. Only the relay writes it. */
struct relay_result {
    enum exchange_end end;  /* valid if relay_run() returned true */
    struct failure failure; /* that ended an answer after its beginning; FAILURE_NONE: there was none */
    struct token_usage usage;
    int64_t characters; /* code points of a stream's content, those that were held back included */
};

#endif
