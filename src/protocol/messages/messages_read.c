/* Reads the requests of clients that speak the Messages API (API reference, "Create a message").
 *
 * Clients send members for Anthropic alone with every request, so members without a place in a conversation
 * are ignored: metadata, context_management, service_tier, container. Claude Code puts a line in front of its
 * prompt that changes with each request; it would keep any other provider from finding the prompt in its
 * cache, and is left out. */
#include "protocol/messages/messages_read.h"

#include <string.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/failure.h"
#include "format/json_name.h"
#include "protocol/conversation_build.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/messages/messages_blocks.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define BILLING "x-anthropic-billing-header:"

enum member {
    MODEL,
    STREAM,
    MAX_TOKENS,
    TEMPERATURE,
    TOP_P,
    TOP_K,
    STOP_SEQUENCES,
    SYSTEM,
    MESSAGES,
    TOOLS,
    TOOL_CHOICE,
    THINKING,
    OUTPUT_CONFIG,
    OUTPUT_FORMAT,
    MCP_SERVERS,
    CACHE_CONTROL,
    MEMBERS
};

static const struct {
    const char *name;
    enum said said;
} rows[MEMBERS] = {
    [MODEL] = {"model", SAID_MODEL},
    [STREAM] = {"stream", SAID_STREAM},
    [MAX_TOKENS] = {"max_tokens", SAID_MAX_TOKENS},
    [TEMPERATURE] = {"temperature", SAID_TEMPERATURE},
    [TOP_P] = {"top_p", SAID_TOP_P},
    [TOP_K] = {"top_k", SAID_TOP_K},
    [STOP_SEQUENCES] = {"stop_sequences", SAID_STOP},
    [CACHE_CONTROL] = {"cache_control", SAID_CACHE_CONTROL},
    [SYSTEM] = {"system", SAID_OTHER},
    [MESSAGES] = {"messages", SAID_OTHER},
    [TOOLS] = {"tools", SAID_OTHER},
    [TOOL_CHOICE] = {"tool_choice", SAID_OTHER},
    [THINKING] = {"thinking", SAID_OTHER},
    [OUTPUT_CONFIG] = {"output_config", SAID_OTHER},
    [OUTPUT_FORMAT] = {"output_format", SAID_OTHER},
    [MCP_SERVERS] = {"mcp_servers", SAID_OTHER},
};

static struct place place_of(const struct conversation *conversation, const char *name)
{
    return (struct place){conversation->arena, name, -1};
}

/* ---- system ---- */

/* Returns a string without the line of Claude Code's bill. */
static struct json_value without_billing(const struct conversation *conversation, struct json_value text)
{
    struct json_value inside = inside_of_string(text);
    if (inside.length < strlen(BILLING) || memcmp(inside.at, BILLING, strlen(BILLING)) != 0)
        return text;
    const char *end = memmem(inside.at, inside.length, "\\n", 2);
    if (!end)
        return (struct json_value){"\"\"", 2};
    size_t left = inside.length - (size_t)(end + 2 - inside.at);
    char *rest = arena_copy(conversation->arena, end + 1, left + 2); /* a letter before, the quote behind */
    *rest = '"';
    return (struct json_value){rest, left + 2};
}

static bool read_system(struct conversation *conversation, struct json_value system, struct failure *why)
{
    struct place place = place_of(conversation, "system");
    if (!system.at)
        return true;
    struct turn *turn = conversation_add(conversation, TURN_SYSTEM, -1);
    if (!messages_read_content(conversation, turn, &place, system, why))
        return false;
    for (struct part *part = turn->parts; part; part = part->next) {
        if (part->kind != PART_TEXT)
            return refuse_at(&place, why, "must be a string or a list of texts");
        part->text = without_billing(conversation, part->text);
    }
    return true;
}

/* ---- messages ---- */

