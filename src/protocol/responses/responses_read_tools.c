/* Reads the tools of a Responses request and the choice among them.
 *
 * Functions and custom tools are run by the client; a namespace is a group of functions. All other tools are
 * hosted: servers of the Responses API run them, and clients such as Codex offer them with every request.
 * They are left out unless the choice forces one of them.
 *
 * Tools stand in "tools" and in items: Codex has all of some models' tools in an item "additional_tools", and
 * a search for tools has those that it found in its output. */
#include <string.h>

#include "base/arena.h"
#include "base/failure.h"
#include "protocol/conversation_build.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/responses/responses_read.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

enum { TYPE, NAME, DESCRIPTION, PARAMETERS, STRICT, FORMAT, TOOLS, MEMBERS };
static const char *const names[MEMBERS] = {"type",   "name",   "description", "parameters",
                                           "strict", "format", "tools"};

static bool add_tool(struct conversation *conversation, const struct place *place, struct json_value group,
                     const struct json_value *members, struct failure *why)
{
    if (!need_text(place, members[NAME], "name", why))
        return false;
    bool in_item = strcmp(place->list, "input") == 0;
    if (in_item && conversation_has_tool(conversation, group, members[NAME]))
        return true;
    struct tool *tool = conversation_add_tool(conversation, group, members[NAME]);
    tool->description = members[DESCRIPTION];
    tool->schema = members[PARAMETERS];
    tool->strict = members[STRICT];
    tool->format = members[FORMAT];
    tool->custom = is_word(members[TYPE], "custom");
    tool->index = in_item ? -1 : place->index;
    return true;
}

static bool read_namespace(struct conversation *conversation, const struct place *place,
                           const struct json_value *group, struct failure *why)
{
    struct json_value rest = json_elements(group[TOOLS]), tool, members[MEMBERS];
    if (!need_text(place, group[NAME], "name", why))
        return false;
    while (json_next_element(&rest, &tool)) {
        if (!read_members(place, tool, names, MEMBERS, members, why))
            return false;
        bool is_clients = is_word(members[TYPE], "function") || is_word(members[TYPE], "custom");
        if (is_clients && !add_tool(conversation, place, group[NAME], members, why))
            return false;
    }
    return true;
}

static void leave_out(struct conversation *conversation, const struct place *place, struct json_value type)
{
    const char *name = shown(place, type), *before = conversation->left_out;
    conversation->left_out = before ? arena_format(conversation->arena, "%s, %s", before, name) : name;
}

static bool read_tool(struct conversation *conversation, const struct place *place, struct json_value tool,
                      struct failure *why)
{
    struct json_value members[MEMBERS], none = {0};
    if (!read_members(place, tool, names, MEMBERS, members, why))
        return false;
    if (is_word(members[TYPE], "function") || is_word(members[TYPE], "custom"))
        return add_tool(conversation, place, none, members, why);
    if (is_word(members[TYPE], "namespace"))
        return read_namespace(conversation, place, members, why);
    if (!is_filled(members[TYPE]))
        return refuse_at(place, why, "a tool needs its \"type\"");
    leave_out(conversation, place, members[TYPE]);
    return true;
}

/* The tools of items. A later item may repeat a tool. */
static bool read_tools_of_items(struct conversation *conversation, struct json_value input,
                                struct failure *why)
{
    static const char *const types[] = {"additional_tools", "tool_search_output"};
    struct place place = {conversation->arena, "input", -1};
    struct json_value items = json_elements(input), item, tool;
    while (json_next_element(&items, &item)) {
        place.index++;
        if (word_index(json_get(item, "type"), types, COUNT(types)) == COUNT(types))
            continue;
        struct json_value rest = json_elements(json_get(item, "tools"));
        while (json_next_element(&rest, &tool))
            if (!read_tool(conversation, &place, tool, why))
                return false;
    }
    return true;
}

/* ---- tool_choice ---- */

