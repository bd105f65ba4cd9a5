/* The body of a request to a provider, read once: pieces in memory, then the rest from the client. */
#include "upstream/upstream_body.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/portable.h"

#define REST_STEP 16384  /* upper limit on the bytes that wait for more bytes of a slow client */
#define JOINED_MAX 16384 /* a larger body is sent in many segments anyway */

void upstream_body_open(struct upstream_body *body, const struct json_value *pieces, size_t count,
                        const struct upstream_rest *rest)
{
    *body = (struct upstream_body){.pieces = pieces, .count = count, .rest = rest, .rest_ended = !rest};
}

int64_t upstream_body_length(const struct upstream_body *body)
{
    int64_t length = body->rest ? body->rest->length : 0;
    for (size_t i = 0; length >= 0 && i < body->count; i++)
        length += (int64_t)body->pieces[i].length;
    return length;
}

void upstream_body_close(struct upstream_body *body)
{
    free(body->joined);
    free(body->fetched);
    body->joined = body->fetched = NULL;
}

const char *upstream_body_join(struct upstream_body *body)
{
    int64_t length = upstream_body_length(body);
    if (body->rest || length > JOINED_MAX)
        return NULL;
    body->joined = memory_alloc(1, (size_t)length + 1);
    char *at = body->joined;
    for (size_t i = 0; i < body->count; i++)
        at = mempcpy(at, body->pieces[i].at, body->pieces[i].length);
    return body->joined;
}

static size_t read_pieces(struct upstream_body *body, char *to, size_t room)
{
    size_t given = 0;
    while (given < room && body->piece < body->count) {
        struct json_value piece = body->pieces[body->piece];
        size_t left = piece.length - body->piece_at;
        size_t part = left < room - given ? left : room - given;
        memcpy(to + given, piece.at + body->piece_at, part);
        given += part;
        body->piece_at += part;
        if (part == left) {
            body->piece++;
            body->piece_at = 0;
        }
    }
    return given;
}

void upstream_body_fetch(struct upstream_body *body)
{
    const struct upstream_rest *rest = body->rest;
    if (!body->fetched)
        body->fetched = memory_alloc(1, REST_STEP);
    ssize_t got = rest->read(rest->context, body->fetched, REST_STEP, &body->why);
    body->fetched_at = 0;
    body->fetched_length = got > 0 ? (size_t)got : 0;
    body->rest_given += (int64_t)body->fetched_length;
    body->rest_read = got == 0 || body->rest_given == rest->length;
}

static size_t read_fetched(struct upstream_body *body, char *to, size_t room)
{
    size_t left = body->fetched_length - body->fetched_at, part = left < room ? left : room;
    if (part)
        memcpy(to, body->fetched + body->fetched_at, part);
    body->fetched_at += part;
    body->rest_ended = body->rest_read && part == left;
    return part;
}

ssize_t upstream_body_read(struct upstream_body *body, char *to, size_t room)
{
    size_t given = read_pieces(body, to, room);
    if (given || body->rest_ended)
        return (ssize_t)given;
    given = read_fetched(body, to, room);
    if (given || body->rest_ended)
        return (ssize_t)given;
    return body->why.reason == FAILURE_NONE ? UPSTREAM_BODY_LATER : -1;
}
