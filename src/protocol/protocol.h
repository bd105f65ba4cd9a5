/* Writes answers to the client, with one struct for each protocol. */
#ifndef PENSTOCK_PROTOCOL_PROTOCOL_H
#define PENSTOCK_PROTOCOL_PROTOCOL_H

#include <stdbool.h>

#include "format/json.h"

struct buffer;
struct failure;
struct error_response;
struct settings;
struct sse_event;
struct stream;
struct token_usage;

/* The context in which a protocol writes. */
struct protocol_context {
    const struct settings *settings;
    const struct error_response
        *error_response;         /* describes the request; `failure` is set only for failure() */
    const struct stream *stream; /* the facts read from the provider's frames */
    void *state;                 /* private to the protocol */
};

/* Each function appends complete events to `out`, and returns false if they do not fit. */
struct protocol {
    /* Writes one event of the provider for the client. */
    bool (*frame)(struct protocol_context *context, const struct sse_event *event, struct buffer *out);
    /* Writes a buffered answer, which is checked JSON. NULL: the answer passes unchanged. */
    bool (*buffered)(struct protocol_context *context, struct json_value answer,
                     const struct token_usage *usage, struct buffer *out, struct failure *why);
    /* Writes a buffered answer, which is checked JSON, as the events of a complete stream. It is called if a
     * keepalive has begun a stream before the provider answers without streaming. */
    bool (*as_stream)(struct protocol_context *context, struct json_value answer,
                      const struct token_usage *usage, struct buffer *out, struct failure *why);
    /* Writes a keepalive. */
    bool (*keepalive)(struct protocol_context *context, struct buffer *out);
    /* Writes the events that are still missing after the provider has ended a complete answer. Fails with
     * bad_response if they do not fit, or if the answer turns out to be none. */
    bool (*end)(struct protocol_context *context, struct buffer *out, struct failure *why);
    /* Writes the failure that ends a begun stream. */
    bool (*failure)(struct protocol_context *context, struct buffer *out);
    /* True if the provider's JSON, which is no error, is an answer at all. NULL: all JSON is. */
    bool (*is_answer)(struct json_value answer);
};

/* OpenAI's chat completions and legacy completions. Their streams are chunks with "[DONE]" at the end. */
extern const struct protocol protocol_chat, protocol_completions;

/* The Responses API, passed on from a provider that speaks it. `state` is a struct answer_writer. */
extern const struct protocol protocol_responses;

/* The Messages API, passed on from a provider that speaks it. `state` is a struct messages_native. */
extern const struct protocol protocol_messages;

/* The count of a prompt's tokens, which is always buffered. */
extern const struct protocol protocol_token_count;

/* The run gateway's API, converted from buffered answers. `state` is a struct arena. */
extern const struct protocol protocol_run_chat, protocol_run_embedding;

#endif
