/* What a client speaks, and what its provider is asked in: the same, or a chat made of it. */
#include "dialect.h"

#include "arena.h"
#include "preset.h"
#include "protocol.h"
#include "responses_talk.h"
#include "route.h"

#define CHAT_PATH "/chat/completions"

/* A provider without the Responses API is asked for a chat completion instead. */
static bool translate_responses(struct dialect *dialect, struct arena *arena, const struct preset *preset,
                                struct chat *chat, struct failure *why)
{
    struct responses_talk *talk = arena_alloc(arena, sizeof *talk);
    dialect->state = talk;
    dialect->protocol = &protocol_responses;
    if (preset->responses) {
        responses_talk_listen(talk, arena);
        return true;
    }
    dialect->protocol = &protocol_responses_made;
    dialect->path = CHAT_PATH;
    dialect->chat = dialect->completion = true;
    return responses_talk_open(talk, arena, chat,
                               preset->keeps_reasoning ? REASONING_MEMBER : REASONING_LEFT_OUT, why);
}

bool dialect_open(struct dialect *dialect, struct arena *arena, const struct route *route,
                  const struct preset *preset, struct chat *chat, struct failure *why)
{
    bool older = route->kind == ROUTE_COMPLETIONS;
    *dialect = (struct dialect){
        .protocol = older ? &protocol_completions : &protocol_chat,
        .path = route->upstream,
        .chat = route->kind == ROUTE_CHAT,
        .completion = route->kind == ROUTE_CHAT || older,
    };
    return route->kind != ROUTE_RESPONSES || translate_responses(dialect, arena, preset, chat, why);
}
