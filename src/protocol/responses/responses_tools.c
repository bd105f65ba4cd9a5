/* Converts tools and the answer's format: flat in a Responses request, nested in a chat request. */
#include "protocol/responses/responses_tools.h"

#include "base/failure.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static bool put_tool(struct json_writer *list, size_t *count, const struct place *place,
                     struct json_value tool, struct failure *why)
{
    enum { TYPE, NAME, DESCRIPTION, PARAMETERS, STRICT, MEMBERS };
    static const char *const names[MEMBERS] = {"type", "name", "description", "parameters", "strict"};
    struct json_value members[MEMBERS];
    if (!read_members(place, tool, names, MEMBERS, members, why))
        return false;
    if (!is_word(members[TYPE], "function"))
        return refuse_at(place, why, "the tool '%s' has no Chat Completions representation",
                         shown(place, members[TYPE]));
    if (!need_text(place, members[NAME], "name", why))
        return false;
    struct json_writer outer = write_element(list, count);
    json_put_string(&outer, "type", "function");
    struct json_writer function = json_put_object(&outer, "function");
    for (size_t i = NAME; i < MEMBERS; i++)
        write_value(&function, names[i], members[i]);
    json_write_end(&function);
    json_write_end(&outer);
    return true;
}

static bool put_tools(struct json_writer *writer, struct arena *arena, struct json_value tools,
                      struct failure *why)
{
    struct place place = {arena, "tools", -1};
    struct json_value rest = json_elements(tools), tool;
    size_t count = 0;
    json_put_name(writer, "tools");
    write_text(writer, "[");
    while (json_next_element(&rest, &tool)) {
        place.index++;
        if (!put_tool(writer, &count, &place, tool, why))
            return false;
    }
    write_text(writer, "]");
    return writer->ok || refuse_size(why);
}

/* ---- tool_choice ---- */

static void put_named(struct json_writer *object, struct json_value name)
{
    json_put_string(object, "type", "function");
    struct json_writer function = json_put_object(object, "function");
    write_value(&function, "name", name);
    json_write_end(&function);
}

/* Writes the tools that the model may choose from, also in nested form. */
static bool put_allowed(struct json_writer *writer, const struct place *place, struct json_value mode,
                        struct json_value tools, struct failure *why)
{
    struct json_value rest = json_elements(tools), tool;
    size_t count = 0;
    struct json_writer choice = json_put_object(writer, "tool_choice");
    json_put_string(&choice, "type", "allowed_tools");
    struct json_writer allowed = json_put_object(&choice, "allowed_tools");
    write_value(&allowed, "mode", mode);
    json_put_name(&allowed, "tools");
    write_text(&allowed, "[");
    while (json_next_element(&rest, &tool)) {
        struct json_value type = json_get(tool, "type");
        if (!is_word(type, "function"))
            return refuse_at(place, why, "the tool '%s' has no Chat Completions representation",
                             shown(place, type));
        struct json_writer element = write_element(&allowed, &count);
        put_named(&element, json_get(tool, "name"));
        json_write_end(&element);
    }
    write_text(&allowed, "]");
    json_write_end(&allowed);
    json_write_end(&choice);
    return true;
}

static bool put_choice_object(struct json_writer *writer, const struct place *place, struct json_value choice,
                              struct failure *why)
{
    enum { TYPE, NAME, MODE, TOOLS, MEMBERS };
    static const char *const names[MEMBERS] = {"type", "name", "mode", "tools"};
    struct json_value members[MEMBERS];
    if (!read_members(place, choice, names, MEMBERS, members, why))
        return false;
    if (is_word(members[TYPE], "allowed_tools"))
        return put_allowed(writer, place, members[MODE], members[TOOLS], why);
    if (!is_word(members[TYPE], "function"))
        return refuse_at(place, why, "'%s' has no Chat Completions representation",
                         shown(place, members[TYPE]));
    if (!need_text(place, members[NAME], "name", why))
        return false;
    struct json_writer object = json_put_object(writer, "tool_choice");
    put_named(&object, members[NAME]);
    json_write_end(&object);
    return true;
}

static bool put_choice(struct json_writer *writer, struct arena *arena, struct json_value choice,
                       struct failure *why)
{
    static const char *const modes[] = {"none", "auto", "required"};
    struct place place = {arena, "tool_choice", -1};
    if (json_kind(choice) == JSON_OBJECT)
        return put_choice_object(writer, &place, choice, why);
    if (word_index(choice, modes, COUNT(modes)) == COUNT(modes))
        return refuse_at(&place, why, "must be \"none\", \"auto\", \"required\" or an object");
    write_value(writer, "tool_choice", choice);
    return true;
}

/* A choice that requires a tool cannot be met without tools. */
static bool check_choice_without_tools(struct arena *arena, struct json_value choice, struct failure *why)
{
    struct place place = {arena, "tool_choice", -1};
    if (is_word(choice, "required"))
        return refuse_at(&place, why, "tool_choice='required' requires at least one tool");
    if (json_kind(choice) == JSON_OBJECT)
        return refuse_at(&place, why, "names a tool, and \"tools\" has none");
    return true;
}

bool tools_write(struct json_writer *writer, struct arena *arena, const struct tools_request *context,
                 struct failure *why)
{
    struct place place = {arena, "tools", -1};
    struct json_value rest = json_elements(context->tools), tool;
    if (context->tools.at && json_kind(context->tools) != JSON_ARRAY)
        return refuse_at(&place, why, "must be a list");
    if (!json_next_element(&rest, &tool))
        return check_choice_without_tools(arena, context->choice, why);
    if (!put_tools(writer, arena, context->tools, why))
        return false;
    if (context->choice.at && !put_choice(writer, arena, context->choice, why))
        return false;
    write_value(writer, "parallel_tool_calls", context->parallel);
    return writer->ok || refuse_size(why);
}

/* ---- text.format ---- */

static bool put_format(struct json_writer *writer, const struct place *place, struct json_value format,
                       struct failure *why)
{
    enum { TYPE, NAME, DESCRIPTION, SCHEMA, STRICT, MEMBERS };
    static const char *const names[MEMBERS] = {"type", "name", "description", "schema", "strict"};
    struct json_value members[MEMBERS];
    if (!read_members(place, format, names, MEMBERS, members, why))
        return false;
    if (is_word(members[TYPE], "text"))
        return true;
    bool schema = is_word(members[TYPE], "json_schema");
    if (!schema && !is_word(members[TYPE], "json_object"))
        return refuse_at(place, why, "'%s' has no Chat Completions representation",
                         shown(place, members[TYPE]));
    struct json_writer outer = json_put_object(writer, "response_format");
    write_value(&outer, "type", members[TYPE]);
    if (schema) {
        struct json_writer inner = json_put_object(&outer, "json_schema");
        for (size_t i = NAME; i < MEMBERS; i++)
            write_value(&inner, names[i], members[i]);
        json_write_end(&inner);
    }
    json_write_end(&outer);
    return true;
}

bool text_write(struct json_writer *writer, struct arena *arena, struct json_value text, struct failure *why)
{
    static const char *const names[] = {"format", "verbosity"};
    struct place place = {arena, "text", -1}, format = {arena, "text.format", -1};
    struct json_value members[COUNT(names)];
    if (!text.at)
        return true;
    if (!read_members(&place, text, names, COUNT(names), members, why))
        return false;
    if (members[0].at && !put_format(writer, &format, members[0], why))
        return false;
    write_value(writer, "verbosity", members[1]);
    return writer->ok || refuse_size(why);
}
