/* One exchange whose client and provider speak different dialects.
 *
 * The table of sides is the table of pairs: any client's dialect goes with any provider's. A pair of the same
 * dialect is native, and never comes here. */
#include "protocol/dialects/conversion.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/buffer.h"
#include "base/digest.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "base/pattern.h"
#include "base/url.h"
#include "config/model_limits.h"
#include "config/preset.h"
#include "config/settings.h"
#include "config/settings_types.h"
#include "format/sse.h"
#include "protocol/conversation_build.h"
#include "protocol/dialect_sides.h"
#include "protocol/model_request.h"
#include "protocol/signature_memory.h"
#include "protocol/stream.h"
#include "routing/target.h"
#include "usage/token_usage.h"

#define MARGIN (1024 * 1024) /* what a conversion adds to a request */
#define GROWTH 8             /* quotes within quotes */
#define DEPTH 16             /* levels that a conversion adds */
#define MARK_DIGITS 8

static const struct client_side *const clients[API_COUNT] = {
    [API_CHAT] = &chat_client,
    [API_RESPONSES] = &responses_client,
    [API_MESSAGES] = &messages_client,
};

static const struct provider_side *const providers[API_COUNT] = {
    [API_CHAT] = &chat_provider,
    [API_RESPONSES] = &responses_provider,
    [API_MESSAGES] = &messages_provider,
    [API_GEMINI] = &gemini_provider,
};

static void free_text(void *text)
{
    buffer_free(text);
}

static enum reasoning_form reasoning_of(const struct provider_settings *provider)
{
    switch (provider->reasoning) {
    case REASONING_CONTENT:
        return REASONING_MEMBER;
    case REASONING_THINK:
        return REASONING_TAGS;
    case REASONING_DROP:
        return REASONING_LEFT_OUT;
    default:
        return provider->preset->keeps_reasoning ? REASONING_MEMBER : REASONING_LEFT_OUT;
    }
}

static struct provider_facts facts_of(const struct target *target)
{
    const struct provider_settings *provider = target->provider;
    const struct preset *preset = provider->preset;
    const char *model = target->model ? target->model : "";
    return (struct provider_facts){
        .name = provider->name,
        .model = model,
        .reasoning = reasoning_of(provider),
        .strict = preset->strict,
        .effort = !preset->efforts || pattern_matches(preset->efforts, model),
        .top_k = preset->top_k,
        .max_tokens = model_default_limit(provider, model),
    };
}

/* Names the provider and its account, without telling the key. */
static const char *mark_of(const struct provider_settings *provider, struct arena *arena)
{
    unsigned char digest[DIGEST_BYTES];
    char text[DIGEST_HEX + 1];
    digest_sha256(provider->api_key.length ? provider->api_key.bytes : "", provider->api_key.length, digest);
    digest_print(digest, text);
    return arena_format(arena, "%s-%.*s", provider->name, MARK_DIGITS, text);
}

/* Says once for each kind of tool and process what a model does not get. */
static void log_left_out(const struct conversion *conversion)
{
    static char said[256];
    const char *types = conversion->conversation.left_out;
    if (!types || strncmp(said, types, sizeof said - 1) == 0)
        return;
    snprintf(said, sizeof said, "%s", types);
    log_warning("tools that only servers of the client's API run are left out for %s: %s",
                conversion->facts.name, types);
}

static bool write_request(struct conversion *conversion, struct model_request *request, struct failure *why)
{
    struct arena *arena = conversion->arena;
    struct buffer *text = arena_alloc(arena, sizeof *text);
    bool stream = request->stream;
    buffer_init(text, GROWTH * conversion->conversation.body.length + MARGIN);
    arena_defer(arena, free_text, text);
    if (!conversion->provider->write_request(&conversion->conversation, &conversion->facts, text, why) ||
        !model_request_read(request, arena, text, JSON_DEPTH_MAX + DEPTH, why))
        return false;
    request->stream = stream;
    return true;
}

bool conversion_open(struct conversion *conversion, struct arena *arena, enum api client, enum api provider,
                     const struct settings *settings, const struct target *target,
                     struct model_request *request, void *private, struct failure *why)
{
    struct conversation *conversation = &conversion->conversation;
    conversion->arena = arena;
    conversion->provider = providers[provider];
    conversion->facts = facts_of(target);
    if (!conversion->provider || !clients[client])
        return fail(why, FAILURE_BAD_REQUEST,
                    "the provider %s speaks neither this API nor one that it can "
                    "be converted to",
                    target->provider->name);
    conversation_open(conversation, arena, client, provider, request->body.object);
    conversation->mark = mark_of(target->provider, arena);
    conversation->stream = request->stream;
    conversation->private = private;
    if (!clients[client]->read_request(conversation, why))
        return false;
    conversation_settle(conversation);
    if (provider == API_GEMINI)
        signatures_recall(settings->state_dir, conversation);
    log_left_out(conversion);
    conversion_begin(conversion);
    return write_request(conversion, request, why);
}

