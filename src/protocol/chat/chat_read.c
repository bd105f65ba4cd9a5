/* Reads the requests of clients that speak chat completions, for a provider of another dialect.
 *
 * Members whose loss would change the answer are refused by name. Members that only tune OpenAI's own servers
 * are left out: "store", "metadata", "prediction", "stream_options" and others. */
#include "protocol/chat/chat_read.h"

#include "base/arena.h"
#include "base/base.h"
#include "base/failure.h"
#include "format/json_name.h"
#include "format/json_number.h"
#include "protocol/conversation_build.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

enum rule {
    RULE_SAY,      /* see enum said */
    RULE_CONVERT,  /* see chat_read_request() */
    RULE_MUST_BE,  /* any value but null, false, 0, 1 for "n", and an empty one is refused */
    RULE_LEAVE_OUT /* the answer is the same without it */
};

enum member {
    MESSAGES,
    TOOLS,
    TOOL_CHOICE,
    FUNCTIONS,
    FUNCTION_CALL,
    PARALLEL,
    RESPONSE_FORMAT,
    STREAM_OPTIONS,
    LOGPROBS,
    TOP_LOGPROBS,
    MAX_COMPLETION_TOKENS,
    MAX_TOKENS,
    N,
    THINKING,
    EFFORT,
    MODALITIES,
    MEMBERS_READ
};

static const struct row {
    const char *name;
    enum rule rule;
    enum said said;
} rows[] = {
    [MESSAGES] = {"messages", RULE_CONVERT, SAID_OTHER},
    [TOOLS] = {"tools", RULE_CONVERT, SAID_OTHER},
    [TOOL_CHOICE] = {"tool_choice", RULE_CONVERT, SAID_OTHER},
    [FUNCTIONS] = {"functions", RULE_CONVERT, SAID_OTHER},
    [FUNCTION_CALL] = {"function_call", RULE_CONVERT, SAID_OTHER},
    [PARALLEL] = {"parallel_tool_calls", RULE_CONVERT, SAID_OTHER},
    [RESPONSE_FORMAT] = {"response_format", RULE_CONVERT, SAID_OTHER},
    [STREAM_OPTIONS] = {"stream_options", RULE_CONVERT, SAID_OTHER},
    [LOGPROBS] = {"logprobs", RULE_CONVERT, SAID_OTHER},
    [TOP_LOGPROBS] = {"top_logprobs", RULE_CONVERT, SAID_OTHER},
    [MAX_COMPLETION_TOKENS] = {"max_completion_tokens", RULE_CONVERT, SAID_OTHER},
    [MAX_TOKENS] = {"max_tokens", RULE_CONVERT, SAID_OTHER},
    [N] = {"n", RULE_SAY, SAID_N},
    [THINKING] = {"thinking", RULE_CONVERT, SAID_OTHER},
    [EFFORT] = {"reasoning_effort", RULE_SAY, SAID_EFFORT},
    [MODALITIES] = {"modalities", RULE_CONVERT, SAID_OTHER},
    {"model", RULE_SAY, SAID_MODEL},
    {"stream", RULE_SAY, SAID_STREAM},
    {"temperature", RULE_SAY, SAID_TEMPERATURE},
    {"top_p", RULE_SAY, SAID_TOP_P},
    {"top_k", RULE_SAY, SAID_TOP_K},
    {"stop", RULE_SAY, SAID_STOP},
    {"seed", RULE_SAY, SAID_SEED},
    {"frequency_penalty", RULE_SAY, SAID_FREQUENCY_PENALTY},
    {"presence_penalty", RULE_SAY, SAID_PRESENCE_PENALTY},
    {"logit_bias", RULE_SAY, SAID_LOGIT_BIAS},
    {"verbosity", RULE_SAY, SAID_VERBOSITY},
    {"service_tier", RULE_SAY, SAID_SERVICE_TIER},
    {"user", RULE_SAY, SAID_USER},
    {"metadata", RULE_SAY, SAID_METADATA},
    {"safety_identifier", RULE_SAY, SAID_SAFETY_IDENTIFIER},
    {"prompt_cache_key", RULE_SAY, SAID_PROMPT_CACHE_KEY},
    {"cache_control", RULE_SAY, SAID_CACHE_CONTROL},
    {"audio", RULE_MUST_BE, SAID_OTHER},
    {"web_search_options", RULE_MUST_BE, SAID_OTHER},
    {"store", RULE_LEAVE_OUT, SAID_OTHER},
    {"prediction", RULE_LEAVE_OUT, SAID_OTHER},
    {"prompt_cache_retention", RULE_LEAVE_OUT, SAID_OTHER},
};

#define ROWS (sizeof rows / sizeof *rows)

struct reader {
    struct conversation *conversation;
    struct json_value members[ROWS];
};

