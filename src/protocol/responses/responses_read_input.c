/* Reads the items of a Responses request.
 *
 * A turn of the assistant is several items here (reasoning, message, calls), so contiguous items of the
 * assistant are one turn. Items that hosted tools leave in a history say nothing that the text beside them
 * does not, and are left out. */
#include <string.h>

#include "base/arena.h"
#include "base/failure.h"
#include "protocol/conversation_build.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/responses/responses_read.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

enum {
    TYPE,
    ID,
    ROLE,
    CONTENT,
    TOOL_CALLS,
    TOOL_CALL_ID,
    CALL_ID,
    NAME,
    GROUP,
    ARGUMENTS,
    INPUT,
    ACTION,
    OUTPUT,
    SUMMARY,
    ENCRYPTED,
    MEMBERS
};

static const char *const names[MEMBERS] = {
    [TYPE] = "type",
    [ID] = "id",
    [ROLE] = "role",
    [CONTENT] = "content",
    [TOOL_CALLS] = "tool_calls",
    [TOOL_CALL_ID] = "tool_call_id",
    [CALL_ID] = "call_id",
    [NAME] = "name",
    [GROUP] = "namespace",
    [ARGUMENTS] = "arguments",
    [INPUT] = "input",
    [ACTION] = "action",
    [OUTPUT] = "output",
    [SUMMARY] = "summary",
    [ENCRYPTED] = "encrypted_content",
};

struct reader {
    struct conversation *conversation;
    struct place place;
};

/* ---- items of the assistant ---- */

static struct turn *turn_of_assistant(struct reader *reader)
{
    return conversation_continue(reader->conversation, TURN_ASSISTANT, reader->place.index);
}

static struct part *add_call(struct reader *reader, struct json_value id, struct json_value group,
                             struct json_value name, struct json_value arguments)
{
    struct conversation *conversation = reader->conversation;
    struct part *part = turn_add(conversation->arena, turn_of_assistant(reader), PART_CALL);
    part->id = id;
    part->name = conversation_tool_name(conversation, group, name);
    part->arguments = arguments;
    return part;
}

/* Some clients write calls as in a chat. */
static bool read_inline_calls(struct reader *reader, struct json_value calls, struct failure *why)
{
    struct json_value rest = json_elements(calls), call, none = {0};
    while (json_next_element(&rest, &call)) {
        struct json_value function = json_get(call, "function");
        if (json_kind(call) != JSON_OBJECT)
            return refuse_at(&reader->place, why, "\"tool_calls\" must be a list of objects");
        if (!need_text(&reader->place, json_get(call, "id"), "id", why) ||
            !need_text(&reader->place, json_get(function, "name"), "name", why))
            return false;
        add_call(reader, json_get(call, "id"), none, json_get(function, "name"),
                 json_get(function, "arguments"));
    }
    return true;
}

static bool read_assistant(struct reader *reader, const struct json_value *item, struct failure *why)
{
    static const struct json_value empty = {"\"\"", 2};
    struct conversation *conversation = reader->conversation;
    return responses_read_parts(conversation, turn_of_assistant(reader), NULL, &reader->place,
                                item[CONTENT].at ? item[CONTENT] : empty, why) &&
           read_inline_calls(reader, item[TOOL_CALLS], why);
}

static bool read_call(struct reader *reader, const struct json_value *item, struct failure *why)
{
    if (!need_text(&reader->place, item[CALL_ID], "call_id", why) ||
        !need_text(&reader->place, item[NAME], "name", why))
        return false;
    if (item[ARGUMENTS].at && json_kind(item[ARGUMENTS]) != JSON_STRING)
        return refuse_at(&reader->place, why, "\"arguments\" must be a string");
    add_call(reader, item[CALL_ID], item[GROUP], item[NAME], item[ARGUMENTS]);
    return true;
}

/* The text of a custom tool's call becomes the one argument of a function. */
static bool read_custom_call(struct reader *reader, const struct json_value *item, struct failure *why)
{
    if (!need_text(&reader->place, item[CALL_ID], "call_id", why) ||
        !need_text(&reader->place, item[NAME], "name", why))
        return false;
    if (json_kind(item[INPUT]) != JSON_STRING)
        return refuse_at(&reader->place, why, "\"input\" must be a string");
    const char *object = arena_format(reader->conversation->arena, "{\"input\":%.*s}",
                                      (int)item[INPUT].length, item[INPUT].at);
    add_call(reader, item[CALL_ID], item[GROUP], item[NAME],
             (struct json_value){object, item[INPUT].length + 10});
    return true;
}

static bool read_shell_call(struct reader *reader, const struct json_value *item, struct failure *why)
{
    static const struct json_value name = {"\"local_shell\"", 13}, none = {0};
    if (!need_text(&reader->place, item[CALL_ID], "call_id", why))
        return false;
    add_call(reader, item[CALL_ID], none, name, item[ACTION]);
    return true;
}

static void add_reasoning(struct reader *reader, struct json_value text, struct json_value signature)
{
    struct part *part = turn_add(reader->conversation->arena, turn_of_assistant(reader), PART_REASONING);
    part->text = text;
    part->signature = signature;
}

/* Reads the item's reasoning, or its summary if there is no reasoning. */
static bool read_reasoning(struct reader *reader, const struct json_value *item)
{
    struct json_value list = item[CONTENT], rest = json_elements(list), part, none = {0};
    bool signed_already = false;
    if (!json_next_element(&rest, &part))
        list = item[SUMMARY];
    for (rest = json_elements(list); json_next_element(&rest, &part);) {
        struct json_value text = json_get(part, "text");
        if (!is_filled(text))
            continue;
        add_reasoning(reader, text, signed_already ? none : item[ENCRYPTED]);
        signed_already = true;
    }
    if (!signed_already && is_filled(item[ENCRYPTED]))
        add_reasoning(reader, (struct json_value){"\"\"", 2}, item[ENCRYPTED]);
    return true;
}

