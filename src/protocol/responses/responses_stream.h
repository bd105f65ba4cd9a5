/* A stream of chat chunks as the events of a response. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_STREAM_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "format/json_write.h"
#include "protocol/responses/responses_object.h"
#include "protocol/responses/responses_output.h"

struct arena;
struct buffer;
struct failure;
struct responses_context;
struct usage;

/* Whole events only are appended to the `out` of each call: "event: TYPE\ndata: {…}\n\n", the same type and a
 * "sequence_number" from 0 in each. A call that is false has appended nothing; the stream can then only be
 * failed. */
struct responses_stream {
    struct arena *arena;
    struct response_object response;
    struct output output;
    struct json_writer out; /* of the call under way */
    int64_t sequence;
    bool begun;          /* the first event is out */
    struct buffer *last; /* the events that end the stream, NULL until they are written */
};

/* `ask` and the arena have to outlive the stream; what it holds is freed with the arena. */
void responses_stream_open(struct responses_stream *stream, struct arena *arena,
                           const struct responses_context *ask);

/* One chunk's JSON; "[DONE]" and what is no object change nothing. bad_response when it is more than can be
 * held: of all together OUTPUT_HELD_MAX, or in `out`. */
bool responses_stream_frame(struct responses_stream *stream, const char *data, size_t length,
                            struct buffer *out, struct failure *why) MUST_CHECK;

/* The provider has said that the answer is whole: all that is open is closed, and the last event is
 * response.completed or response.incomplete. At most RESPONSES_END_MAX bytes; where `out` has no room for
 * them it is false, and may be called again with another. */
bool responses_stream_end(struct responses_stream *stream, const struct usage *usage, struct buffer *out,
                          struct failure *why) MUST_CHECK;

/* A failure ends the stream: "error" and response.failed, the latter without what was said before, which the
 * client has. `error` is the object of an error body, checked JSON in which nothing is left to hide, with a
 * "code" and a "message". False when `out` has no room even for the shortest form. */
bool responses_stream_fail(struct responses_stream *stream, struct json_value error,
                           struct buffer *out) MUST_CHECK;

/* For a stream that a provider with this API makes itself: notes one of its events, so that a failure goes on
 * from there, with its response's id and the next number. */
void responses_stream_follow(struct responses_stream *stream, const char *data, size_t length);

#define RESPONSES_END_MAX (32 * 1024 * 1024)

#endif
