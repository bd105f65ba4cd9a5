/* Sends a short chat to a provider and measures the answer.
 *
 * The chat takes the same code path as a client's request, from the provider's parameters to the parsing of
 * the answer, but has no client. */
#include "cli/probe.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/services.h"
#include "config/settings.h"
#include "errors/failure_map.h"
#include "format/json.h"
#include "format/json_write.h"
#include "format/sse.h"
#include "protocol/conversation_build.h"
#include "protocol/dialect_sides.h"
#include "protocol/dialects/conversion.h"
#include "protocol/model_request.h"
#include "protocol/stream.h"
#include "provider/provider.h"
#include "routing/target.h"
#include "upstream/upstream.h"
#include "usage/provider_json.h"
#include "usage/token_usage.h"

#define BODY_MAX 4096
#define CHAT                                                                                                 \
    "\"messages\":[{\"role\":\"user\",\"content\":\"Answer with the one word: ready\"}],\"max_tokens\":32"

/* The current exchange. */
struct chat {
    struct probe *probe;
    const struct target *target;
    struct arena *arena;
    struct upstream *upstream;
    struct sse_parser parser;
    struct stream stream;
    int64_t started_us;
    struct conversion *conversion; /* for a provider that does not speak chat completions; NULL: it does */
};

static int64_t since(const struct chat *chat)
{
    return clock_monotonic_us() - chat->started_us;
}

static bool explain(const struct chat *chat, struct json_value body)
{
    const struct provider_settings *provider = chat->target->provider;
    const struct upstream_answer *answer = upstream_answer(chat->upstream);
    struct provider_answer error = {
        .status = answer->head.status,
        .head = &answer->head,
        .body = body,
        .provider = provider->preset_name ? provider->preset_name : provider->name,
        .secrets = {&provider->api_key, 1},
    };
    return failure_map(&chat->probe->why, &error);
}

/* Appends text to the probe's, as far as it fits. */
static void note_text(const struct chat *chat, const char *content)
{
    char *text = chat->probe->text;
    size_t used = strlen(text), left = PROBE_TEXT_SIZE - used;
    if (!content || !*content)
        return;
    if (chat->probe->first_content_us < 0)
        chat->probe->first_content_us = since(chat);
    memccpy(text + used, content, '\0', left);
    text[PROBE_TEXT_SIZE - 1] = '\0';
}

/* Notes the content of the first choice. */
static void note_content(const struct chat *chat, const struct provider_json *json, const char *member)
{
    struct json_value rest = json_elements(json->members[MEMBER_CHOICES]), choice;
    if (json_next_element(&rest, &choice))
        note_text(chat, json_string(chat->arena, json_get(json_get(choice, member), "content"), NULL));
}

/* Notes the text of an answer in another dialect. */
static void note_converted(const struct chat *chat, answer_read *read, struct json_value json)
{
    struct answer *answer = &chat->conversion->writer.answer;
    struct failure ignored;
    answer->events = NULL;
    *chat->probe->text = '\0';
    if (!read(answer, json, &ignored))
        return;
    for (size_t i = 0; i < answer->count; i++) {
        const struct buffer *text = &answer->items[i]->text;
        struct json_value quoted = quote_inside(chat->arena, text->bytes, text->length);
        if (answer->items[i]->kind == ANSWER_TEXT)
            note_text(chat, json_string(chat->arena, quoted, NULL));
    }
}

/* ---- a buffered answer ---- */

