/* Converts a stream of chat chunks to the events of a response. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_STREAM_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/failure.h"
#include "format/json_write.h"
#include "protocol/responses/responses_object.h"
#include "protocol/responses/responses_output.h"

struct arena;
struct buffer;
struct responses_context;
struct token_usage;

/* Each call appends complete events to its `out`, in the form "event: TYPE\ndata: {…}\n\n". The data repeats
 * the type and has a "sequence_number", which counts from 0. A call that returns false has appended nothing;
 * after that, the caller can only call responses_stream_fail(). */
struct responses_stream {
    struct arena *arena;
    struct response_object response;
    struct output output;
    struct json_writer out; /* of the current call */
    size_t event;           /* where the data of the current event begin in `out` */
    int64_t sequence;
    bool begun;             /* the first event was written */
    struct buffer *last;    /* the events that end the stream; NULL: not written yet */
    struct failure failure; /* why they could not be written */
};

/* `context` and the arena must outlive the stream, whose memory is freed with the arena. */
void responses_stream_open(struct responses_stream *stream, struct arena *arena,
                           const struct responses_context *context);

/* Converts one chunk. Ignores "[DONE]" and all data that is not a JSON object. Fails with bad_response if the
 * answer exceeds OUTPUT_HELD_MAX or if the events do not fit into `out`. */
bool responses_stream_frame(struct responses_stream *stream, const char *data, size_t length,
                            struct buffer *out, struct failure *why) MUST_CHECK;

/* Ends a stream whose answer is complete. Closes all open items and writes response.completed or
 * response.incomplete, at most RESPONSES_END_MAX bytes. Returns false if `out` has no room; the caller can
 * call again with another buffer. */
bool responses_stream_end(struct responses_stream *stream, const struct token_usage *usage,
                          struct buffer *out, struct failure *why) MUST_CHECK;

/* Ends the stream with the events "error" and response.failed. The latter omits the items, because the client
 * already has them. `error` is the redacted object of an error body, with a "code" and a "message". Returns
 * false if not even the shortest form fits into `out`. */
bool responses_stream_fail(struct responses_stream *stream, struct json_value error,
                           struct buffer *out) MUST_CHECK;

/* Reads an event of a provider that speaks the Responses API, so that a failure continues its stream with the
 * response's id and the next sequence number. */
void responses_stream_follow(struct responses_stream *stream, const char *data, size_t length);

#define RESPONSES_END_MAX (32 * 1024 * 1024)

#endif
