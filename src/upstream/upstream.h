/* One HTTP exchange with a provider at a time, over connections that are kept for the next. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_H
#define PENSTOCK_UPSTREAM_UPSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/buffer.h"
#include "format/json.h"
#include "format/response_head.h"

struct failure;
struct upstream;

struct upstream_limits {
    int64_t connect_ms, first_byte_ms, idle_ms, total_ms; /* 0: none */
    size_t answer_max;                                    /* bytes of the body held at once */
};

struct header_line {
    const char *name, *value;
};

struct upstream_request {
    const char *url, *proxy, *ca_file; /* proxy and file NULL or "": none, the system's */
    const struct header_line *headers;
    size_t header_count;
    const struct json_value *body; /* pieces; no pieces: GET */
    size_t body_pieces;
    const struct upstream_rest *rest; /* of the body, after the pieces; it is read once. NULL: none */
    struct upstream_limits limits;
    bool fresh; /* not over a kept connection */
};

/* The part of the answer that has arrived so far. */
struct upstream_answer {
    struct response_head head;
    bool headers_done, ended;
    bool reused;        /* over a kept connection */
    bool sending;       /* the rest of the request's body is still being read */
    struct buffer body; /* arrived and not yet consumed by the caller */
};

enum upstream_event {
    UPSTREAM_PROGRESS, /* headers or bytes came, or the answer ended */
    UPSTREAM_TIMEOUT,  /* no such event within `wait_us` */
    UPSTREAM_WATCHED,  /* one of the watched descriptors is readable */
    UPSTREAM_FAILED
};

/* Initialises libcurl; once per process tree, before any fork. */
void upstream_prepare(void);

/* A client of providers; one per process, made after the fork. Never NULL. */
struct upstream *upstream_create(void);
void upstream_destroy(struct upstream *upstream);

/* The same, made before the fork, so that each child uses its own copy: the data that libcurl creates with
 * its first connection stays in memory that all children share. No connection is left open. */
struct upstream *upstream_prewarm(void);

/* Starts an exchange and ends one that runs. The data of `request` must stay valid until upstream_stop(). */
void upstream_start(struct upstream *upstream, const struct upstream_request *request);

/* Waits up to `wait_us` (-1: as long as the limits allow) for one event of the exchange or of the `watched`
 * descriptors (-1: none). The cause of UPSTREAM_FAILED is in `why`: timeout connect_failed dns_failed
 * tls_failed upstream_cut bad_response. Without an exchange it waits for the descriptors. */
enum upstream_event upstream_wait(struct upstream *upstream, const int *watched, size_t count,
                                  int64_t wait_us, struct failure *why);
struct upstream_answer *upstream_answer(struct upstream *upstream);

/* Ends the exchange; an answer that has not ended is cut off by closing its connection. */
void upstream_stop(struct upstream *upstream);

/* As upstream_stop(), but gives an answer `wait_us` to end, so that its connection can be kept. */
void upstream_settle(struct upstream *upstream, int64_t wait_us);

#endif