static bool read_message(struct conversation *conversation, struct json_value message, int index,
                         struct failure *why)
{
    static const char *const names[] = {"role", "content"}, *const roles[] = {"system", "user", "assistant"};
    static const enum turn_role turns[] = {TURN_SYSTEM, TURN_USER, TURN_ASSISTANT};
    struct place place = {conversation->arena, "messages", index};
    struct json_value members[COUNT(names)];
    if (!read_members(&place, message, names, COUNT(names), members, why))
        return false;
    size_t role = word_index(members[0], roles, COUNT(roles));
    if (role == COUNT(roles))
        return refuse_at(&place, why, "no such role: %s", shown(&place, members[0]));
    struct turn *turn = conversation_add(conversation, turns[role], index);
    return messages_read_content(conversation, turn, &place, members[1], why);
}

static bool read_messages(struct conversation *conversation, struct json_value messages, struct failure *why)
{
    struct place place = place_of(conversation, "messages");
    struct json_value rest = json_elements(messages), message;
    if (json_kind(messages) != JSON_ARRAY)
        return refuse_at(&place, why, "must be a list of messages");
    for (int index = 0; json_next_element(&rest, &message); index++)
        if (!read_message(conversation, message, index, why))
            return false;
    return true;
}

/* ---- tools ---- */

/* Tools of Anthropic's own have a type with a date, and no schema. */
static bool is_clients_tool(struct json_value type)
{
    return !is_filled(type) || is_word(type, "custom");
}

static bool read_tool(struct conversation *conversation, struct json_value value, int index,
                      struct failure *why)
{
    enum { TYPE, NAME, DESCRIPTION, SCHEMA, STRICT, CACHE, TOOL_MEMBERS };
    static const char *const names[TOOL_MEMBERS] = {"type",         "name",   "description",
                                                    "input_schema", "strict", "cache_control"};
    struct place place = {conversation->arena, "tools", index};
    struct json_value members[TOOL_MEMBERS];
    if (!read_members(&place, value, names, TOOL_MEMBERS, members, why))
        return false;
    if (!is_clients_tool(members[TYPE])) {
        const char *type = shown(&place, members[TYPE]);
        conversation->left_out = conversation->left_out ? arena_format(conversation->arena, "%s, %s",
                                                                       conversation->left_out, type)
                                                        : type;
        return true;
    }
    if (!need_text(&place, members[NAME], "name", why))
        return false;
    struct tool *tool = conversation_add_tool(conversation, (struct json_value){0}, members[NAME]);
    tool->description = members[DESCRIPTION];
    tool->schema = members[SCHEMA];
    tool->strict = members[STRICT];
    tool->cache_control = members[CACHE];
    tool->index = index;
    return true;
}

static bool read_tools(struct conversation *conversation, struct json_value tools, struct failure *why)
{
    struct place place = place_of(conversation, "tools");
    struct json_value rest = json_elements(tools), tool;
    if (tools.at && json_kind(tools) != JSON_ARRAY)
        return refuse_at(&place, why, "must be a list");
    for (int index = 0; json_next_element(&rest, &tool); index++)
        if (!read_tool(conversation, tool, index, why))
            return false;
    return true;
}

static bool has_tool(const struct conversation *conversation, struct json_value name)
{
    for (const struct tool *tool = conversation->tools; tool; tool = tool->next)
        if (json_name_is(tool->name, json_string(conversation->arena, name, NULL)))
            return true;
    return false;
}

