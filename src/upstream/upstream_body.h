/* The body of a request to a provider, read once: pieces in memory, then the rest from the client. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_BODY_H
#define PENSTOCK_UPSTREAM_UPSTREAM_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/failure.h"
#include "format/json.h"

/* The part of a body that is not in memory. */
struct upstream_rest {
    /* Reads up to `size` bytes. Returns 0 at the end, -1 with the cause in `why` on failure. May wait. */
    ssize_t (*read)(void *context, void *bytes, size_t size, struct failure *why);
    void *context;
    int64_t length; /* in bytes; -1: not known */
};

struct upstream_body {
    const struct json_value *pieces;
    size_t count;
    const struct upstream_rest *rest; /* NULL: none */
    size_t piece, piece_at;           /* the next byte of the pieces */
    int64_t rest_given;               /* bytes */
    bool rest_read;                   /* the client's body has been fetched to its end */
    bool rest_ended;                  /* it has been given to its end too; true if there is no rest */
    char *joined;                     /* a copy of the pieces, or NULL */
    char *fetched;                    /* a part of the rest that has been fetched; NULL: none yet */
    size_t fetched_length, fetched_at;
    struct failure why; /* why reading the rest failed; FAILURE_NONE: it did not fail */
};

void upstream_body_open(struct upstream_body *body, const struct json_value *pieces, size_t count,
                        const struct upstream_rest *rest);

void upstream_body_close(struct upstream_body *body);

/* Returns a small body without a rest as a whole, valid until the body is closed. Returns NULL for any other
 * body, which has to be read. */
const char *upstream_body_join(struct upstream_body *body);

/* Returns the length in bytes, -1 if it is not known. */
int64_t upstream_body_length(const struct upstream_body *body);

#define UPSTREAM_BODY_LATER (-2)

/* Reads up to `room` bytes without waiting. Returns 0 at the end, -1 with the cause in the body's `why` on
 * failure, and UPSTREAM_BODY_LATER if upstream_body_fetch() has to fetch more of the rest first. */
ssize_t upstream_body_read(struct upstream_body *body, char *to, size_t room);

/* Fetches the next part of the rest. May wait. */
void upstream_body_fetch(struct upstream_body *body);

#endif