static struct place place_of(const struct reader *reader, const char *name)
{
    return (struct place){reader->conversation->arena, name, -1};
}

static bool refuse_member(const struct reader *reader, const char *name, struct failure *why)
{
    struct place place = place_of(reader, name);
    return refuse_at(&place, why, "has no %s representation",
                     conversation_provider_api(reader->conversation));
}

static bool take_member(struct reader *reader, const struct json_member *member, bool seen[static ROWS],
                        struct failure *why)
{
    for (size_t i = 0; i < ROWS; i++) {
        enum name_match match = json_name_match(member->name, rows[i].name);
        if (match == NAME_OTHER)
            continue;
        if (match != NAME_SAME || seen[i])
            return json_name_refuse(member->name, rows[i].name, match, reader->conversation->body.at, why);
        seen[i] = true;
        if (json_kind(member->value) == JSON_NULL)
            return true;
        reader->members[i] = member->value;
        if (rows[i].said != SAID_OTHER)
            conversation_say(reader->conversation, rows[i].said, member);
        return rows[i].rule != RULE_MUST_BE || refuse_member(reader, rows[i].name, why);
    }
    conversation_say(reader->conversation, SAID_OTHER, member);
    return true;
}

/* ---- tools ---- */

static bool read_tool(struct reader *reader, struct json_value tool, struct json_value function, int index,
                      const char *list, struct failure *why)
{
    enum { NAME, DESCRIPTION, PARAMETERS, STRICT, FORMAT, TOOL_MEMBERS };
    static const char *const names[TOOL_MEMBERS] = {"name", "description", "parameters", "strict", "format"};
    struct conversation *conversation = reader->conversation;
    struct place place = {conversation->arena, list, index};
    struct json_value members[TOOL_MEMBERS], none = {0};
    if (!function.at)
        return refuse_at(&place, why, "the tool '%s' has no %s representation",
                         shown(&place, json_get(tool, "type")), conversation_provider_api(conversation));
    if (!read_members(&place, function, names, TOOL_MEMBERS, members, why) ||
        !need_text(&place, members[NAME], "name", why))
        return false;
    struct tool *read = conversation_add_tool(conversation, none, members[NAME]);
    read->description = members[DESCRIPTION];
    read->schema = members[PARAMETERS];
    read->strict = members[STRICT];
    read->format = members[FORMAT];
    read->custom = is_word(json_get(tool, "type"), "custom");
    read->cache_control = json_get(tool, "cache_control");
    read->index = index;
    return true;
}

static bool read_tools(struct reader *reader, struct failure *why)
{
    struct json_value rest = json_elements(reader->members[TOOLS]), tool, none = {0};
    struct place place = place_of(reader, "tools");
    if (reader->members[TOOLS].at && json_kind(reader->members[TOOLS]) != JSON_ARRAY)
        return refuse_at(&place, why, "must be a list");
    for (int index = 0; json_next_element(&rest, &tool); index++) {
        struct json_value function = json_get(tool, "function"), custom = json_get(tool, "custom");
        if (!read_tool(reader, tool, function.at ? function : custom, index, "tools", why))
            return false;
    }
    rest = json_elements(reader->members[FUNCTIONS]);
    for (int index = 0; json_next_element(&rest, &tool); index++)
        if (!read_tool(reader, none, tool, index, "functions", why))
            return false;
    return true;
}

static bool read_choice_object(struct reader *reader, const struct place *place, struct json_value choice,
                               struct failure *why)
{
    struct conversation *conversation = reader->conversation;
    struct json_value allowed = json_get(choice, "allowed_tools"), none = {0};
    struct json_value function = json_get(choice, "function"), custom = json_get(choice, "custom");
    struct json_value name = json_get(function.at ? function : custom.at ? custom : choice, "name");
    if (allowed.at) {
        struct json_value rest = json_elements(json_get(allowed, "tools")), tool;
        conversation->choice = is_word(json_get(allowed, "mode"), "required") ? CHOICE_REQUIRED : CHOICE_AUTO;
        for (struct tool *kept = conversation->tools; kept; kept = kept->next)
            kept->excluded = true;
        while (json_next_element(&rest, &tool)) {
            const char *wanted = json_string(conversation->arena,
                                             json_get(json_get(tool, "function"), "name"), NULL);
            for (struct tool *kept = conversation->tools; wanted && kept; kept = kept->next)
                kept->excluded = kept->excluded && !json_name_is(kept->own_name, wanted);
        }
        return true;
    }
    if (!is_filled(name))
        return refuse_at(place, why, "names no tool");
    conversation->choice = CHOICE_TOOL;
    conversation->chosen = conversation_tool_name(conversation, none, name);
    return true;
}