static bool read_choice(struct conversation *conversation, struct json_value choice, struct failure *why)
{
    static const char *const names[] = {"type", "name", "disable_parallel_tool_use"};
    static const char *const types[] = {"auto", "any", "tool", "none"};
    static const enum choice choices[] = {CHOICE_AUTO, CHOICE_REQUIRED, CHOICE_TOOL, CHOICE_NONE};
    struct place place = place_of(conversation, "tool_choice");
    struct json_value members[COUNT(names)], none = {0};
    if (!choice.at)
        return true;
    if (!read_members(&place, choice, names, COUNT(names), members, why))
        return false;
    size_t type = word_index(members[0], types, COUNT(types));
    if (type == COUNT(types))
        return refuse_at(&place, why, "no such type: %s", shown(&place, members[0]));
    conversation->choice = choices[type];
    if (json_kind(members[2]) == JSON_TRUE)
        conversation->parallel = (struct json_value){"false", 5};
    if (choices[type] != CHOICE_TOOL)
        return true;
    if (!need_text(&place, members[1], "name", why))
        return false;
    conversation->chosen = conversation_tool_name(conversation, none, members[1]);
    return has_tool(conversation, conversation->chosen) ||
           refuse_at(&place, why, "the tool '%s' is none of the tools that this model's provider can offer",
                     shown(&place, members[1]));
}

/* ---- the form of the answer ---- */

static bool read_format(struct conversation *conversation, struct json_value format, struct failure *why)
{
    struct place place = place_of(conversation, "output_config");
    if (!format.at || json_kind(format) == JSON_NULL)
        return true;
    if (!is_word(json_get(format, "type"), "json_schema"))
        return refuse_at(&place, why, "the format '%s' has no representation at this model's provider",
                         shown(&place, json_get(format, "type")));
    conversation->form = FORM_SCHEMA;
    conversation->schema = json_get(format, "schema");
    return true;
}

static void read_thinking(struct conversation *conversation, struct json_value thinking)
{
    struct json_value type = json_get(thinking, "type");
    conversation->thinking = is_word(type, "enabled")    ? THINKING_ON
                             : is_word(type, "adaptive") ? THINKING_ADAPTIVE
                             : is_word(type, "disabled") ? THINKING_OFF
                                                         : THINKING_UNSET;
    conversation->budget = json_get(thinking, "budget_tokens");
}

/* ---- the request ---- */

static bool take_member(struct conversation *conversation, const struct json_member *member,
                        struct json_value values[static MEMBERS], bool seen[static MEMBERS],
                        struct failure *why)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        enum name_match match = json_name_match(member->name, rows[i].name);
        if (match == NAME_OTHER)
            continue;
        if (match != NAME_SAME || seen[i])
            return json_name_refuse(member->name, rows[i].name, match, conversation->body.at, why);
        seen[i] = true;
        if (json_kind(member->value) == JSON_NULL)
            return true;
        values[i] = member->value;
        if (rows[i].said != SAID_OTHER)
            conversation_say(conversation, rows[i].said, member);
    }
    return true;
}

static bool has_servers(struct json_value servers)
{
    struct json_value rest = json_elements(servers), server;
    return json_next_element(&rest, &server);
}

bool messages_read_request(struct conversation *conversation, struct failure *why)
{
    struct json_value values[MEMBERS] = {{0}}, rest = json_members(conversation->body);
    bool seen[MEMBERS] = {false};
    struct json_member member;
    while (json_next_member(&rest, &member))
        if (!take_member(conversation, &member, values, seen, why))
            return false;
    struct place servers = place_of(conversation, "mcp_servers");
    if (has_servers(values[MCP_SERVERS]))
        return refuse_at(&servers, why, "this model's provider cannot reach the client's servers");
    read_thinking(conversation, values[THINKING]);
    struct json_value effort = json_get(values[OUTPUT_CONFIG], "effort");
    struct json_member said = {{"\"effort\"", 8}, effort};
    if (is_filled(effort))
        conversation_say(conversation, SAID_EFFORT, &said);
    struct json_value format = json_get(values[OUTPUT_CONFIG], "format");
    return read_format(conversation, format.at ? format : values[OUTPUT_FORMAT], why) &&
           read_tools(conversation, values[TOOLS], why) &&
           read_choice(conversation, values[TOOL_CHOICE], why) &&
           read_system(conversation, values[SYSTEM], why) &&
           read_messages(conversation, values[MESSAGES], why);
}
