/* Converts the items of a Responses request to the messages of a chat request.
 *
 * A turn of the assistant is several items (reasoning, message, calls) in a Responses request but one message
 * in a chat request, so items are collected until an item of another role ends the turn. The chat completions
 * API refuses an empty list of calls, and accepts a null content only beside calls. */
#include "protocol/responses/responses_input.h"

#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/responses/responses_parts.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Texts without their quotes, and calls separated by commas. */
struct turn {
    struct buffer text, reasoning, calls;
    bool has_message; /* the turn has a message, possibly empty */
};

struct input {
    struct json_writer *writer;
    size_t messages;
    enum responses_reasoning form;
    struct place place;
    struct turn turn;
};

enum {
    ITEM_TYPE,
    ITEM_ROLE,
    ITEM_CONTENT,
    ITEM_TOOL_CALLS,
    ITEM_TOOL_CALL_ID,
    ITEM_CALL_ID,
    ITEM_NAME,
    ITEM_ARGUMENTS,
    ITEM_OUTPUT,
    ITEM_SUMMARY,
    ITEM_MEMBERS
};

static const char *const item_names[ITEM_MEMBERS] = {"type",         "role",    "content", "tool_calls",
                                                     "tool_call_id", "call_id", "name",    "arguments",
                                                     "output",       "summary"};

static void put_turn_text(struct json_writer *message, struct turn *turn)
{
    if (!turn->text.length && turn->calls.length)
        json_put_null(message, "content");
    else
        write_inside(message, "content", &turn->text);
}

/* Ends the assistant's turn. Writes no message for a turn that is only reasoning. */
static bool flush(struct input *input, struct failure *why)
{
    struct turn *turn = &input->turn;
    if (turn->has_message || turn->calls.length) {
        struct json_writer message = write_element(input->writer, &input->messages);
        json_put_string(&message, "role", "assistant");
        put_turn_text(&message, turn);
        if (input->form == REASONING_MEMBER && turn->reasoning.length)
            write_inside(&message, "reasoning_content", &turn->reasoning);
        if (turn->calls.length) {
            json_put_name(&message, "tool_calls");
            write_text(&message, "[");
            write_bytes(&message, turn->calls.bytes, turn->calls.length);
            write_text(&message, "]");
        }
        json_write_end(&message);
    }
    buffer_consume(&turn->text, turn->text.length);
    buffer_consume(&turn->reasoning, turn->reasoning.length);
    buffer_consume(&turn->calls, turn->calls.length);
    turn->has_message = false;
    return input->writer->ok || refuse_size(why);
}

/* ---- items of the assistant ---- */

static bool append(struct buffer *to, const char *bytes, size_t length, struct failure *why)
{
    return buffer_append(to, bytes, length) || refuse_size(why);
}

/* Moves the reasoning, in its tags, to the end of the turn's text. */
static bool put_tagged_reasoning(struct turn *turn, struct failure *why)
{
    bool good = append(&turn->text, turn->reasoning.bytes, turn->reasoning.length, why);
    buffer_consume(&turn->reasoning, turn->reasoning.length);
    return good;
}

static bool take_inline_calls(struct input *input, struct json_value calls, struct failure *why)
{
    struct json_value rest = json_elements(calls), call;
    while (json_next_element(&rest, &call)) {
        if (json_kind(call) != JSON_OBJECT)
            return refuse_at(&input->place, why, "\"tool_calls\" must be a list of objects");
        if (!append(&input->turn.calls, ",", input->turn.calls.length > 0, why) ||
            !append(&input->turn.calls, call.at, call.length, why))
            return false;
    }
    return true;
}

static bool take_assistant(struct input *input, const struct json_value *item, struct failure *why)
{
    input->turn.has_message = true;
    if (input->form == REASONING_TAGS && !put_tagged_reasoning(&input->turn, why))
        return false;
    return parts_gather(&input->turn.text, &input->place, item[ITEM_CONTENT], why) &&
           take_inline_calls(input, item[ITEM_TOOL_CALLS], why);
}