/* ---- items of others ---- */

static bool read_result(struct reader *reader, struct json_value id, const char *id_name,
                        struct json_value output, struct failure *why)
{
    struct conversation *conversation = reader->conversation;
    if (!need_text(&reader->place, id, id_name, why))
        return false;
    struct turn *last = conversation->last;
    bool continues = last && last->role == TURN_USER && last->last && last->last->kind == PART_RESULT;
    struct turn *turn = continues ? last : conversation_add(conversation, TURN_USER, reader->place.index);
    struct part *result = turn_add(conversation->arena, turn, PART_RESULT);
    result->id = id;
    return responses_read_parts(conversation, turn, result, &reader->place, output, why);
}

static bool read_message(struct reader *reader, const struct json_value *item, struct failure *why)
{
    static const char *const roles[] = {"user", "system", "developer", "assistant", "tool"};
    struct conversation *conversation = reader->conversation;
    size_t role = word_index(item[ROLE], roles, COUNT(roles));
    if (role == COUNT(roles))
        return refuse_at(&reader->place, why, "no such role: %s", shown(&reader->place, item[ROLE]));
    if (role == 3)
        return read_assistant(reader, item, why);
    if (role == 4)
        return read_result(reader, item[TOOL_CALL_ID], "tool_call_id", item[CONTENT], why);
    struct turn *turn = conversation_add(conversation, role ? TURN_SYSTEM : TURN_USER, reader->place.index);
    return responses_read_parts(conversation, turn, NULL, &reader->place, item[CONTENT], why);
}

/* ---- the items ---- */

/* Items of hosted tools, and the item that only offers tools (responses_read_tools()). */
static bool says_nothing(struct json_value type)
{
    static const char *const types[] = {
        "web_search_call",  "file_search_call",   "code_interpreter_call", "image_generation_call",
        "mcp_call",         "mcp_list_tools",     "mcp_approval_request",  "mcp_approval_response",
        "tool_search_call", "tool_search_output", "additional_tools"};
    return word_index(type, types, COUNT(types)) < COUNT(types);
}

/* SDKs that leave `store` on refer to the items of earlier answers by their ids. A conversation goes on
 * without its reasoning, which has ids of its own kind. */
static bool read_reference(const struct reader *reader, struct json_value id, struct failure *why)
{
    struct json_value inside = inside_of_string(id);
    if (inside.length > 3 && memcmp(inside.at, "rs_", 3) == 0)
        return true;
    return refuse_at(&reader->place, why,
                     "'item_reference' has no %s representation, because nothing of earlier answers is kept "
                     "here: send the items themselves, which SDKs do with store = false",
                     conversation_provider_api(reader->conversation));
}

static bool refuse_item(const struct reader *reader, struct json_value type, struct failure *why)
{
    if (!type.at)
        return refuse_at(&reader->place, why, "an item needs a \"type\" or a \"role\"");
    if (is_word(type, "compaction_trigger"))
        return refuse_at(&reader->place, why,
                         "this model's provider cannot compact; a provider entry of your own in Codex's "
                         "configuration makes it compact with a prompt");
    return refuse_at(&reader->place, why, "'%s' has no %s representation", shown(&reader->place, type),
                     conversation_provider_api(reader->conversation));
}

static bool read_item(struct reader *reader, struct json_value value, struct failure *why)
{
    struct json_value item[MEMBERS];
    if (!read_members(&reader->place, value, names, MEMBERS, item, why))
        return false;
    struct json_value type = item[TYPE];
    if (is_word(type, "message") || (!type.at && item[ROLE].at))
        return read_message(reader, item, why);
    if (is_word(type, "function_call"))
        return read_call(reader, item, why);
    if (is_word(type, "custom_tool_call"))
        return read_custom_call(reader, item, why);
    if (is_word(type, "local_shell_call"))
        return read_shell_call(reader, item, why);
    if (is_word(type, "function_call_output") || is_word(type, "custom_tool_call_output") ||
        is_word(type, "local_shell_call_output"))
        return read_result(reader, item[CALL_ID], "call_id", item[OUTPUT], why);
    if (is_word(type, "reasoning"))
        return read_reasoning(reader, item);
    if (is_word(type, "item_reference"))
        return read_reference(reader, item[ID], why);
    return says_nothing(type) || refuse_item(reader, type, why);
}

bool responses_read_input(struct conversation *conversation, struct json_value instructions,
                          struct json_value input, struct failure *why)
{
    struct reader reader = {conversation, {conversation->arena, "input", -1}};
    struct json_value rest = json_elements(input), item;
    if (json_kind(input) != JSON_STRING && json_kind(input) != JSON_ARRAY)
        return refuse_at(&reader.place, why, "must be a string or a list of items");
    if (is_filled(instructions)) {
        struct turn *turn = conversation_add(conversation, TURN_SYSTEM, -1);
        turn_add(conversation->arena, turn, PART_TEXT)->text = instructions;
    }
    if (json_kind(input) == JSON_STRING) {
        struct turn *turn = conversation_add(conversation, TURN_USER, -1);
        turn_add(conversation->arena, turn, PART_TEXT)->text = input;
    }
    while (json_next_element(&rest, &item)) {
        reader.place.index++;
        if (!read_item(&reader, item, why))
            return false;
    }
    return true;
}