static bool read_buffered(const struct chat *chat)
{
    const struct upstream_answer *answer = upstream_answer(chat->upstream);
    struct json_value body = {answer->body.bytes, answer->body.length}, root;
    struct json_fault fault;
    struct failure *why = &chat->probe->why;
    if (answer->head.status < 200 || answer->head.status > 299)
        return explain(chat, body);
    if (!body.length || !json_check(body, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is not JSON");
    struct provider_json json = provider_json_read(root);
    if (provider_json_is_error(&json) || provider_json_has_failed_choice(&json))
        return explain(chat, body);
    token_usage_read(&json, &chat->probe->usage);
    if (chat->conversion && !chat->conversion->provider->is_answer(root))
        return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer has no content");
    if (chat->conversion) {
        note_converted(chat, chat->conversion->provider->read_body, root);
        return true;
    }
    if (!provider_json_has_choices(&json))
        return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer has no choices");
    note_content(chat, &json, "message");
    return true;
}

static bool wait_buffered(const struct chat *chat)
{
    while (!upstream_answer(chat->upstream)->ended)
        if (upstream_wait(chat->upstream, -1, &chat->probe->why) == UPSTREAM_FAILED)
            return false;
    return read_buffered(chat);
}

/* ---- a stream ---- */

static bool read_event(struct chat *chat, const struct sse_event *event)
{
    struct json_value data = {event->data ? event->data : event->raw,
                              event->data ? event->data_length : event->raw_length},
                      root;
    struct json_fault fault;
    if (stream_look(&chat->stream, event) == STREAM_ERROR)
        return explain(chat, data);
    chat->probe->frames += event->data != NULL;
    if (event->data && json_check(data, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault)) {
        struct provider_json json = provider_json_read(root);
        if (chat->conversion && json_kind(root) == JSON_OBJECT)
            note_converted(chat, chat->conversion->provider->read_frame, root);
        else
            note_content(chat, &json, "delta");
    }
    return true;
}

static bool read_events(struct chat *chat)
{
    struct buffer *body = &upstream_answer(chat->upstream)->body;
    struct sse_event event;
    while (body->length) {
        size_t space = sse_room(&chat->parser), part = body->length < space ? body->length : space;
        if (!part || !sse_feed(&chat->parser, body->bytes, part))
            return fail(&chat->probe->why, FAILURE_BAD_RESPONSE, "an event of the provider is too large");
        buffer_consume(body, part);
        while (sse_next(&chat->parser, &event))
            if (!read_event(chat, &event))
                return false;
    }
    return true;
}

/* Waits for the end of the stream. The stream is complete when the provider's end event arrives, not when the
 * connection is closed. */
static bool wait_stream(struct chat *chat)
{
    const struct upstream_answer *answer = upstream_answer(chat->upstream);
    struct failure *why = &chat->probe->why;
    while (!answer->ended && !chat->stream.done) {
        if (upstream_wait(chat->upstream, -1, why) == UPSTREAM_FAILED)
            return false;
        bool streams = answer->headers_done && answer->head.status >= 200 && answer->head.status <= 299;
        if (streams && !read_events(chat))
            return false;
    }
    if (answer->head.status < 200 || answer->head.status > 299)
        return explain(chat, (struct json_value){answer->body.bytes, answer->body.length});
    chat->probe->usage = stream_usage(&chat->stream);
    if (!chat->probe->frames)
        return fail(why, FAILURE_BAD_RESPONSE, "the provider answered without streaming");
    return stream_is_complete(&chat->stream) ||
           fail(why, FAILURE_UPSTREAM_CUT, "the provider ended the stream before the answer was complete");
}

/* ---- the exchange ---- */

/* Writes the body as a client would, and adds the parameters in the target's name. */
static bool write_chat(struct chat *chat, bool stream, struct buffer *body, struct model_request *request)
{
    const struct target *target = chat->target;
    struct failure *why = &chat->probe->why;
    struct json_writer writer = json_write_begin(body);
    json_put_string(&writer, "model", target->model);
    bool fits = buffer_append(body, "," CHAT, sizeof CHAT);
    if (stream)
        json_put_bool(&writer, "stream", true);
    json_write_end(&writer);
    if (!fits || !writer.ok)
        return fail(why, FAILURE_BAD_REQUEST, "the model's name is too long");
    return model_request_read(request, chat->arena, body, JSON_DEPTH_MAX, why) &&
           model_request_add_members(request, chat->arena, target->parameters, target->parameter_count, why);
}

/* Converts the request for a provider that does not speak chat completions. */
static bool convert(struct chat *chat, const struct settings *settings, struct model_request *request,
                    struct provider_ask *ask)
{
    const struct api_list *apis = &chat->target->provider->apis;
    if (!apis->count || api_list_has(apis, API_CHAT))
        return true;
    chat->conversion = arena_alloc(chat->arena, sizeof *chat->conversion);
    if (!conversion_open(chat->conversion, chat->arena, API_CHAT, apis->items[0], settings, chat->target,
                         request, NULL, &chat->probe->why))
        return false;
    ask->api = apis->items[0];
    ask->path = conversion_path(chat->conversion, ask->stream);
    ask->completion = chat->conversion->provider->completion;
    return true;
}

static bool send_and_wait(struct chat *chat, const struct services *services,
                          struct model_request *model_request, bool stream)
{
    struct provider_request request;
    struct provider_ask ask = {.path = "/chat/completions",
                               .model = chat->target->model,
                               .body = &model_request->body,
                               .completion = true,
                               .stream = stream};
    if (!convert(chat, services->settings, model_request, &ask) ||
        !provider_prepare(chat->target->provider, &ask, chat->arena, &request, &chat->probe->why))
        return false;
    request.upstream.limits.answer_max = (size_t)services->settings->answer_max;
    chat->probe->url = request.upstream.url;
    stream_open(&chat->stream, request.strip_usage, 1);
    sse_open(&chat->parser, (size_t)services->settings->event_max);
    chat->started_us = clock_monotonic_us();
    upstream_start(chat->upstream, &request.upstream);
    bool good = stream ? wait_stream(chat) : wait_buffered(chat);
    const struct upstream_answer *answer = upstream_answer(chat->upstream);
    chat->probe->total_us = since(chat);
    chat->probe->status = answer->head.status;
    chat->probe->connect_us = answer->head.connect_us;
    chat->probe->first_byte_us = answer->head.first_byte_us;
    upstream_stop(chat->upstream);
    sse_close(&chat->parser);
    return good;
}

bool probe_chat(const struct services *services, const struct target *target, struct arena *arena,
                bool stream, struct probe *probe)
{
    struct chat chat = {.probe = probe, .target = target, .arena = arena, .upstream = services->upstream};
    struct buffer body;
    struct model_request model_request;
    *probe = (struct probe){.usage = token_usage_unknown()};
    probe->connect_us = probe->first_byte_us = probe->first_content_us = probe->total_us = -1;
    buffer_init(&body, BODY_MAX);
    bool good = write_chat(&chat, stream, &body, &model_request) &&
                send_and_wait(&chat, services, &model_request, stream);
    buffer_free(&body);
    return good;
}
