/* The body of a request to a provider, read out once: pieces that are held, then what is not. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_BODY_H
#define PENSTOCK_UPSTREAM_UPSTREAM_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/failure.h"
#include "format/json.h"

/* A part of the body that is not held here. */
struct upstream_rest {
    /* Up to `size` bytes; 0 at its end, -1 with the cause in `why`. May block. */
    ssize_t (*read)(void *context, void *bytes, size_t size, struct failure *why);
    void *context;
    int64_t length; /* in bytes; -1: not known */
};

struct upstream_body {
    const struct json_value *pieces;
    size_t count;
    const struct upstream_rest *rest; /* NULL: none */
    size_t piece, piece_at;           /* how far the pieces were read */
    int64_t rest_given;               /* bytes */
    bool rest_ended;                  /* or there is none */
    char *joined;                     /* a copy of the pieces, or NULL */
    struct failure why;               /* why the rest could not be read; FAILURE_NONE */
};

void upstream_body_open(struct upstream_body *body, const struct json_value *pieces, size_t count,
                        const struct upstream_rest *rest);

void upstream_body_close(struct upstream_body *body);

/* The whole of a small body that is held here, until it is closed; NULL: it is to be read. */
const char *upstream_body_join(struct upstream_body *body);

/* In bytes; -1: not known. */
int64_t upstream_body_length(const struct upstream_body *body);

/* The next bytes, `room` at the most; 0 at the end, -1 with the cause in the body's `why`. */
ssize_t upstream_body_give(struct upstream_body *body, char *to, size_t room);

#endif