static bool refuse_tool(const struct conversation *conversation, const struct place *place,
                        struct json_value type, struct failure *why)
{
    return refuse_at(place, why, "the tool '%s' has no %s representation", shown(place, type),
                     conversation_provider_api(conversation));
}

static bool check_allowed(const struct conversation *conversation, const struct place *place,
                          struct json_value tools, struct failure *why)
{
    struct json_value rest = json_elements(tools), tool;
    while (json_next_element(&rest, &tool)) {
        struct json_value type = json_get(tool, "type");
        if (!is_word(type, "function") && !is_word(type, "custom"))
            return refuse_tool(conversation, place, type, why);
    }
    return true;
}

static bool read_choice_object(struct conversation *conversation, const struct place *place,
                               struct json_value choice, struct failure *why)
{
    enum { KIND, TOOL, GROUP, MODE, LIST, CHOICE_MEMBERS };
    static const char *const choice_names[CHOICE_MEMBERS] = {"type", "name", "namespace", "mode", "tools"};
    struct json_value members[CHOICE_MEMBERS];
    if (!read_members(place, choice, choice_names, CHOICE_MEMBERS, members, why))
        return false;
    if (is_word(members[KIND], "allowed_tools")) {
        conversation->allowed = choice;
        conversation->choice = is_word(members[MODE], "required") ? CHOICE_REQUIRED : CHOICE_AUTO;
        return check_allowed(conversation, place, members[LIST], why);
    }
    if (!is_word(members[KIND], "function") && !is_word(members[KIND], "custom"))
        return refuse_tool(conversation, place, members[KIND], why);
    if (!need_text(place, members[TOOL], "name", why))
        return false;
    conversation->choice = CHOICE_TOOL;
    conversation->chosen = conversation_tool_name(conversation, members[GROUP], members[TOOL]);
    return true;
}

/* A choice that requires a tool cannot be met without tools. */
static bool check_choice_without_tools(const struct place *place, struct json_value choice,
                                       struct failure *why)
{
    if (is_word(choice, "required"))
        return refuse_at(place, why, "tool_choice='required' requires at least one tool");
    if (json_kind(choice) == JSON_OBJECT)
        return refuse_at(place, why, "names a tool, and \"tools\" has none");
    return true;
}

static bool read_choice(struct conversation *conversation, struct json_value choice, struct failure *why)
{
    static const char *const modes[] = {"none", "auto", "required"};
    static const char *const own_types[] = {"function", "custom", "allowed_tools"};
    static const enum choice choices[] = {CHOICE_NONE, CHOICE_AUTO, CHOICE_REQUIRED};
    struct place place = {conversation->arena, "tool_choice", -1};
    size_t mode = word_index(choice, modes, COUNT(modes));
    if (!choice.at)
        return true;
    struct json_value type = json_get(choice, "type");
    bool names_hosted = is_filled(type) && word_index(type, own_types, COUNT(own_types)) == COUNT(own_types);
    if (json_kind(choice) == JSON_OBJECT && (conversation->tools || names_hosted))
        return read_choice_object(conversation, &place, choice, why);
    if (!conversation->tools)
        return check_choice_without_tools(&place, choice, why);
    if (mode == COUNT(modes))
        return refuse_at(&place, why, "must be \"none\", \"auto\", \"required\" or an object");
    conversation->choice = choices[mode];
    return true;
}

bool responses_read_tools(struct conversation *conversation, struct json_value tools, struct json_value input,
                          struct json_value choice, struct failure *why)
{
    struct place place = {conversation->arena, "tools", -1};
    struct json_value rest = json_elements(tools), tool;
    if (tools.at && json_kind(tools) != JSON_ARRAY)
        return refuse_at(&place, why, "must be a list");
    while (json_next_element(&rest, &tool)) {
        place.index++;
        if (!read_tool(conversation, &place, tool, why))
            return false;
    }
    return read_tools_of_items(conversation, input, why) && read_choice(conversation, choice, why);
}
