/* Runs one HTTP exchange with a provider at a time. Connections are kept for the next exchange. */
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
struct loop;
struct upstream;
struct upstream_hub;

struct upstream_limits {
    int64_t connect_ms, first_byte_ms, idle_ms, total_ms; /* 0: none */
    size_t answer_max;                                    /* bytes of the body in memory at the same time */
};

struct header_line {
    const char *name, *value;
};

struct upstream_request {
    const char *url, *method;    /* method NULL: POST with a body, GET without one */
    const char *proxy, *ca_file; /* proxy NULL or "": none; ca_file NULL or "": the system's */
    const struct header_line *headers;
    size_t header_count, body_pieces;
    const struct json_value *body;    /* in pieces; no pieces: none */
    const struct upstream_rest *rest; /* the rest of the body after the pieces, read once; NULL: none */
    struct upstream_limits limits;
    bool fresh; /* do not use a kept connection */
};

/* The part of the answer that has arrived so far. */
struct upstream_answer {
    struct response_head head;
    bool headers_done, ended;
    bool reused, reached; /* the exchange uses a kept connection; a connection was made: known at its end */
    bool sending;         /* the rest of the request's body is still being read */
    struct buffer body;   /* bytes not yet consumed by the caller */
};

enum upstream_event {
    UPSTREAM_PROGRESS, /* headers or bytes arrived, or the answer ended */
    UPSTREAM_TIMEOUT,  /* no such event within `wait_us` */
    UPSTREAM_WOKEN,    /* the task was woken for another reason */
    UPSTREAM_FAILED
};

/* Initialises libcurl. Must be called once per process tree, before any fork. */
void upstream_prepare(void);

/* Creates a client of providers, one per exchange at a time. `hub` and `loop` are borrowed. Never returns
 * NULL. */
struct upstream *upstream_create(struct upstream_hub *hub, struct loop *loop);
void upstream_destroy(struct upstream *upstream);

/* Starts an exchange. An exchange that still runs is ended first. The data of `request` must stay valid until
 * upstream_stop(). */
void upstream_start(struct upstream *upstream, const struct upstream_request *request);

/* Waits up to `wait_us` (-1: as long as the limits allow) for one event of the exchange, or until the task is
 * woken. Without an exchange, waits for the latter only. UPSTREAM_FAILED sets `why`: timeout, connect_failed,
 * dns_failed, tls_failed, upstream_cut or bad_response. */
enum upstream_event upstream_wait(struct upstream *upstream, int64_t wait_us, struct failure *why);
struct upstream_answer *upstream_answer(struct upstream *upstream);
bool upstream_has_sent(const struct upstream *upstream); /* at least the head of the request */
/* Changes the limit for the time between two bytes of the running exchange. 0: none. */
void upstream_limit_idle(struct upstream *upstream, int64_t idle_ms);

/* Ends the exchange; an answer that has not ended is cut off by closing its connection. */
void upstream_stop(struct upstream *upstream);

/* As upstream_stop(), but first waits up to `wait_us` for the end of the answer, so that its connection can
 * be kept. */
void upstream_settle(struct upstream *upstream, int64_t wait_us);

#endif