static bool take_call(struct input *input, const struct json_value *item, struct failure *why)
{
    static const char none[] = "\"{}\"";
    struct turn *turn = &input->turn;
    struct json_value arguments = item[ITEM_ARGUMENTS];
    if (!need_text(&input->place, item[ITEM_CALL_ID], "call_id", why) ||
        !need_text(&input->place, item[ITEM_NAME], "name", why))
        return false;
    if (arguments.at && json_kind(arguments) != JSON_STRING)
        return refuse_at(&input->place, why, "\"arguments\" must be a string");
    if (!is_filled(arguments))
        arguments = (struct json_value){none, sizeof none - 1}; /* an empty string is not JSON */
    if (input->form == REASONING_TAGS && !put_tagged_reasoning(turn, why))
        return false;
    size_t count = turn->calls.length > 0;
    struct json_writer list = {.buffer = &turn->calls, .ok = true}, call = write_element(&list, &count);
    write_value(&call, "id", item[ITEM_CALL_ID]);
    json_put_string(&call, "type", "function");
    struct json_writer function = json_put_object(&call, "function");
    write_value(&function, "name", item[ITEM_NAME]);
    write_value(&function, "arguments", arguments);
    json_write_end(&function);
    json_write_end(&call);
    return list.ok || refuse_size(why);
}

/* Collects each text of a list of {"type":…,"text":…}. */
static bool take_reasoning_texts(struct input *input, struct json_value list, struct failure *why)
{
    bool tags = input->form == REASONING_TAGS;
    struct buffer *to = &input->turn.reasoning;
    struct json_value rest = json_elements(list), part;
    while (json_next_element(&rest, &part)) {
        struct json_value text = json_get(part, "text");
        bool fits = !is_filled(text) ||
                    (buffer_append(to, "<think>", tags ? 7 : 0) && take_inside(to, text) &&
                     buffer_append(to, "</think>", tags ? 8 : 0));
        if (!fits)
            return refuse_size(why);
    }
    return true;
}

/* Collects the item's reasoning, or its summary if there is no reasoning. */
static bool take_reasoning(struct input *input, const struct json_value *item, struct failure *why)
{
    struct json_value content = item[ITEM_CONTENT], rest = json_elements(content), part;
    if (input->form == REASONING_LEFT_OUT)
        return true;
    return take_reasoning_texts(input, json_next_element(&rest, &part) ? content : item[ITEM_SUMMARY], why);
}

/* ---- items of other roles ---- */

static bool put_message(struct input *input, const struct json_value *item, struct failure *why)
{
    if (!flush(input, why))
        return false;
    struct json_writer message = write_element(input->writer, &input->messages);
    write_value(&message, "role", item[ITEM_ROLE]);
    if (!parts_write(&message, &input->place, item[ITEM_CONTENT], why))
        return false;
    json_write_end(&message);
    return input->writer->ok || refuse_size(why);
}

static bool put_output(struct input *input, struct json_value call_id, const char *id_name,
                       struct json_value output, struct failure *why)
{
    if (!need_text(&input->place, call_id, id_name, why) || !flush(input, why))
        return false;
    struct json_writer message = write_element(input->writer, &input->messages);
    json_put_string(&message, "role", "tool");
    write_value(&message, "tool_call_id", call_id);
    if (!parts_write_output(&message, &input->place, output, why))
        return false;
    json_write_end(&message);
    return input->writer->ok || refuse_size(why);
}

/* ---- the items ---- */

static bool take_message(struct input *input, const struct json_value *item, struct failure *why)
{
    static const char *const roles[] = {"user", "system", "developer", "assistant", "tool"};
    switch (word_index(item[ITEM_ROLE], roles, COUNT(roles))) {
    case 0:
    case 1:
    case 2:
        return put_message(input, item, why);
    case 3:
        return take_assistant(input, item, why);
    case 4:
        return put_output(input, item[ITEM_TOOL_CALL_ID], "tool_call_id", item[ITEM_CONTENT], why);
    default:
        return refuse_at(&input->place, why, "no such role: %s", shown(&input->place, item[ITEM_ROLE]));
    }
}

