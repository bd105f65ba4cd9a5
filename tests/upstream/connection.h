/* One connection to the fake provider. */
#ifndef UPSTREAM_CONNECTION_H
#define UPSTREAM_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../kit/text.h"

struct heard;
struct plan;

struct connection {
    int descriptor;
    long number;
    struct text in;
    size_t taken; /* bytes of `in` that the request under way has */
    struct plan *plan;
    size_t step, sent; /* the current step of the plan, and how many bytes of it are sent */
    long repetitions;  /* repetitions of this step that are done */
    bool paused;       /* this step's pause has begun */
    bool keep_alive, watches_output;
    int64_t due_us;
    size_t timer_place; /* in the heap; 0: no timer */
};

/* Chooses the answer to a request. The connection owns the plan. */
typedef struct plan *answer_request(const struct connection *connection, const struct heard *heard);

/* Called when a peer leaves during an answer; NULL: it is not. */
extern void (*connection_left)(const struct connection *connection);

/* Takes over an accepted descriptor; `poll` is the epoll descriptor. */
void connection_open(int poll, int descriptor);

/* Handles epoll's events on the connection. */
void connection_ready(struct connection *connection, unsigned events, answer_request *answer);

/* Its timer ran out. */
void connection_due(struct connection *connection, answer_request *answer);

/* Something was confirmed: the connection goes on if it waits for that. */
void connections_wake(answer_request *answer);

#endif
