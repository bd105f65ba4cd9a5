/* A client that speaks Responses to a provider that has chat completions only. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_SESSION_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_SESSION_H

#include <stdbool.h>

#include "base/attributes.h"
#include "protocol/responses/responses_context.h"
#include "protocol/responses/responses_stream.h"

struct arena;
struct request_body;
struct failure;

/* What the protocol has to remember between the request and its answer. */
struct responses_session {
    struct arena *arena;
    struct responses_context ask;
    struct responses_stream stream;
};

/* Turns the request in `chat` into a chat request; what it was made from stays in the arena. As
 * responses_to_chat(). */
bool responses_session_open(struct responses_session *talk, struct arena *arena, struct request_body *chat,
                            enum responses_reasoning reasoning, struct failure *why) MUST_CHECK;

/* For a provider that has the Responses API: only what we say ourselves is made here. */
void responses_session_observe(struct responses_session *talk, struct arena *arena);

#endif