static bool take_item(struct input *input, struct json_value value, struct failure *why)
{
    struct json_value item[ITEM_MEMBERS];
    if (!read_members(&input->place, value, item_names, ITEM_MEMBERS, item, why))
        return false;
    struct json_value type = item[ITEM_TYPE];
    if (is_word(type, "message") || (!type.at && item[ITEM_ROLE].at))
        return take_message(input, item, why);
    if (is_word(type, "function_call"))
        return take_call(input, item, why);
    if (is_word(type, "function_call_output"))
        return put_output(input, item[ITEM_CALL_ID], "call_id", item[ITEM_OUTPUT], why);
    if (is_word(type, "reasoning"))
        return take_reasoning(input, item, why);
    if (!type.at)
        return refuse_at(&input->place, why, "an item needs a \"type\" or a \"role\"");
    return refuse_at(&input->place, why, "'%s' has no Chat Completions representation",
                     shown(&input->place, type));
}

/* True for a system or developer message that is only text. */
static bool is_guidance(struct json_value item)
{
    static const char *const names[] = {"type", "role", "content"};
    struct json_value members[COUNT(names)] = {{0}};
    json_pick(item, names, COUNT(names), members);
    bool message = json_kind(members[0]) == JSON_NONE || json_kind(members[0]) == JSON_NULL ||
                   is_word(members[0], "message");
    return message && (is_word(members[1], "system") || is_word(members[1], "developer")) &&
           parts_are_text(members[2]);
}

/* Joins the instructions and the guidance at the start of the input into one system message, because many
 * chat templates allow only one, at the start. Removes those items from `rest`. */
static bool put_instructions(struct input *input, struct json_value instructions, struct json_value *rest,
                             struct failure *why)
{
    struct buffer *text = &input->turn.text;
    struct json_value lookahead = *rest, item;
    if (!take_inside(text, instructions))
        return refuse_size(why);
    while (json_next_element(&lookahead, &item) && is_guidance(item)) {
        struct json_value members[ITEM_MEMBERS];
        input->place.index++;
        if (!read_members(&input->place, item, item_names, ITEM_MEMBERS, members, why) ||
            !append(text, "\\n\\n", 4, why) || !parts_gather(text, &input->place, members[ITEM_CONTENT], why))
            return false;
        *rest = lookahead;
    }
    struct json_writer message = write_element(input->writer, &input->messages);
    json_put_string(&message, "role", "system");
    write_inside(&message, "content", text);
    json_write_end(&message);
    buffer_consume(text, text->length);
    return input->writer->ok || refuse_size(why);
}

static void put_plain(struct input *input, struct json_value text)
{
    struct json_writer message = write_element(input->writer, &input->messages);
    json_put_string(&message, "role", "user");
    json_put_name(&message, "content");
    write_text(&message, "[{\"type\":\"text\",\"text\":");
    write_bytes(&message, text.at, text.length);
    write_text(&message, "}]");
    json_write_end(&message);
}

static bool put_all(struct input *input, struct json_value instructions, struct json_value value,
                    struct failure *why)
{
    struct json_value rest = json_elements(value), item;
    json_put_name(input->writer, "messages");
    write_text(input->writer, "[");
    if (is_filled(instructions) && !put_instructions(input, instructions, &rest, why))
        return false;
    if (json_kind(value) == JSON_STRING)
        put_plain(input, value);
    while (json_next_element(&rest, &item)) {
        input->place.index++;
        if (!take_item(input, item, why))
            return false;
    }
    if (!flush(input, why))
        return false;
    write_text(input->writer, "]");
    return input->writer->ok || refuse_size(why);
}

bool input_write(struct json_writer *writer, struct arena *arena, struct json_value instructions,
                 struct json_value value, enum responses_reasoning reasoning, struct failure *why)
{
    struct input input = {.writer = writer, .form = reasoning, .place = {arena, "input", -1}};
    if (json_kind(value) != JSON_STRING && json_kind(value) != JSON_ARRAY)
        return refuse_at(&input.place, why, "must be a string or a list of items");
    buffer_init(&input.turn.text, writer->buffer->ceiling);
    buffer_init(&input.turn.reasoning, writer->buffer->ceiling);
    buffer_init(&input.turn.calls, writer->buffer->ceiling);
    bool good = put_all(&input, instructions, value, why);
    buffer_free(&input.turn.text);
    buffer_free(&input.turn.reasoning);
    buffer_free(&input.turn.calls);
    return good;
}
