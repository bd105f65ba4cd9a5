/* Converts a request of the run gateway's API to OpenAI's.
 *
 * A tool's parameters are a list in the run gateway's API and a JSON Schema in OpenAI's. Unknown members are
 * omitted, because the run gateway has never forwarded them. */
#include "protocol/runs/run_request.h"

#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "routing/run.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static bool refuse_member(struct arena *arena, const char *name, struct failure *why, const char *reason)
{
    struct place place = {arena, name, -1};
    return refuse_at(&place, why, "%s", reason);
}

static bool take_run(struct arena *arena, struct json_value members, const char **run, struct failure *why)
{
    *run = run_from_text(arena, members);
    return *run || refuse_member(arena, "evaluation_run_id", why,
                                 "must be the run's id, 1 to 128 visible characters of ASCII");
}

static bool take_model(struct json_writer *chat, struct arena *arena, struct json_value model,
                       struct failure *why)
{
    if (!is_filled(model))
        return refuse_member(arena, "model", why, "must be a string that is not empty");
    write_value(chat, "model", model);
    return true;
}

/* ---- messages ---- */

static bool check_message(const struct place *place, struct json_value message, struct failure *why)
{
    static const char *const names[] = {"role", "content"};
    struct json_value members[COUNT(names)];
    if (!read_members(place, message, names, COUNT(names), members, why) ||
        !need_text(place, members[0], "role", why))
        return false;
    bool has_content = !members[1].at || json_kind(members[1]) == JSON_STRING ||
                       json_kind(members[1]) == JSON_ARRAY;
    return has_content || refuse_at(place, why, "\"content\" must be a string");
}

static bool take_messages(struct json_writer *chat, struct arena *arena, struct json_value messages,
                          struct failure *why)
{
    struct place place = {arena, "messages", -1};
    struct json_value rest = json_elements(messages), message;
    if (json_kind(messages) != JSON_ARRAY)
        return refuse_at(&place, why, "must be a list");
    while (json_next_element(&rest, &message)) {
        place.index++;
        if (!check_message(&place, message, why))
            return false;
    }
    write_value(chat, "messages", messages);
    return true;
}

/* ---- tools ---- */

enum parameter {
    PARAMETER_TYPE,
    PARAMETER_NAME,
    PARAMETER_DESCRIPTION,
    PARAMETER_REQUIRED,
    PARAMETER_MEMBERS
};

static bool read_parameter(const struct place *place, struct json_value parameter,
                           struct json_value members[static PARAMETER_MEMBERS], struct failure *why)
{
    static const char *const names[] = {"type", "name", "description", "required"};
    if (!read_members(place, parameter, names, PARAMETER_MEMBERS, members, why) ||
        !need_text(place, members[PARAMETER_TYPE], "type", why) ||
        !need_text(place, members[PARAMETER_NAME], "name", why))
        return false;
    enum json_kind required = json_kind(members[PARAMETER_REQUIRED]);
    enum json_kind description = json_kind(members[PARAMETER_DESCRIPTION]);
    return (description == JSON_NONE || description == JSON_STRING ||
            refuse_at(place, why, "\"description\" must be a string")) &&
           (required == JSON_NONE || required == JSON_TRUE || required == JSON_FALSE ||
            refuse_at(place, why, "\"required\" must be true or false"));
}

static bool put_properties(struct json_writer *schema, const struct place *place, struct json_value list,
                           struct failure *why)
{
    struct json_value rest = json_elements(list), parameter, members[PARAMETER_MEMBERS];
    struct json_writer properties = json_put_object(schema, "properties");
    while (json_next_element(&rest, &parameter)) {
        if (!read_parameter(place, parameter, members, why))
            return false;
        struct json_writer property = write_member_as(&properties, members[PARAMETER_NAME]);
        write_value(&property, "type", members[PARAMETER_TYPE]);
        write_value(&property, "description", members[PARAMETER_DESCRIPTION]);
        json_write_end(&property);
    }
    json_write_end(&properties);
    return true;
}

static void put_required(struct json_writer *schema, struct json_value list)
{
    struct json_value rest = json_elements(list), parameter;
    const char *comma = "";
    json_put_name(schema, "required");
    write_text(schema, "[");
    while (json_next_element(&rest, &parameter)) {
        struct json_value name = json_get(parameter, "name");
        if (json_kind(json_get(parameter, "required")) != JSON_TRUE)
            continue;
        write_text(schema, comma);
        write_bytes(schema, name.at, name.length);
        comma = ",";
    }
    write_text(schema, "]");
}

