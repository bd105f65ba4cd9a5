/* What the fake provider does for one request: steps, in order. Models and scripts both end up as a plan. */
#ifndef UPSTREAM_PLAN_H
#define UPSTREAM_PLAN_H

#include <stdbool.h>
#include <stddef.h>

enum step_kind {
    STEP_SEND,    /* these bytes, in one write if the socket takes them */
    STEP_PAUSE,   /* nothing for `ms` */
    STEP_AWAIT,   /* nothing until GET .../confirm?frame=NAME was heard; `bytes` is the name */
    STEP_SILENCE, /* nothing until the peer leaves */
    STEP_CLOSE,   /* an orderly end of the connection, wherever the answer stands */
    STEP_RESET    /* a TCP reset */
};

struct step {
    enum step_kind kind;
    char *bytes;
    size_t length;
    long ms;    /* SEND: from one repetition to the next */
    long count; /* SEND: how often */
};

struct plan {
    struct step *steps;
    size_t count;
    bool shared; /* belongs to nobody: plan_release() leaves it alone */
};

struct plan *plan_create(void);
void plan_release(struct plan *plan);

/* Each takes copies. */
void plan_send(struct plan *plan, const char *bytes, size_t length);
void plan_send_repeated(struct plan *plan, const char *bytes, size_t length, long count, long ms);
void plan_pause(struct plan *plan, long ms);
void plan_await(struct plan *plan, const char *name);
void plan_end(struct plan *plan, enum step_kind how);

/* One chunk of a chunked body (RFC 9112, 7.1); an empty one is the last. */
void plan_send_chunk(struct plan *plan, const char *bytes, size_t length);

#endif
