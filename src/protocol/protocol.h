/* How a stream is spoken to the client: one struct a protocol. */
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
struct usage;

/* What a protocol may go by. */
struct protocol_context {
    const struct settings *settings;
    const struct error_response
        *error_response;         /* names the request; its `failure` only where one is to be said */
    const struct stream *stream; /* what is known of the provider's */
    void *state;                 /* the protocol's own */
};

/* Each appends whole events to `out`; false when they do not fit. */
struct protocol {
    /* One event of the provider, as the client gets it. */
    bool (*frame)(struct protocol_context *talk, const struct sse_event *event, struct buffer *out);
    /* A whole answer, checked, with what it says that it used; NULL: as it came. */
    bool (*whole)(struct protocol_context *talk, struct json_value answer, const struct usage *usage,
                  struct buffer *out, struct failure *why);
    /* A sign of life. */
    bool (*keepalive)(struct protocol_context *talk, struct buffer *out);
    /* What is still missing once the provider has said that the answer is whole. */
    bool (*end)(struct protocol_context *talk, struct buffer *out);
    /* The failure that ends a stream which has begun. */
    bool (*failure)(struct protocol_context *talk, struct buffer *out);
};

/* OpenAI's chat completions and the older completions: chunks, and "[DONE]" in the end. */
extern const struct protocol protocol_chat, protocol_completions;

/* Responses, of a provider that has them, and made from the chunks of one that has chat completions only;
 * `state` is a responses_session. */
extern const struct protocol protocol_responses, protocol_responses_from_chat;

/* The run gateway's own API, made from whole answers of OpenAI's; `state` is an arena. */
extern const struct protocol protocol_run_chat, protocol_run_embedding;

#endif
