/* One short chat with a provider, to see how it goes.
 *
 * What is asked goes through the same steps as a client's request, from its parameters to the reading of the
 * answer; only that nobody waits at the other end. */
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
#include "protocol/model_request.h"
#include "protocol/stream.h"
#include "provider/provider.h"
#include "routing/target.h"
#include "upstream/upstream.h"
#include "usage/provider_json.h"
#include "usage/token_usage.h"

#define BODY_MAX 4096
#define QUESTION                                                                                             \
    "\"messages\":[{\"role\":\"user\",\"content\":\"Answer with the one word: ready\"}],\"max_tokens\":32"

/* One exchange while it lasts. */
struct talk {
    struct probe *probe;
    const struct target *target;
    struct arena *arena;
    struct upstream *upstream;
    struct sse_parser parser;
    struct stream stream;
    int64_t started_us;
};

static int64_t since(const struct talk *talk)
{
    return clock_monotonic_us() - talk->started_us;
}

static bool explain(const struct talk *talk, struct json_value body)
{
    const struct provider_settings *provider = talk->target->provider;
    const struct upstream_answer *answer = upstream_answer(talk->upstream);
    struct provider_answer given = {
        .status = answer->head.status,
        .head = &answer->head,
        .body = body,
        .provider = provider->preset_name ? provider->preset_name : provider->name,
        .secrets = {&provider->api_key, 1},
    };
    return failure_map(&talk->probe->why, &given);
}

/* What the first choice says, as far as there is room; it is shown, and no more. */
static void note_words(const struct talk *talk, const struct provider_json *said, const char *member)
{
    struct json_value rest = json_elements(said->members[MEMBER_CHOICES]), choice;
    if (!json_next_element(&rest, &choice))
        return;
    const char *words = json_string(talk->arena, json_get(json_get(choice, member), "content"), NULL);
    char *text = talk->probe->said;
    size_t used = strlen(text), room = PROBE_SAID_SIZE - used;
    if (!words || !*words)
        return;
    if (talk->probe->first_content_us < 0)
        talk->probe->first_content_us = since(talk);
    memccpy(text + used, words, '\0', room);
    text[PROBE_SAID_SIZE - 1] = '\0';
}

/* ---- an answer in one piece ---- */

