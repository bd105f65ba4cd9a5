/* What the fake provider does for one request: steps, in order. Models and scripts both become a plan. */
#ifndef UPSTREAM_PLAN_H
#define UPSTREAM_PLAN_H

#include <stdbool.h>
#include <stddef.h>

enum step_kind {
    STEP_SEND,    /* these bytes, in one write if the socket takes them */
    STEP_PAUSE,   /* sends nothing for `ms` milliseconds */
    STEP_AWAIT,   /* waits for GET .../confirm?frame=NAME; `bytes` is the name */
    STEP_SILENCE, /* waits until the peer leaves */
    STEP_CLOSE,   /* closes the connection properly, at any point of the answer */
    STEP_RESET    /* a TCP reset */
};

struct step {
    enum step_kind kind;
    char *bytes;
    size_t length;
    long ms;      /* SEND: from one repetition to the next */
    long count;   /* SEND: how often */
    size_t stamp; /* SEND: where the time of sending goes into the bytes; 0: nowhere */
};

struct plan {
    struct step *steps;
    size_t count;
    bool shared; /* has no owner: plan_release() does not free it */
};

struct plan *plan_create(void);
void plan_release(struct plan *plan);

/* These copy their arguments. */
void plan_send(struct plan *plan, const char *bytes, size_t length);
void plan_send_repeated(struct plan *plan, const char *bytes, size_t length, long count, long ms);

/* The digits that follow PLAN_STAMP in the bytes become the monotonic time of each sending, in microseconds.
 */
#define PLAN_STAMP "sent at "
#define PLAN_STAMP_DIGITS 16
void plan_stamp_last(struct plan *plan);

void plan_pause(struct plan *plan, long ms);
void plan_await(struct plan *plan, const char *name);
void plan_end(struct plan *plan, enum step_kind how);

/* One chunk of a chunked body (RFC 9112, 7.1); an empty one is the last. */
void plan_send_chunk(struct plan *plan, const char *bytes, size_t length);

#endif
