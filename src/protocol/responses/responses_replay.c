/* Writes a buffered response of a provider that speaks the Responses API as the events of a stream.
 *
 * API reference, "Streaming events". Clients build the response from the first event and add the items, parts
 * and deltas that follow, so these begin empty; other clients read only the "done" events, which are whole.
 */
#include "protocol/responses/responses_replay.h"
#include "protocol/dialect_parts.h"

#include <stddef.h>
#include <string.h>

#include "base/buffer.h"
#include "base/failure.h"
#include "format/json_write.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"

struct replay {
    struct json_writer out;
    size_t start; /* of the current event's data */
    int64_t sequence;
};

/* A member that is written with another value. */
struct change {
    const char *name, *value; /* the value is JSON */
};

static struct json_writer begin_event(struct replay *replay, const char *type)
{
    struct json_writer event = frame_begin(&replay->out, type, &replay->start);
    json_put_count(&event, "sequence_number", replay->sequence++);
    return event;
}

static void end_event(struct replay *replay, struct json_writer *event)
{
    frame_end(&replay->out, replay->start, event);
}

static const struct change *change_of(struct json_value name, const struct change *changes)
{
    while (changes->name && !json_name_is(name, changes->name))
        changes++;
    return changes->name ? changes : NULL;
}

/* Writes the object as the member `name`, with changed values for some of its own members. */
static void put_changed(struct json_writer *event, const char *name, struct json_value object,
                        const struct change *changes)
{
    struct json_writer writer = json_put_object(event, name);
    struct json_value rest = json_members(object);
    struct json_member member;
    while (json_next_member(&rest, &member)) {
        const struct change *change = change_of(member.name, changes);
        if (change)
            member.value = (struct json_value){change->value, strlen(change->value)};
        write_member(&writer, &member);
    }
    json_write_end(&writer);
}

static const struct change unchanged[] = {{NULL, NULL}};
static const struct change response_begins[] = {
    {"status", "\"in_progress\""}, {"output", "[]"}, {"usage", "null"}, {NULL, NULL}};
static const struct change message_begins[] = {
    {"status", "\"in_progress\""}, {"content", "[]"}, {NULL, NULL}};
static const struct change call_begins[] = {
    {"status", "\"in_progress\""}, {"arguments", "\"\""}, {"input", "\"\""}, {NULL, NULL}};
static const struct change part_begins[] = {{"text", "\"\""}, {"refusal", "\"\""}, {NULL, NULL}};

static void put_response(struct replay *replay, const char *type, struct json_value response,
                         const struct change *changes)
{
    struct json_writer event = begin_event(replay, type);
    put_changed(&event, "response", response, changes);
    end_event(replay, &event);
}

static void put_item(struct replay *replay, const char *type, int64_t index, struct json_value item,
                     const struct change *changes)
{
    struct json_writer event = begin_event(replay, type);
    json_put_count(&event, "output_index", index);
    put_changed(&event, "item", item, changes);
    end_event(replay, &event);
}

/* The place of an item, or of a part of a message. */
struct spot {
    struct json_value item_id;
    int64_t item, part; /* indices; `part` -1: the item itself */
};

static struct json_writer begin_spot(struct replay *replay, const char *type, const struct spot *spot)
{
    struct json_writer event = begin_event(replay, type);
    write_value(&event, "item_id", spot->item_id);
    json_put_count(&event, "output_index", spot->item);
    if (spot->part >= 0)
        json_put_count(&event, "content_index", spot->part);
    return event;
}

static void put_part(struct replay *replay, const char *type, const struct spot *spot, struct json_value part,
                     const struct change *changes)
{
    struct json_writer event = begin_spot(replay, type, spot);
    put_changed(&event, "part", part, changes);
    end_event(replay, &event);
}

/* Writes a text as one delta, and the event that repeats it as a whole. */
static void put_text(struct replay *replay, const struct spot *spot, const char *delta, const char *done,
                     const char *name, struct json_value text)
{
    if (json_kind(text) != JSON_STRING)
        return;
    struct json_writer event = begin_spot(replay, delta, spot);
    write_value(&event, "delta", text);
    end_event(replay, &event);
    event = begin_spot(replay, done, spot);
    write_value(&event, name, text);
    end_event(replay, &event);
}

static void put_message(struct replay *replay, struct spot spot, struct json_value message)
{
    struct json_value rest = json_elements(json_get(message, "content")), part;
    for (spot.part = 0; json_next_element(&rest, &part); spot.part++) {
        put_part(replay, "response.content_part.added", &spot, part, part_begins);
        put_text(replay, &spot, "response.output_text.delta", "response.output_text.done", "text",
                 json_get(part, "text"));
        put_text(replay, &spot, "response.refusal.delta", "response.refusal.done", "refusal",
                 json_get(part, "refusal"));
        put_part(replay, "response.content_part.done", &spot, part, unchanged);
    }
}

static void put_output(struct replay *replay, int64_t index, struct json_value item)
{
    struct json_value type = json_get(item, "type");
    struct spot spot = {json_get(item, "id"), index, -1};
    bool is_message = is_word(type, "message"), is_function = is_word(type, "function_call");
    bool is_custom = is_word(type, "custom_tool_call");
    put_item(replay, "response.output_item.added", index, item,
             is_message                 ? message_begins
             : is_function || is_custom ? call_begins
                                        : unchanged);
    if (is_message)
        put_message(replay, spot, item);
    if (is_function)
        put_text(replay, &spot, "response.function_call_arguments.delta",
                 "response.function_call_arguments.done", "arguments", json_get(item, "arguments"));
    if (is_custom)
        put_text(replay, &spot, "response.custom_tool_call_input.delta",
                 "response.custom_tool_call_input.done", "input", json_get(item, "input"));
    put_item(replay, "response.output_item.done", index, item, unchanged);
}

bool responses_replay(struct json_value response, struct buffer *out, struct failure *why)
{
    struct replay replay = {.out = {.buffer = out, .ok = true}};
    struct json_value rest = json_elements(json_get(response, "output")), item;
    bool is_incomplete = is_word(json_get(response, "status"), "incomplete");
    put_response(&replay, "response.created", response, response_begins);
    put_response(&replay, "response.in_progress", response, response_begins);
    for (int64_t index = 0; json_next_element(&rest, &item); index++)
        put_output(&replay, index, item);
    put_response(&replay, is_incomplete ? "response.incomplete" : "response.completed", response, unchanged);
    return replay.out.ok ||
           fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is larger than can be held");
}