static bool take_whole(const struct talk *talk)
{
    const struct upstream_answer *answer = upstream_answer(talk->upstream);
    struct json_value body = {answer->body.bytes, answer->body.length}, root;
    struct json_fault fault;
    struct failure *why = &talk->probe->why;
    if (answer->head.status < 200 || answer->head.status > 299)
        return explain(talk, body);
    if (!body.length || !json_check(body, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is not JSON");
    struct provider_json said = provider_json_read(root);
    if (provider_json_is_error(&said))
        return explain(talk, body);
    if (!provider_json_has_choices(&said))
        return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer has no choices");
    token_usage_read(&said, &talk->probe->usage);
    note_words(talk, &said, "message");
    return true;
}

static bool wait_whole(const struct talk *talk)
{
    while (!upstream_answer(talk->upstream)->ended)
        if (upstream_wait(talk->upstream, NULL, 0, -1, &talk->probe->why) == UPSTREAM_FAILED)
            return false;
    return take_whole(talk);
}

/* ---- a stream ---- */

static bool take_event(struct talk *talk, const struct sse_event *event)
{
    struct json_value data = {event->data ? event->data : event->raw,
                              event->data ? event->data_length : event->raw_length},
                      root;
    struct json_fault fault;
    if (stream_look(&talk->stream, event) == STREAM_ERROR)
        return explain(talk, data);
    talk->probe->frames += event->data != NULL;
    if (event->data && json_check(data, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault)) {
        struct provider_json said = provider_json_read(root);
        note_words(talk, &said, "delta");
    }
    return true;
}

static bool take_events(struct talk *talk)
{
    struct buffer *body = &upstream_answer(talk->upstream)->body;
    struct sse_event event;
    while (body->length) {
        size_t room = sse_room(&talk->parser), part = body->length < room ? body->length : room;
        if (!part || !sse_feed(&talk->parser, body->bytes, part))
            return fail(&talk->probe->why, FAILURE_BAD_RESPONSE, "an event of the provider is too large");
        buffer_consume(body, part);
        while (sse_next(&talk->parser, &event))
            if (!take_event(talk, &event))
                return false;
    }
    return true;
}

/* The end of the connection says nothing: only the provider's own end does. */
static bool wait_stream(struct talk *talk)
{
    const struct upstream_answer *answer = upstream_answer(talk->upstream);
    struct failure *why = &talk->probe->why;
    while (!answer->ended && !talk->stream.done) {
        if (upstream_wait(talk->upstream, NULL, 0, -1, why) == UPSTREAM_FAILED)
            return false;
        bool streams = answer->headers_done && answer->head.status >= 200 && answer->head.status <= 299;
        if (streams && !take_events(talk))
            return false;
    }
    if (answer->head.status < 200 || answer->head.status > 299)
        return explain(talk, (struct json_value){answer->body.bytes, answer->body.length});
    talk->probe->usage = talk->stream.usage;
    if (!talk->probe->frames)
        return fail(why, FAILURE_BAD_RESPONSE, "the provider answered without streaming");
    return stream_is_complete(&talk->stream) ||
           fail(why, FAILURE_UPSTREAM_CUT, "the provider ended the stream before the answer was complete");
}

/* ---- the exchange ---- */

/* The body as a client would write it, with what the model's name says besides. */
static bool write_chat(struct talk *talk, bool stream, struct buffer *body, struct model_request *request)
{
    const struct target *target = talk->target;
    struct failure *why = &talk->probe->why;
    struct json_writer writer = json_write_begin(body);
    json_put_string(&writer, "model", target->model);
    bool whole = buffer_append(body, "," QUESTION, sizeof QUESTION);
    if (stream)
        json_put_bool(&writer, "stream", true);
    json_write_end(&writer);
    return (whole && writer.ok) ? model_request_read(request, talk->arena, body, JSON_DEPTH_MAX, why) &&
                                      model_request_add_members(request, talk->arena, target->parameters,
                                                                target->parameter_count, why)
                                : fail(why, FAILURE_BAD_REQUEST, "the model's name is too long");
}

static bool ask(struct talk *talk, const struct services *services, struct model_request *model_request,
                bool stream)
{
    struct provider_request request;
    struct provider_ask ask = {.path = "/chat/completions",
                               .model = talk->target->model,
                               .body = &model_request->body,
                               .completion = true,
                               .stream = stream};
    if (!provider_prepare(talk->target->provider, &ask, talk->arena, &request, &talk->probe->why))
        return false;
    request.upstream.limits.answer_max = (size_t)services->settings->answer_max;
    talk->probe->url = request.upstream.url;
    stream_open(&talk->stream, request.strip_usage);
    sse_open(&talk->parser, (size_t)services->settings->event_max);
    talk->started_us = clock_monotonic_us();
    upstream_start(talk->upstream, &request.upstream);
    bool good = stream ? wait_stream(talk) : wait_whole(talk);
    const struct upstream_answer *answer = upstream_answer(talk->upstream);
    talk->probe->total_us = since(talk);
    talk->probe->status = answer->head.status;
    talk->probe->connect_us = answer->head.connect_us;
    talk->probe->first_byte_us = answer->head.first_byte_us;
    upstream_stop(talk->upstream);
    sse_close(&talk->parser);
    return good;
}

bool probe_chat(const struct services *services, const struct target *target, struct arena *arena,
                bool stream, struct probe *probe)
{
    struct talk talk = {.probe = probe, .target = target, .arena = arena, .upstream = services->upstream};
    struct buffer body;
    struct model_request model_request;
    *probe = (struct probe){.usage = token_usage_unknown()};
    probe->connect_us = probe->first_byte_us = probe->first_content_us = probe->total_us = -1;
    buffer_init(&body, BODY_MAX);
    bool good = write_chat(&talk, stream, &body, &model_request) &&
                ask(&talk, services, &model_request, stream);
    buffer_free(&body);
    return good;
}