static bool put_tool(struct json_writer *tools, size_t *count, const struct place *place,
                     struct json_value tool, struct failure *why)
{
    enum { NAME, DESCRIPTION, PARAMETERS, MEMBERS };
    static const char *const names[] = {"name", "description", "parameters"};
    struct json_value members[MEMBERS];
    if (!read_members(place, tool, names, MEMBERS, members, why) ||
        !need_text(place, members[NAME], "name", why))
        return false;
    if (members[DESCRIPTION].at && json_kind(members[DESCRIPTION]) != JSON_STRING)
        return refuse_at(place, why, "\"description\" must be a string");
    if (members[PARAMETERS].at && json_kind(members[PARAMETERS]) != JSON_ARRAY)
        return refuse_at(place, why, "\"parameters\" must be a list");
    struct json_writer outer = write_element(tools, count);
    json_put_string(&outer, "type", "function");
    struct json_writer function = json_put_object(&outer, "function");
    write_value(&function, "name", members[NAME]);
    write_value(&function, "description", members[DESCRIPTION]);
    struct json_writer schema = json_put_object(&function, "parameters");
    json_put_string(&schema, "type", "object");
    if (!put_properties(&schema, place, members[PARAMETERS], why))
        return false;
    put_required(&schema, members[PARAMETERS]);
    json_write_end(&schema);
    json_write_end(&function);
    json_write_end(&outer);
    return true;
}

static bool put_tools(struct json_writer *chat, struct arena *arena, struct json_value tools,
                      struct failure *why)
{
    struct place place = {arena, "tools", -1};
    struct json_value rest = json_elements(tools), tool;
    size_t count = 0;
    json_put_name(chat, "tools");
    write_text(chat, "[");
    while (json_next_element(&rest, &tool)) {
        place.index++;
        if (!put_tool(chat, &count, &place, tool, why))
            return false;
    }
    write_text(chat, "]");
    return true;
}

/* No tool_choice is sent without tools, because providers refuse it. */
static bool take_tools(struct json_writer *chat, struct arena *arena, struct json_value mode,
                       struct json_value tools, struct failure *why)
{
    enum { NONE, AUTO, REQUIRED, MODES };
    static const char *const modes[] = {"none", "auto", "required"};
    struct json_value rest = json_elements(tools), tool;
    size_t chosen = mode.at ? word_index(mode, modes, MODES) : NONE;
    if (tools.at && json_kind(tools) != JSON_ARRAY)
        return refuse_member(arena, "tools", why, "must be a list");
    bool some = json_next_element(&rest, &tool);
    if (chosen == MODES)
        return refuse_member(arena, "tool_mode", why, "must be \"none\", \"auto\" or \"required\"");
    if (chosen == NONE && some)
        return refuse_member(arena, "tool_mode", why, "is \"none\", and there are tools");
    if (chosen == REQUIRED && !some)
        return refuse_member(arena, "tool_mode", why, "is \"required\", and there is no tool");
    if (!some)
        return true;
    json_put_string(chat, "tool_choice", modes[chosen]);
    return put_tools(chat, arena, tools, why);
}

/* ---- requests ---- */

static bool put_chat(struct arena *arena, struct json_value body, struct json_writer *chat, const char **run,
                     struct failure *why)
{
    enum { RUN, MODEL, TEMPERATURE, MESSAGES, MODE, TOOLS, MEMBERS };
    static const char *const names[] = {"evaluation_run_id", "model",     "temperature",
                                        "messages",          "tool_mode", "tools"};
    struct place place = {arena, "the request", -1};
    struct json_value members[MEMBERS];
    if (!read_members(&place, body, names, MEMBERS, members, why) ||
        !take_run(arena, members[RUN], run, why) || !take_model(chat, arena, members[MODEL], why))
        return false;
    if (json_kind(members[TEMPERATURE]) != JSON_NUMBER)
        return refuse_member(arena, "temperature", why, "must be a number");
    write_value(chat, "temperature", members[TEMPERATURE]);
    return take_messages(chat, arena, members[MESSAGES], why) &&
           take_tools(chat, arena, members[MODE], members[TOOLS], why);
}

static bool put_embedding(struct arena *arena, struct json_value body, struct json_writer *embedding,
                          const char **run, struct failure *why)
{
    enum { RUN, MODEL, INPUT, MEMBERS };
    static const char *const names[] = {"evaluation_run_id", "model", "input"};
    struct place place = {arena, "the request", -1};
    struct json_value members[MEMBERS];
    if (!read_members(&place, body, names, MEMBERS, members, why) ||
        !take_run(arena, members[RUN], run, why) || !take_model(embedding, arena, members[MODEL], why))
        return false;
    if (json_kind(members[INPUT]) != JSON_STRING)
        return refuse_member(arena, "input", why, "must be a string");
    write_value(embedding, "input", members[INPUT]);
    return true;
}

bool run_request_chat(struct arena *arena, struct json_value body, struct buffer *out, const char **run,
                      struct failure *why)
{
    struct json_writer chat = json_write_begin(out);
    if (!put_chat(arena, body, &chat, run, why))
        return false;
    json_write_end(&chat);
    return chat.ok || refuse_size(why);
}

bool run_request_embedding(struct arena *arena, struct json_value body, struct buffer *out, const char **run,
                           struct failure *why)
{
    struct json_writer embedding = json_write_begin(out);
    if (!put_embedding(arena, body, &embedding, run, why))
        return false;
    json_write_end(&embedding);
    return embedding.ok || refuse_size(why);
}
