/* How answers are written to the client: one struct for each protocol. */
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

/* What a protocol knows when it writes. */
struct protocol_context {
    const struct settings *settings;
    const struct error_response *error_response; /* names the request; `failure` is set for failure() only */
    const struct stream *stream;                 /* what the provider's frames said */
    void *state;                                 /* private to the protocol */
};

/* Each function appends complete events to `out`. False if they do not fit. */
struct protocol {
    /* Writes one event of the provider for the client. */
    bool (*frame)(struct protocol_context *context, const struct sse_event *event, struct buffer *out);
    /* Writes a buffered answer, which is checked JSON. NULL: the answer passes unchanged. */
    bool (*buffered)(struct protocol_context *context, struct json_value answer,
                     const struct token_usage *usage, struct buffer *out, struct failure *why);
    /* Writes a keepalive. */
    bool (*keepalive)(struct protocol_context *context, struct buffer *out);
    /* Writes what is still missing after the provider's end of a complete answer. */
    bool (*end)(struct protocol_context *context, struct buffer *out);
    /* Writes the failure that ends a stream which has begun. */
    bool (*failure)(struct protocol_context *context, struct buffer *out);
};

/* OpenAI's chat completions and legacy completions: chunks, and "[DONE]" at the end. */
extern const struct protocol protocol_chat, protocol_completions;

/* The Responses API: of a provider that speaks it, and converted from chat completions. `state` is a
 * responses_session. */
extern const struct protocol protocol_responses, protocol_responses_from_chat;

/* The run gateway's API, converted from buffered answers. `state` is an arena. */
extern const struct protocol protocol_run_chat, protocol_run_embedding;

#endif
