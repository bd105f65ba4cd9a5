/* Reads the requests of clients that speak the Responses API.
 *
 * Each member has a row with its rule. A member that needs stored state, or work that only the servers of the
 * Responses API do, is refused by name, because ignoring it would change the answer. Members that only serve
 * OpenAI's own servers are omitted: "store", for nothing is stored and the answer reports that, and what
 * Codex says of itself in "client_metadata" and "prompt_cache_key". */
#include "protocol/responses/responses_read.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/failure.h"
#include "format/json_name.h"
#include "protocol/conversation_build.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/responses/responses_context.h"

enum member_rule {
    RULE_SAY,             /* the same member in other APIs */
    RULE_CONVERT,         /* see convert_members() */
    RULE_OMIT,            /* the answer is the same without this member */
    RULE_NEEDS_STATE,     /* refers to state that is not kept */
    RULE_MUST_BE_FALSE,   /* must be false */
    RULE_NOT_OF_THIS_API, /* a member of chat completions, which has another name in this API */
};

enum member {
    INPUT,
    INSTRUCTIONS,
    INCLUDE,
    TOOLS,
    TOOL_CHOICE,
    PARALLEL,
    TEXT,
    REASONING,
    TOP_LOGPROBS,
    MODEL,
    TRUNCATION,
    ROWS_READ
};

#define NO_ECHO ECHO_MEMBERS
#define NOT_SAID SAID_OTHER

/* `other`: the member to use instead. The first rows are those of `enum member`, in its order. */
static const struct row {
    const char *name;
    enum member_rule rule;
    enum responses_echo echo;
    const char *other;
    enum said said;
} rows[] = {
    [INPUT] = {"input", RULE_CONVERT, NO_ECHO, NULL, NOT_SAID},
    [INSTRUCTIONS] = {"instructions", RULE_CONVERT, ECHO_INSTRUCTIONS, NULL, NOT_SAID},
    [INCLUDE] = {"include", RULE_CONVERT, NO_ECHO, NULL, NOT_SAID},
    [TOOLS] = {"tools", RULE_CONVERT, ECHO_TOOLS, NULL, NOT_SAID},
    [TOOL_CHOICE] = {"tool_choice", RULE_CONVERT, ECHO_TOOL_CHOICE, NULL, NOT_SAID},
    [PARALLEL] = {"parallel_tool_calls", RULE_CONVERT, ECHO_PARALLEL_TOOL_CALLS, NULL, NOT_SAID},
    [TEXT] = {"text", RULE_CONVERT, ECHO_TEXT, NULL, NOT_SAID},
    [REASONING] = {"reasoning", RULE_CONVERT, ECHO_REASONING, NULL, NOT_SAID},
    [TOP_LOGPROBS] = {"top_logprobs", RULE_CONVERT, ECHO_TOP_LOGPROBS, NULL, NOT_SAID},
    [MODEL] = {"model", RULE_SAY, NO_ECHO, NULL, SAID_MODEL},
    [TRUNCATION] = {"truncation", RULE_CONVERT, ECHO_TRUNCATION, NULL, NOT_SAID},
    {"max_output_tokens", RULE_SAY, ECHO_MAX_OUTPUT_TOKENS, NULL, SAID_MAX_TOKENS},
    {"metadata", RULE_SAY, ECHO_METADATA, NULL, SAID_METADATA},
    {"prompt_cache_key", RULE_SAY, ECHO_PROMPT_CACHE_KEY, NULL, SAID_PROMPT_CACHE_KEY},
    {"safety_identifier", RULE_SAY, ECHO_SAFETY_IDENTIFIER, NULL, SAID_SAFETY_IDENTIFIER},
    {"service_tier", RULE_SAY, ECHO_SERVICE_TIER, NULL, SAID_SERVICE_TIER},
    {"stream", RULE_SAY, NO_ECHO, NULL, SAID_STREAM},
    {"temperature", RULE_SAY, ECHO_TEMPERATURE, NULL, SAID_TEMPERATURE},
    {"top_p", RULE_SAY, ECHO_TOP_P, NULL, SAID_TOP_P},
    {"user", RULE_SAY, ECHO_USER, NULL, SAID_USER},
    {"max_tool_calls", RULE_OMIT, ECHO_MAX_TOOL_CALLS, NULL, NOT_SAID}, /* counts hosted tools only */
    {"store", RULE_OMIT, NO_ECHO, NULL, NOT_SAID},
    {"client_metadata", RULE_OMIT, NO_ECHO, NULL, NOT_SAID},
    {"stream_options", RULE_OMIT, NO_ECHO, NULL, NOT_SAID}, /* concerns only this API's events */
    {"background", RULE_MUST_BE_FALSE, NO_ECHO, NULL, NOT_SAID},
    {"conversation", RULE_NEEDS_STATE, NO_ECHO, NULL, NOT_SAID},
    {"previous_response_id", RULE_NEEDS_STATE, NO_ECHO, NULL, NOT_SAID},
    {"prompt", RULE_NEEDS_STATE, NO_ECHO, NULL, NOT_SAID},
    {"messages", RULE_NOT_OF_THIS_API, NO_ECHO, "input", NOT_SAID},
    {"max_tokens", RULE_NOT_OF_THIS_API, NO_ECHO, "max_output_tokens", NOT_SAID},
    {"max_completion_tokens", RULE_NOT_OF_THIS_API, NO_ECHO, "max_output_tokens", NOT_SAID},
    {"response_format", RULE_NOT_OF_THIS_API, NO_ECHO, "text.format", NOT_SAID},
    {"reasoning_effort", RULE_NOT_OF_THIS_API, NO_ECHO, "reasoning.effort", NOT_SAID},
    {"verbosity", RULE_NOT_OF_THIS_API, NO_ECHO, "text.verbosity", NOT_SAID},
    {"functions", RULE_NOT_OF_THIS_API, NO_ECHO, "tools", NOT_SAID},
    {"function_call", RULE_NOT_OF_THIS_API, NO_ECHO, "tool_choice", NOT_SAID},
    {"logprobs", RULE_NOT_OF_THIS_API, NO_ECHO, "include", NOT_SAID},
    {"n", RULE_NOT_OF_THIS_API, NO_ECHO, "one request for each answer", NOT_SAID},
};

