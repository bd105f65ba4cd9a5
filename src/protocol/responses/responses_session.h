/* A client that speaks the Responses API. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_SESSION_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_SESSION_H

#include <stdbool.h>

#include "base/base.h"
#include "protocol/responses/responses_context.h"
#include "protocol/responses/responses_stream.h"

struct arena;
struct model_request;
struct failure;

/* The state of `protocol_responses` and `protocol_responses_from_chat` between request and answer. */
struct responses_session {
    struct arena *arena;
    struct responses_context context;
    struct responses_stream stream;
};

/* Converts the body of `request` to a chat request; the original body stays in the arena. Fails as
 * responses_to_chat() does. */
bool responses_session_open(struct responses_session *session, struct arena *arena,
                            struct model_request *request, enum responses_reasoning reasoning,
                            struct failure *why) MUST_CHECK;

/* Opens a session for a provider that speaks the Responses API. Nothing is converted; events that Penstock
 * adds continue the provider's sequence. */
void responses_session_observe(struct responses_session *session, struct arena *arena);

#endif
