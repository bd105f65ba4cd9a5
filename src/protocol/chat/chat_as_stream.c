/* Writes a buffered completion as the one chunk of a stream.
 *
 * The members of the answer are copied, so that unknown ones survive. Only what differs between an answer and
 * a chunk is written anew (API reference, "The chat completion object" and "... chunk object"): the name of
 * the object, "message", which becomes "delta", and the index of each tool call. */
#include "protocol/chat/chat_as_stream.h"

#include "base/buffer.h"
#include "base/failure.h"
#include "format/json_write.h"
#include "protocol/json_pieces.h"

#define END "\n\ndata: [DONE]\n\n"

static bool fail_without_room(struct failure *why)
{
    return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is larger than can be held");
}

typedef void put_element(struct json_writer *list, size_t *count, struct json_value element);

static void put_list(struct json_writer *writer, const char *name, struct json_value list, put_element *put)
{
    struct json_value rest = json_elements(list), element;
    size_t count = 0;
    json_put_name(writer, name);
    write_text(writer, "[");
    while (json_next_element(&rest, &element))
        put(writer, &count, element);
    write_text(writer, "]");
}

/* Clients join the pieces of calls by their index, so each call needs one of its own. */
static void put_call(struct json_writer *list, size_t *count, struct json_value call)
{
    int64_t index = (int64_t)*count;
    if (json_kind(call) != JSON_OBJECT)
        return;
    struct json_writer object = write_element(list, count);
    json_put_count(&object, "index", index);
    struct json_value rest = json_members(call);
    struct json_member member;
    while (json_next_member(&rest, &member))
        if (!json_name_is(member.name, "index"))
            write_member(&object, &member);
    json_write_end(&object);
}

static void put_delta(struct json_writer *choice, struct json_value message)
{
    struct json_writer delta = json_put_object(choice, "delta");
    struct json_value rest = json_members(message);
    struct json_member member;
    while (json_next_member(&rest, &member))
        if (json_name_is(member.name, "tool_calls") && json_kind(member.value) == JSON_ARRAY)
            put_list(&delta, "tool_calls", member.value, put_call);
        else
            write_member(&delta, &member);
    json_write_end(&delta);
}

/* A buffered answer is complete even if its provider does not say why it ended. */
static void put_finish(struct json_writer *choice, struct json_value reason, struct json_value message)
{
    struct json_value calls = json_elements(json_get(message, "tool_calls")), call;
    if (is_filled(reason))
        write_value(choice, "finish_reason", reason);
    else
        json_put_string(choice, "finish_reason", json_next_element(&calls, &call) ? "tool_calls" : "stop");
}

static void put_choice(struct json_writer *list, size_t *count, struct json_value choice)
{
    int64_t index = (int64_t)*count;
    struct json_value message = json_get(choice, "message"), reason = json_get(choice, "finish_reason");
    if (!message.at)
        message = json_get(choice, "delta");
    struct json_writer object = write_element(list, count);
    if (!json_get(choice, "index").at)
        json_put_count(&object, "index", index);
    struct json_value rest = json_members(choice);
    struct json_member member;
    while (json_next_member(&rest, &member))
        if (!json_name_is(member.name, "message") && !json_name_is(member.name, "delta") &&
            !json_name_is(member.name, "finish_reason"))
            write_member(&object, &member);
    if (message.at)
        put_delta(&object, message);
    put_finish(&object, reason, message);
    json_write_end(&object);
}

static bool put_chunk(struct json_value answer, const char *object, struct buffer *out, struct failure *why)
{
    if (!buffer_append(out, "data: ", 6))
        return fail_without_room(why);
    size_t start = out->length;
    struct json_writer chunk = json_write_begin(out);
    struct json_value rest = json_members(answer);
    struct json_member member;
    while (json_next_member(&rest, &member))
        if (json_name_is(member.name, "choices"))
            put_list(&chunk, "choices", member.value, put_choice);
        else if (!json_name_is(member.name, "object"))
            write_member(&chunk, &member);
    json_put_string(&chunk, "object", object);
    json_write_end(&chunk);
    join_lines(out, start);
    return (chunk.ok && buffer_append(out, END, sizeof END - 1)) || fail_without_room(why);
}

bool chat_put_as_stream(struct protocol_context *context, struct json_value answer,
                        const struct token_usage *usage, struct buffer *out, struct failure *why)
{
    (void)context;
    (void)usage; /* stands in the answer */
    return put_chunk(answer, "chat.completion.chunk", out, why);
}

bool completion_put_as_stream(struct protocol_context *context, struct json_value answer,
                              const struct token_usage *usage, struct buffer *out, struct failure *why)
{
    (void)context;
    (void)usage;
    return put_chunk(answer, "text_completion", out, why);
}
