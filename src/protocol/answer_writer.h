/* Writes an answer for the client, as a stream or as one body; the interface of a client's dialect. */
#ifndef PENSTOCK_PROTOCOL_ANSWER_WRITER_H
#define PENSTOCK_PROTOCOL_ANSWER_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/failure.h"
#include "format/json_write.h"
#include "protocol/answer.h"

struct arena;
struct buffer;
struct conversation;
struct error_response;
struct settings;
struct token_usage;

#define ANSWER_END_MAX (32 * 1024 * 1024)

struct answer_writer {
    const struct answer_writer_ops *ops;
    struct arena *arena;
    const struct conversation *conversation;
    struct answer answer;   /* as far as it has come; its listener is the writer */
    struct json_writer out; /* of the current call */
    size_t event;           /* where the data of the current event begin in `out` */
    int64_t sequence;       /* number of events, or of blocks, so far */
    bool begun;             /* the first event was written */
    void *state;            /* private to the dialect */
    struct buffer *last;    /* the events that end the stream; NULL: not written yet */
    struct failure failure; /* why they could not be written */
};

/* All functions but `open` append to writer->out, whose overflow the caller notices. Streamed and buffered
 * answers are written from the same items, so that they say the same. */
struct answer_writer_ops {
    void (*open)(struct answer_writer *writer); /* creates the private state; NULL: there is none */
    struct answer_events events;                /* called with the writer, after `begin` */
    void (*begin)(struct answer_writer *writer);
    bool begins_late; /* `begin` waits for the first item, so that a keepalive may begin the answer before it
                       */
    void (*end)(struct answer_writer *writer, const struct token_usage *usage);
    /* `seen`: the client has content already, and all that was written so far */
    void (*keepalive)(struct answer_writer *writer, const struct settings *settings, bool seen);
    void (*fail)(struct answer_writer *writer, const struct settings *settings,
                 const struct error_response *error_response);
    void (*body)(struct answer_writer *writer, const struct token_usage *usage);
};

/* Reads a provider's frame or body into an answer. */
typedef bool answer_read(struct answer *answer, struct json_value json, struct failure *why);
typedef bool answer_read_end(struct answer *answer, struct failure *why);

/* `conversation` and the arena must outlive the writer. */
void answer_writer_open(struct answer_writer *writer, const struct answer_writer_ops *ops,
                        struct arena *arena, const struct conversation *conversation);

/* Each appends complete events to `out`; one that returns false has appended nothing, and after that only
 * answer_writer_fail() can be called. All but the last fail with bad_response if the events do not fit. */
bool answer_writer_frame(struct answer_writer *writer, answer_read *read, struct json_value frame,
                         struct buffer *out, struct failure *why) MUST_CHECK;

/* Ends a complete answer; `read_end` may be NULL. A caller without room may call again. */
bool answer_writer_end(struct answer_writer *writer, answer_read_end *read_end,
                       const struct token_usage *usage, struct buffer *out, struct failure *why) MUST_CHECK;

/* Writes a whole body of the provider as one body for the client. */
bool answer_writer_body(struct answer_writer *writer, answer_read *read, answer_read_end *read_end,
                        struct json_value body, const struct token_usage *usage, struct buffer *out,
                        struct failure *why) MUST_CHECK;
bool answer_writer_keepalive(struct answer_writer *writer, const struct settings *settings, bool seen,
                             struct buffer *out) MUST_CHECK;
bool answer_writer_fail(struct answer_writer *writer, const struct settings *settings,
                        const struct error_response *error_response, struct buffer *out) MUST_CHECK;

#endif
