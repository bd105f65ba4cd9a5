/* Chooses the client's dialect, the provider's dialect, and the conversion between them. */
#include "protocol/dialects/dialect.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "config/preset.h"
#include "config/settings_types.h"
#include "protocol/messages/messages_error.h"
#include "protocol/messages/messages_native.h"
#include "protocol/model_request.h"
#include "protocol/protocol.h"
#include "protocol/request_members.h"
#include "protocol/responses/responses_session.h"
#include "protocol/runs/run_request.h"
#include "routing/route.h"
#include "routing/run.h"

#define CHAT_PATH "/chat/completions"

static void free_text(void *text)
{
    buffer_free(text);
}

static bool read_run_request(const struct route *route, struct arena *arena, struct json_value body,
                             unsigned depth, struct model_request *request, const char **run,
                             struct failure *why)
{
    bool embedding = route->kind == ROUTE_RUN_EMBEDDING;
    struct splice splice;
    struct buffer *converted = arena_alloc(arena, sizeof *converted);
    buffer_init(converted, 12 * body.length + RUN_REQUEST_MARGIN);
    arena_defer(arena, free_text, converted);
    return splice_open(&splice, arena, body, depth, why) && request_members_check(&splice, why) &&
           (embedding ? run_request_embedding : run_request_chat)(arena, splice.object, converted, run,
                                                                  why) &&
           model_request_read(request, arena, converted, JSON_DEPTH_MAX + RUN_REQUEST_DEPTH, why);
}

/* Clients of the run gateway expect 422 for a mistake in the body. */
bool dialect_read(const struct route *route, struct arena *arena, const struct buffer *body, unsigned depth,
                  struct model_request *request, const char **run, struct failure *why)
{
    struct json_value text = {body->bytes ? body->bytes : "", body->length};
    if (!route->run_api)
        return model_request_read(request, arena, body, depth, why) &&
               run_from_metadata(&request->body, arena, run, why);
    bool good = read_run_request(route, arena, text, depth, request, run, why);
    if (!good && why->reason == FAILURE_BAD_REQUEST)
        why->status = 422;
    return good;
}

/* A provider without the Responses API gets a chat completions request. */
static bool open_responses(struct dialect *dialect, struct arena *arena,
                           const struct provider_settings *provider, struct model_request *request,
                           struct failure *why)
{
    struct responses_session *talk = arena_alloc(arena, sizeof *talk);
    dialect->state = talk;
    dialect->protocol = &protocol_responses;
    dialect->api = API_RESPONSES;
    if (api_list_has(&provider->apis, API_RESPONSES)) {
        responses_session_observe(talk, arena);
        return true;
    }
    dialect->protocol = &protocol_responses_from_chat;
    dialect->path = CHAT_PATH;
    dialect->api = API_CHAT;
    dialect->chat = dialect->completion = true;
    return responses_session_open(
        talk, arena, request, provider->preset->keeps_reasoning ? REASONING_MEMBER : REASONING_LEFT_OUT, why);
}

static bool open_messages(struct dialect *dialect, struct arena *arena, const struct route *route,
                          const struct provider_settings *provider, struct failure *why)
{
    if (!api_list_has(&provider->apis, API_MESSAGES))
        return fail(why, FAILURE_BAD_REQUEST, "the provider %s does not speak the Messages API",
                    provider->name);
    dialect->state = arena_alloc(arena, sizeof(struct messages_native));
    dialect->protocol = route->kind == ROUTE_COUNT_TOKENS ? &protocol_token_count : &protocol_messages;
    dialect->api = API_MESSAGES;
    dialect->passes_query = true;
    return true;
}

bool dialect_open(struct dialect *dialect, struct arena *arena, const struct route *route,
                  const struct provider_settings *provider, struct model_request *request,
                  struct failure *why)
{
    *dialect = (struct dialect){.protocol = &protocol_chat, .path = route->upstream, .state = arena};
    switch (route->kind) {
    case ROUTE_RESPONSES:
        return open_responses(dialect, arena, provider, request, why);
    case ROUTE_MESSAGES:
    case ROUTE_COUNT_TOKENS:
        return open_messages(dialect, arena, route, provider, why);
    case ROUTE_COMPLETIONS:
        dialect->protocol = &protocol_completions;
        dialect->completion = true;
        return true;
    case ROUTE_RUN_EMBEDDING:
        dialect->protocol = &protocol_run_embedding;
        return true;
    case ROUTE_RUN_INFERENCE:
        dialect->protocol = &protocol_run_chat;
        dialect->chat = dialect->completion = true;
        return true;
    default:
        dialect->chat = dialect->completion = route->kind == ROUTE_CHAT;
        return true;
    }
}

void dialect_begin(struct dialect *dialect, struct arena *arena)
{
    if (dialect->protocol == &protocol_responses || dialect->protocol == &protocol_responses_from_chat)
        responses_session_observe(dialect->state, arena);
    if (dialect->protocol == &protocol_messages)
        *(struct messages_native *)dialect->state = (struct messages_native){0};
}

void (*dialect_error_put(const struct route *route, bool anthropic))(struct json_writer *,
                                                                     const struct error_response *)
{
    bool messages = route && (route->kind == ROUTE_MESSAGES || route->kind == ROUTE_COUNT_TOKENS);
    bool shared = !route || route->kind == ROUTE_MODELS || route->kind == ROUTE_MODEL ||
                  route->kind == ROUTE_OTHER;
    return messages || (anthropic && shared) ? messages_error_put : NULL;
}