static bool read_choice(struct reader *reader, struct failure *why)
{
    static const char *const modes[] = {"auto", "none", "required"};
    static const enum choice choices[] = {CHOICE_AUTO, CHOICE_NONE, CHOICE_REQUIRED};
    struct json_value choice = reader->members[TOOL_CHOICE];
    struct place place = place_of(reader, choice.at ? "tool_choice" : "function_call");
    if (!choice.at)
        choice = reader->members[FUNCTION_CALL];
    size_t mode = word_index(choice, modes, COUNT(modes));
    if (!choice.at)
        return true;
    if (!reader->conversation->tools)
        return is_word(choice, "auto") || is_word(choice, "none") ||
               refuse_at(&place, why, "requires a tool, and \"tools\" has none");
    if (json_kind(choice) == JSON_OBJECT)
        return read_choice_object(reader, &place, choice, why);
    if (mode == COUNT(modes))
        return refuse_at(&place, why, "must be \"none\", \"auto\", \"required\" or an object");
    reader->conversation->choice = choices[mode];
    return true;
}

/* ---- the form of the answer ---- */

static bool read_format(struct reader *reader, struct failure *why)
{
    struct conversation *conversation = reader->conversation;
    struct json_value format = reader->members[RESPONSE_FORMAT], type = json_get(format, "type");
    struct json_value schema = json_get(format, "json_schema");
    struct place place = place_of(reader, "response_format");
    if (!format.at || is_word(type, "text"))
        return true;
    if (is_word(type, "json_object")) {
        conversation->form = FORM_JSON;
        return true;
    }
    if (!is_word(type, "json_schema"))
        return refuse_at(&place, why, "'%s' has no %s representation", shown(&place, type),
                         conversation_provider_api(conversation));
    conversation->form = FORM_SCHEMA;
    conversation->form_name = json_get(schema, "name");
    conversation->form_description = json_get(schema, "description");
    conversation->schema = json_get(schema, "schema");
    conversation->strict = json_get(schema, "strict");
    return true;
}

static void read_limit(struct reader *reader)
{
    struct json_value newer = reader->members[MAX_COMPLETION_TOKENS];
    struct json_member member = {{"\"max_tokens\"", 12}, newer.at ? newer : reader->members[MAX_TOKENS]};
    if (member.value.at)
        conversation_say(reader->conversation, SAID_MAX_TOKENS, &member);
}

/* Clients of other gateways give Anthropic's member as it is. */
static void read_thinking(struct reader *reader)
{
    struct json_value thinking = reader->members[THINKING], type = json_get(thinking, "type");
    struct conversation *conversation = reader->conversation;
    conversation->budget = json_get(thinking, "budget_tokens");
    conversation->thinking = is_word(type, "enabled")    ? THINKING_ON
                             : is_word(type, "adaptive") ? THINKING_ADAPTIVE
                             : is_word(type, "disabled") ? THINKING_OFF
                                                         : THINKING_UNSET;
}

static bool asks_for_sound(struct json_value modalities)
{
    struct json_value rest = json_elements(modalities), kind;
    while (json_next_element(&rest, &kind))
        if (!is_word(kind, "text"))
            return true;
    return false;
}

static bool check_members(const struct reader *reader, struct failure *why)
{
    const struct json_value *members = reader->members;
    int64_t top = 0;
    if (json_largest_number(members[N]) > 1)
        return refuse_member(reader, "n", why);
    if (asks_for_sound(members[MODALITIES]))
        return refuse_member(reader, "modalities", why);
    bool wants_top = json_integer(members[TOP_LOGPROBS], &top) && top > 0;
    bool wanted = json_kind(members[LOGPROBS]) == JSON_TRUE || wants_top;
    if (wanted && reader->conversation->provider != API_RESPONSES)
        return refuse_member(reader, "logprobs", why);
    reader->conversation->logprobs = wanted;
    reader->conversation->top_logprobs = members[TOP_LOGPROBS];
    return true;
}

bool chat_read_request(struct conversation *conversation, struct failure *why)
{
    struct reader reader = {conversation, {{0}}};
    bool seen[ROWS] = {false};
    struct json_value rest = json_members(conversation->body), options;
    struct json_member member;
    while (json_next_member(&rest, &member))
        if (!take_member(&reader, &member, seen, why))
            return false;
    options = reader.members[STREAM_OPTIONS];
    conversation->include_usage = json_kind(json_get(options, "include_usage")) == JSON_TRUE;
    conversation->parallel = reader.members[PARALLEL];
    read_limit(&reader);
    read_thinking(&reader);
    return check_members(&reader, why) && read_format(&reader, why) && read_tools(&reader, why) &&
           read_choice(&reader, why) && chat_read_messages(conversation, reader.members[MESSAGES], why);
}
