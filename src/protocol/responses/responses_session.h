/* A client that speaks Responses to a provider that has chat completions only. */
#ifndef RESPONSES_TALK_H
#define RESPONSES_TALK_H

#include <stdbool.h>

#include "base/attributes.h"
#include "protocol/responses/responses_context.h"
#include "protocol/responses/responses_stream.h"

struct arena;
struct chat;
struct failure;

/* What the protocol has to remember between the request and its answer. */
struct responses_talk {
    struct arena *arena;
    struct responses_ask ask;
    struct responses_stream stream;
};

/* Turns the request in `chat` into a chat request; what it was made from stays in the arena. As
 * responses_to_chat(). */
bool responses_talk_open(struct responses_talk *talk, struct arena *arena, struct chat *chat,
                         enum responses_reasoning reasoning, struct failure *why) MUST_CHECK;

/* For a provider that has the Responses API: only what we say ourselves is made here. */
void responses_talk_listen(struct responses_talk *talk, struct arena *arena);

#endif
