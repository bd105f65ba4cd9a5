/* A client that speaks Responses to a provider that has chat completions only. */
#include "protocol/responses/responses_session.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "protocol/request_body.h"
#include "protocol/responses/responses_request.h"

static void free_text(void *text)
{
    buffer_free(text);
}

/* The chat request is read like any other: what rules change in it, they change there. */
bool responses_session_open(struct responses_session *talk, struct arena *arena, struct request_body *chat,
                            enum responses_reasoning reasoning, struct failure *why)
{
    struct json_value asked = chat->body.object;
    struct buffer *text = arena_alloc(arena, sizeof *text);
    buffer_init(text, 3 * asked.length + RESPONSES_MARGIN);
    arena_defer(arena, free_text, text);
    talk->arena = arena;
    if (!responses_to_chat(arena, asked, reasoning, text, &talk->ask, why) ||
        !request_body_read(chat, arena, text, JSON_DEPTH_MAX + RESPONSES_DEPTH, why))
        return false;
    responses_stream_open(&talk->stream, arena, &talk->ask);
    return true;
}

void responses_session_observe(struct responses_session *talk, struct arena *arena)
{
    talk->arena = arena;
    responses_stream_open(&talk->stream, arena, &talk->ask);
}
