/* Writes a whole message of the Messages API as the events of a stream.
 *
 * API reference, "Streaming messages". Clients build the message from its first event and the deltas, so
 * texts, thinking and the input of tools begin empty; a block of any other kind comes whole. */
#include "protocol/messages/messages_replay.h"
#include "protocol/dialect_parts.h"

#include <string.h>

#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"

struct replay {
    struct json_writer out;
    size_t start; /* of the current event's data */
};

static struct json_writer begin_event(struct replay *replay, const char *type)
{
    return frame_begin(&replay->out, type, &replay->start);
}

static void end_event(struct replay *replay, struct json_writer *event)
{
    frame_end(&replay->out, replay->start, event);
}

/* Copies the object, but for the members that later events bring. */
static void put_without(struct json_writer *event, const char *name, struct json_value object,
                        const char *emptied, const char *empty)
{
    struct json_writer writer = json_put_object(event, name);
    struct json_value rest = json_members(object);
    struct json_member member;
    while (json_next_member(&rest, &member)) {
        if (json_name_is(member.name, emptied))
            member.value = (struct json_value){empty, strlen(empty)};
        if (json_name_is(member.name, "stop_reason") || json_name_is(member.name, "stop_sequence"))
            member.value = (struct json_value){"null", 4};
        write_member(&writer, &member);
    }
    json_write_end(&writer);
}

static void put_delta(struct replay *replay, int64_t index, const char *type, const char *name,
                      struct json_value value)
{
    struct json_writer event = begin_event(replay, "content_block_delta");
    json_put_count(&event, "index", index);
    struct json_writer delta = json_put_object(&event, "delta");
    json_put_string(&delta, "type", type);
    if (strcmp(name, "partial_json") != 0) {
        write_value(&delta, name, value);
    } else {
        json_put_name(&delta, name);
        delta.ok = delta.ok && json_quote(delta.buffer, value.at, value.length);
    }
    json_write_end(&delta);
    end_event(replay, &event);
}

static const struct kind {
    const char *type, *member, *empty, *delta, *name;
} kinds[] = {
    {"text", "text", "\"\"", "text_delta", "text"},
    {"thinking", "thinking", "\"\"", "thinking_delta", "thinking"},
    {"tool_use", "input", "{}", "input_json_delta", "partial_json"},
    {"server_tool_use", "input", "{}", "input_json_delta", "partial_json"},
    {NULL, "", "", NULL, NULL},
};

static void put_block(struct replay *replay, int64_t index, struct json_value block)
{
    const struct kind *kind = kinds;
    struct json_value type = json_get(block, "type"), signature = json_get(block, "signature");
    while (kind->type && !is_word(type, kind->type))
        kind++;
    struct json_writer event = begin_event(replay, "content_block_start");
    json_put_count(&event, "index", index);
    put_without(&event, "content_block", block, kind->member, kind->empty);
    end_event(replay, &event);
    if (kind->type && json_get(block, kind->member).at)
        put_delta(replay, index, kind->delta, kind->name, json_get(block, kind->member));
    if (is_word(type, "thinking") && is_filled(signature))
        put_delta(replay, index, "signature_delta", "signature", signature);
    event = begin_event(replay, "content_block_stop");
    json_put_count(&event, "index", index);
    end_event(replay, &event);
}

static void put_end(struct replay *replay, struct json_value message)
{
    struct json_writer event = begin_event(replay, "message_delta");
    struct json_writer delta = json_put_object(&event, "delta");
    write_value(&delta, "stop_reason", json_get(message, "stop_reason"));
    write_value(&delta, "stop_sequence", json_get(message, "stop_sequence"));
    json_write_end(&delta);
    write_value(&event, "usage", json_get(message, "usage"));
    end_event(replay, &event);
    event = begin_event(replay, "message_stop");
    end_event(replay, &event);
}

bool messages_replay(struct json_value message, struct buffer *out, struct failure *why)
{
    struct replay replay = {.out = {.buffer = out, .ok = true}};
    struct json_value rest = json_elements(json_get(message, "content")), block;
    struct json_writer event = begin_event(&replay, "message_start");
    put_without(&event, "message", message, "content", "[]");
    end_event(&replay, &event);
    for (int64_t index = 0; json_next_element(&rest, &block); index++)
        put_block(&replay, index, block);
    put_end(&replay, message);
    return replay.out.ok ||
           fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is larger than can be held");
}