const char *conversion_path(const struct conversion *conversion, bool stream)
{
    const char *path = conversion->provider->path;
    return path ? path
                : arena_format(conversion->arena, "/models/%s:%s",
                               url_percent_encode(conversion->arena, conversion->facts.model),
                               stream ? "streamGenerateContent?alt=sse" : "generateContent");
}

void conversion_begin(struct conversion *conversion)
{
    const struct conversation *conversation = &conversion->conversation;
    answer_writer_open(&conversion->writer, clients[conversation->client]->writer, conversion->arena,
                       conversation);
    if (conversion->provider->open_answer)
        conversion->provider->open_answer(&conversion->writer.answer, &conversion->facts);
}

/* ---- the answer ---- */

static bool put_frame(struct protocol_context *context, const struct sse_event *event, struct buffer *out)
{
    struct conversion *conversion = context->state;
    struct json_value text = {event->data, event->data_length}, frame;
    struct json_fault fault;
    struct failure why;
    if (!event->data || !json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &frame, &fault) ||
        json_kind(frame) != JSON_OBJECT)
        return true;
    return answer_writer_frame(&conversion->writer, conversion->provider->read_frame, frame, out, &why);
}

/* Clients drop what their dialect does not have. */
static bool remember(const struct protocol_context *context)
{
    const struct conversion *conversion = context->state;
    if (conversion->conversation.provider == API_GEMINI)
        signatures_remember(context->settings->state_dir, &conversion->conversation,
                            &conversion->writer.answer);
    return true;
}

static bool put_body(struct protocol_context *context, struct json_value answer,
                     const struct token_usage *usage, struct buffer *out, struct failure *why)
{
    struct conversion *conversion = context->state;
    return answer_writer_body(&conversion->writer, conversion->provider->read_body,
                              conversion->provider->read_end, answer, usage, out, why) &&
           remember(context);
}

static bool put_as_stream(struct protocol_context *context, struct json_value answer,
                          const struct token_usage *usage, struct buffer *out, struct failure *why)
{
    struct conversion *conversion = context->state;
    return answer_writer_frame(&conversion->writer, conversion->provider->read_body, answer, out, why) &&
           answer_writer_end(&conversion->writer, conversion->provider->read_end, usage, out, why) &&
           remember(context);
}

static bool put_keepalive(struct protocol_context *context, struct buffer *out)
{
    struct conversion *conversion = context->state;
    return answer_writer_keepalive(&conversion->writer, context->settings, context->stream->answered, out);
}

static bool put_end(struct protocol_context *context, struct buffer *out, struct failure *why)
{
    struct conversion *conversion = context->state;
    struct token_usage usage = stream_usage(context->stream);
    return answer_writer_end(&conversion->writer, conversion->provider->read_end, &usage, out, why) &&
           remember(context);
}

static bool put_failure(struct protocol_context *context, struct buffer *out)
{
    struct conversion *conversion = context->state;
    return answer_writer_fail(&conversion->writer, context->settings, context->error_response, out);
}

/* The protocols of struct protocol have no context here, so each dialect has a function of its own. */
static bool is_chat(struct json_value body)
{
    return chat_provider.is_answer(body);
}

static bool is_response(struct json_value body)
{
    return responses_provider.is_answer(body);
}

static bool is_message(struct json_value body)
{
    return messages_provider.is_answer(body);
}

static bool is_gemini(struct json_value body)
{
    return gemini_provider.is_answer(body);
}

#define CONVERTS                                                                                             \
    .frame = put_frame, .buffered = put_body, .as_stream = put_as_stream, .keepalive = put_keepalive,        \
    .end = put_end, .failure = put_failure

const struct protocol *conversion_protocol(enum api provider)
{
    static const struct protocol protocols[API_COUNT] = {
        [API_CHAT] = {CONVERTS, .is_answer = is_chat},
        [API_RESPONSES] = {CONVERTS, .is_answer = is_response},
        [API_MESSAGES] = {CONVERTS, .is_answer = is_message},
        [API_GEMINI] = {CONVERTS, .is_answer = is_gemini},
    };
    return &protocols[provider];
}

/* ---- the run gateway's API ---- */

static bool put_run(struct protocol_context *context, struct json_value answer,
                    const struct token_usage *usage, struct buffer *out, struct failure *why)
{
    struct conversion *conversion = context->state;
    struct protocol_context inner = *context;
    struct json_value root;
    struct json_fault fault;
    struct buffer *body = arena_alloc(conversion->arena, sizeof *body);
    buffer_init(body, out->ceiling);
    arena_defer(conversion->arena, free_text, body);
    inner.state = conversion->arena;
    return put_body(context, answer, usage, body, why) &&
           json_check((struct json_value){body->bytes, body->length}, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root,
                      &fault) &&
           protocol_run_chat.buffered(&inner, root, usage, out, why);
}

const struct protocol *conversion_run_protocol(enum api provider)
{
    static const struct protocol protocols[API_COUNT] = {
        [API_RESPONSES] = {.buffered = put_run, .is_answer = is_response},
        [API_MESSAGES] = {.buffered = put_run, .is_answer = is_message},
        [API_GEMINI] = {.buffered = put_run, .is_answer = is_gemini},
    };
    return &protocols[provider];
}
