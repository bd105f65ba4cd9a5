/* Converts a provider's answer to the run gateway's API.
 *
 * Clients of the run gateway never stream, so the provider is not asked for a stream either. The usage of a
 * buffered answer is complete, and a failure keeps its status to the last byte. */
#include "protocol/runs/run_response.h"

#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "format/json_write.h"
#include "protocol/json_pieces.h"
#include "protocol/protocol.h"

static struct json_value first_of(struct json_value list)
{
    struct json_value rest = json_elements(list), first = {0};
    return json_next_element(&rest, &first) ? first : (struct json_value){0};
}

/* Content is usually a string. If it is a list of parts, their texts are joined. */
static void put_content(struct json_writer *writer, struct json_value content)
{
    struct json_value rest = json_elements(content), part;
    struct buffer text;
    buffer_init(&text, content.length);
    bool whole = take_inside(&text, content);
    while (json_next_element(&rest, &part))
        whole = take_inside(&text, json_get(part, "text")) && whole;
    writer->ok = writer->ok && whole;
    write_inside(writer, "content", &text);
    buffer_free(&text);
}

/* Returns the arguments as an object. Most servers send the object as text, some send it directly. Invalid
 * arguments, which models sometimes write, are absent. */
static struct json_value read_arguments(struct arena *arena, struct json_value arguments)
{
    struct json_value text = {0}, root;
    struct json_fault fault;
    if (json_kind(arguments) == JSON_OBJECT)
        return arguments;
    text.at = json_string(arena, arguments, &text.length);
    bool good = text.at && json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault);
    return good ? root : (struct json_value){0};
}

static void put_arguments(struct json_writer *call, struct json_value object)
{
    struct json_value rest = json_members(object);
    struct json_member member;
    size_t count = 0;
    json_put_name(call, "arguments");
    write_text(call, "[");
    while (json_next_member(&rest, &member)) {
        struct json_writer argument = write_element(call, &count);
        write_value(&argument, "name", member.name);
        write_value(&argument, "value", member.value);
        json_write_end(&argument);
    }
    write_text(call, "]");
}

static void put_calls(struct json_writer *writer, struct arena *arena, struct json_value calls)
{
    struct json_value rest = json_elements(calls), call;
    size_t count = 0;
    json_put_name(writer, "tool_calls");
    write_text(writer, "[");
    while (json_next_element(&rest, &call)) {
        struct json_value function = json_get(call, "function"), name = json_get(function, "name");
        if (json_kind(name) != JSON_STRING)
            continue;
        struct json_writer item = write_element(writer, &count);
        write_value(&item, "name", name);
        put_arguments(&item, read_arguments(arena, json_get(function, "arguments")));
        json_write_end(&item);
    }
    write_text(writer, "]");
}

static bool is_written(const struct json_writer *writer, struct failure *why)
{
    return writer->ok || fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is larger than can be held");
}

bool run_response_chat(struct arena *arena, struct json_value answer, struct buffer *out, struct failure *why)
{
    struct json_value message = json_get(first_of(json_get(answer, "choices")), "message");
    if (json_kind(message) != JSON_OBJECT)
        return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer has no message");
    struct json_writer writer = json_write_begin(out);
    put_content(&writer, json_get(message, "content"));
    put_calls(&writer, arena, json_get(message, "tool_calls"));
    json_write_end(&writer);
    return is_written(&writer, why);
}

const char *run_response_no_model(struct arena *arena, bool embedding, const char *model)
{
    return arena_format(arena, "The model %.200s is not supported by Ridges for %s.", model,
                        embedding ? "embedding" : "inference");
}

bool run_response_embedding(struct json_value answer, struct buffer *out, struct failure *why)
{
    struct json_value embedding = json_get(first_of(json_get(answer, "data")), "embedding");
    if (json_kind(embedding) != JSON_ARRAY)
        return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer has no embedding");
    struct json_writer writer = json_write_begin(out);
    write_value(&writer, "embedding", embedding);
    json_write_end(&writer);
    return is_written(&writer, why);
}

/* In both functions `state` is the arena of the exchange. */
static bool buffered_chat(struct protocol_context *context, struct json_value answer,
                          const struct token_usage *usage, struct buffer *out, struct failure *why)
{
    (void)usage;
    return run_response_chat(context->state, answer, out, why);
}

static bool buffered_embedding(struct protocol_context *context, struct json_value answer,
                               const struct token_usage *usage, struct buffer *out, struct failure *why)
{
    (void)context;
    (void)usage;
    return run_response_embedding(answer, out, why);
}

const struct protocol protocol_run_chat = {.buffered = buffered_chat};
const struct protocol protocol_run_embedding = {.buffered = buffered_embedding};