#define ROWS (sizeof rows / sizeof *rows)

struct reader {
    struct conversation *conversation;
    struct responses_context *context;
    struct json_value members[ROWS]; /* absent if missing or null */
};

static struct place place_of(const struct reader *reader, const char *name)
{
    return (struct place){reader->conversation->arena, name, -1};
}

static size_t row_of(struct json_value name, enum name_match *match)
{
    for (size_t row = 0; row < ROWS; row++)
        if ((*match = json_name_match(name, rows[row].name)) != NAME_OTHER)
            return row;
    return ROWS;
}

/* Clients that get this code send the whole conversation again (API reference, "Error codes"). */
static bool refuse_state(const struct place *place, struct failure *why)
{
    refuse_at(place, why, "nothing of earlier requests is kept here: send the whole input instead");
    if (strcmp(place->list, "previous_response_id") == 0)
        snprintf(why->code, sizeof why->code, "previous_response_not_found");
    return false;
}

/* Applies the rules that need nothing but the row. */
static bool check_rule(const struct reader *reader, size_t index, struct json_value value,
                       struct failure *why)
{
    const struct row *row = &rows[index];
    struct place place = place_of(reader, row->name);
    switch (row->rule) {
    case RULE_NEEDS_STATE:
        return refuse_state(&place, why);
    case RULE_MUST_BE_FALSE:
        return json_kind(value) == JSON_FALSE ||
               refuse_at(&place, why, "must be false: every answer is members at once");
    case RULE_NOT_OF_THIS_API:
        return refuse_at(&place, why, "belongs to Chat Completions; here say %s", row->other);
    default:
        return true;
    }
}

static bool take_member(struct reader *reader, const struct json_member *member, bool seen[static ROWS],
                        struct failure *why)
{
    enum name_match match;
    size_t index = row_of(member->name, &match);
    if (index == ROWS) {
        conversation_say(reader->conversation, SAID_OTHER, member);
        return true;
    }
    const struct row *row = &rows[index];
    if (seen[index] || match != NAME_SAME)
        return json_name_refuse(member->name, row->name, match, reader->conversation->body.at, why);
    seen[index] = true;
    if (json_kind(member->value) == JSON_NULL)
        return true;
    reader->members[index] = member->value;
    if (row->echo != NO_ECHO)
        reader->context->echo[row->echo] = member->value;
    if (row->said != NOT_SAID)
        conversation_say(reader->conversation, row->said, member);
    return check_rule(reader, index, member->value, why);
}

