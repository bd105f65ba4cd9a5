/* Chooses the client's dialect, the provider's dialect, and the conversion between them. */
#include "protocol/dialects/dialect.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "config/settings_types.h"
#include "protocol/dialect_sides.h"
#include "protocol/dialects/conversion.h"
#include "protocol/messages/messages_error.h"
#include "protocol/messages/messages_native.h"
#include "protocol/model_request.h"
#include "protocol/protocol.h"
#include "protocol/request_members.h"
#include "protocol/responses/responses_native.h"
#include "protocol/runs/run_request.h"
#include "routing/route.h"
#include "routing/run.h"
#include "routing/target.h"

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
    if (route->kind == ROUTE_MESSAGES)
        request->private = arena_alloc(arena, sizeof(struct messages_client));
    if (!route->run_api)
        return model_request_read(request, arena, body, depth, why) &&
               run_from_metadata(&request->body, arena, run, why);
    bool good = read_run_request(route, arena, text, depth, request, run, why);
    if (!good && why->reason == FAILURE_BAD_REQUEST)
        why->status = 422;
    return good;
}

enum api dialect_client_api(const struct route *route)
{
    switch (route->kind) {
    case ROUTE_CHAT:
        return API_CHAT;
    case ROUTE_RESPONSES:
        return API_RESPONSES;
    case ROUTE_MESSAGES:
    case ROUTE_COUNT_TOKENS:
        return API_MESSAGES;
    default:
        return API_COUNT;
    }
}

/* The provider speaks the client's dialect, so nothing is converted. */
static bool open_native(struct dialect *dialect, struct arena *arena, const struct route *route,
                        const struct messages_client *client)
{
    struct messages_native *messages;
    switch (route->kind) {
    case ROUTE_RESPONSES:
        dialect->protocol = &protocol_responses;
        dialect->state = arena_alloc(arena, sizeof(struct answer_writer));
        responses_native_open(dialect->state, arena);
        return true;
    case ROUTE_MESSAGES:
    case ROUTE_COUNT_TOKENS:
        dialect->protocol = route->kind == ROUTE_MESSAGES ? &protocol_messages : &protocol_token_count;
        dialect->state = messages = arena_alloc(arena, sizeof *messages);
        messages->client = client;
        dialect->passes_query = true;
        return true;
    default:
        dialect->completion = true;
        return true;
    }
}

static bool open_conversion(struct dialect *dialect, struct arena *arena, enum api client,
                            const struct settings *settings, const struct target *target,
                            struct model_request *request, struct failure *why)
{
    struct conversion *conversion = arena_alloc(arena, sizeof *conversion);
    dialect->state = conversion;
    dialect->protocol = conversion_protocol(dialect->api);
    if (!conversion_open(conversion, arena, client, dialect->api, settings, target, request, request->private,
                         why))
        return false;
    dialect->path = conversion_path(conversion, request->stream);
    dialect->completion = conversion->provider->completion;
    dialect->converts = true;
    return true;
}

bool dialect_open(struct dialect *dialect, struct arena *arena, const struct route *route,
                  const struct settings *settings, const struct target *target, struct model_request *request,
                  struct failure *why)
{
    enum api client = dialect_client_api(route);
    *dialect = (struct dialect){.protocol = &protocol_chat, .path = route->upstream, .state = arena};
    switch (route->kind) {
    case ROUTE_COMPLETIONS:
        dialect->protocol = &protocol_completions;
        dialect->completion = true;
        return true;
    case ROUTE_RUN_EMBEDDING:
        dialect->protocol = &protocol_run_embedding;
        return true;
    case ROUTE_RUN_INFERENCE:
        dialect->protocol = &protocol_run_chat;
        dialect->completion = true;
        if (!target->provider->apis.count || api_list_has(&target->provider->apis, API_CHAT))
            return true;
        dialect->api = target->provider->apis.items[0];
        if (!open_conversion(dialect, arena, API_CHAT, settings, target, request, why))
            return false;
        dialect->protocol = conversion_run_protocol(dialect->api);
        return true;
    default:
        break;
    }
    if (client == API_COUNT)
        return true;
    dialect->api = api_list_choose(&target->provider->apis, client);
    return dialect->api == client ? open_native(dialect, arena, route, request->private)
                                  : open_conversion(dialect, arena, client, settings, target, request, why);
}

void dialect_begin(struct dialect *dialect, struct arena *arena)
{
    if (dialect->converts)
        conversion_begin(dialect->state);
    else if (dialect->protocol == &protocol_responses)
        responses_native_open(dialect->state, arena);
    else if (dialect->protocol == &protocol_messages)
        ((struct messages_native *)dialect->state)->stopped = false;
}

void (*dialect_error_put(const struct route *route, bool anthropic))(struct json_writer *,
                                                                     const struct error_response *)
{
    bool messages = route && (route->kind == ROUTE_MESSAGES || route->kind == ROUTE_COUNT_TOKENS);
    bool shared = !route || route->kind == ROUTE_MODELS || route->kind == ROUTE_MODEL ||
                  route->kind == ROUTE_OTHER;
    return messages || (anthropic && shared) ? messages_error_put : NULL;
}