static bool take_members(struct reader *reader, struct failure *why)
{
    bool seen[ROWS] = {false};
    struct json_value rest = json_members(reader->conversation->body);
    struct json_member member;
    while (json_next_member(&rest, &member))
        if (!take_member(reader, &member, seen, why))
            return false;
    reader->context->model = reader->members[MODEL];
    return true;
}

static bool read_reasoning(struct reader *reader, struct failure *why)
{
    static const char *const names[] = {"effort"};
    struct place place = place_of(reader, "reasoning");
    struct json_value reasoning = reader->members[REASONING];
    return !reasoning.at ||
           read_members(&place, reasoning, names, 1, &reader->conversation->said[SAID_EFFORT], why);
}

/* The other values of "include" concern hosted tools and encrypted reasoning. */
static void read_logprobs(struct reader *reader)
{
    struct json_value top = reader->members[TOP_LOGPROBS];
    struct json_value rest = json_elements(reader->members[INCLUDE]), item;
    int64_t count = 0;
    bool wanted = json_integer(top, &count) && count > 0;
    while (json_next_element(&rest, &item))
        wanted = wanted || is_word(item, "message.output_text.logprobs");
    reader->conversation->logprobs = wanted;
    reader->conversation->top_logprobs = top;
}

static bool check_instructions(const struct reader *reader, struct failure *why)
{
    struct place place = place_of(reader, "instructions");
    struct json_value value = reader->members[INSTRUCTIONS];
    return !value.at || json_kind(value) == JSON_STRING || refuse_at(&place, why, "must be a string");
}

static bool check_truncation(const struct reader *reader, struct failure *why)
{
    struct place place = place_of(reader, "truncation");
    struct json_value value = reader->members[TRUNCATION];
    if (!value.at || is_word(value, "disabled"))
        return true;
    return refuse_at(&place, why, "only \"disabled\" is possible: items are not left out here");
}

/* ---- text ---- */

static bool read_format(struct conversation *conversation, const struct place *place,
                        struct json_value format, struct failure *why)
{
    enum { TYPE, NAME, DESCRIPTION, SCHEMA, STRICT, MEMBERS };
    static const char *const names[MEMBERS] = {"type", "name", "description", "schema", "strict"};
    struct json_value members[MEMBERS];
    if (!read_members(place, format, names, MEMBERS, members, why))
        return false;
    bool schema = is_word(members[TYPE], "json_schema");
    if (!schema && !is_word(members[TYPE], "json_object"))
        return is_word(members[TYPE], "text") ||
               refuse_at(place, why, "'%s' has no %s representation", shown(place, members[TYPE]),
                         conversation_provider_api(conversation));
    conversation->form = schema ? FORM_SCHEMA : FORM_JSON;
    conversation->form_name = members[NAME];
    conversation->form_description = members[DESCRIPTION];
    conversation->schema = members[SCHEMA];
    conversation->strict = members[STRICT];
    return true;
}

static bool read_text(struct reader *reader, struct failure *why)
{
    static const char *const names[] = {"format", "verbosity"};
    struct place place = place_of(reader, "text"), format = place_of(reader, "text.format");
    struct json_value members[2], text = reader->members[TEXT];
    if (!text.at)
        return true;
    if (!read_members(&place, text, names, 2, members, why))
        return false;
    reader->conversation->said[SAID_VERBOSITY] = members[1];
    return !members[0].at || read_format(reader->conversation, &format, members[0], why);
}

bool responses_read_request(struct conversation *conversation, struct failure *why)
{
    struct reader reader = {
        conversation, arena_alloc(conversation->arena, sizeof(struct responses_context)), {{0}}};
    const struct json_value *members = reader.members;
    conversation->private = reader.context;
    if (!take_members(&reader, why))
        return false;
    conversation->parallel = members[PARALLEL];
    read_logprobs(&reader);
    return check_truncation(&reader, why) && check_instructions(&reader, why) &&
           read_reasoning(&reader, why) && read_text(&reader, why) &&
           responses_read_tools(conversation, members[TOOLS], members[INPUT], members[TOOL_CHOICE], why) &&
           responses_read_input(conversation, members[INSTRUCTIONS], members[INPUT], why);
}
