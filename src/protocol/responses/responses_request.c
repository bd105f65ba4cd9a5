/* Converts a Responses request to a chat completions request.
 *
 * Each member has a row with its rule. A member with the same meaning in both APIs is kept, and a member that
 * has different forms is converted. A member that needs stored state, or work that only the servers of the
 * Responses API do, is refused by name, because ignoring it would change the answer. "store" is omitted;
 * nothing is stored, and the answer reports that. */
#include "protocol/responses/responses_request.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/failure.h"
#include "format/json_name.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/responses/responses_input.h"
#include "protocol/responses/responses_tools.h"

enum member_rule {
    RULE_KEEP,            /* the same member in both APIs */
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
    MAX_OUTPUT_TOKENS,
    TOP_LOGPROBS,
    MODEL,
    TRUNCATION,
    ROWS_READ
};

#define NO_ECHO ECHO_MEMBERS

/* `other`: the member to use instead. The first rows are those of `enum member`, in its order. */
static const struct row {
    const char *name;
    enum member_rule rule;
    enum responses_echo echo;
    const char *other;
} rows[] = {
    [INPUT] = {"input", RULE_CONVERT, NO_ECHO, NULL},
    [INSTRUCTIONS] = {"instructions", RULE_CONVERT, ECHO_INSTRUCTIONS, NULL},
    [INCLUDE] = {"include", RULE_CONVERT, NO_ECHO, NULL},
    [TOOLS] = {"tools", RULE_CONVERT, ECHO_TOOLS, NULL},
    [TOOL_CHOICE] = {"tool_choice", RULE_CONVERT, ECHO_TOOL_CHOICE, NULL},
    [PARALLEL] = {"parallel_tool_calls", RULE_CONVERT, ECHO_PARALLEL_TOOL_CALLS, NULL},
    [TEXT] = {"text", RULE_CONVERT, ECHO_TEXT, NULL},
    [REASONING] = {"reasoning", RULE_CONVERT, ECHO_REASONING, NULL},
    [MAX_OUTPUT_TOKENS] = {"max_output_tokens", RULE_CONVERT, ECHO_MAX_OUTPUT_TOKENS, NULL},
    [TOP_LOGPROBS] = {"top_logprobs", RULE_CONVERT, ECHO_TOP_LOGPROBS, NULL},
    [MODEL] = {"model", RULE_KEEP, NO_ECHO, NULL},
    [TRUNCATION] = {"truncation", RULE_CONVERT, ECHO_TRUNCATION, NULL},
    {"metadata", RULE_KEEP, ECHO_METADATA, NULL},
    {"prompt_cache_key", RULE_KEEP, ECHO_PROMPT_CACHE_KEY, NULL},
    {"safety_identifier", RULE_KEEP, ECHO_SAFETY_IDENTIFIER, NULL},
    {"service_tier", RULE_KEEP, ECHO_SERVICE_TIER, NULL},
    {"stream", RULE_KEEP, NO_ECHO, NULL},
    {"temperature", RULE_KEEP, ECHO_TEMPERATURE, NULL},
    {"top_p", RULE_KEEP, ECHO_TOP_P, NULL},
    {"user", RULE_KEEP, ECHO_USER, NULL},
    {"max_tool_calls", RULE_OMIT, ECHO_MAX_TOOL_CALLS, NULL}, /* counts hosted tools only */
    {"store", RULE_OMIT, NO_ECHO, NULL},
    {"stream_options", RULE_OMIT, NO_ECHO, NULL}, /* concerns only this API's events */
    {"background", RULE_MUST_BE_FALSE, NO_ECHO, NULL},
    {"conversation", RULE_NEEDS_STATE, NO_ECHO, NULL},
    {"previous_response_id", RULE_NEEDS_STATE, NO_ECHO, NULL},
    {"prompt", RULE_NEEDS_STATE, NO_ECHO, NULL},
    {"messages", RULE_NOT_OF_THIS_API, NO_ECHO, "input"},
    {"max_tokens", RULE_NOT_OF_THIS_API, NO_ECHO, "max_output_tokens"},
    {"max_completion_tokens", RULE_NOT_OF_THIS_API, NO_ECHO, "max_output_tokens"},
    {"response_format", RULE_NOT_OF_THIS_API, NO_ECHO, "text.format"},
    {"reasoning_effort", RULE_NOT_OF_THIS_API, NO_ECHO, "reasoning.effort"},
    {"verbosity", RULE_NOT_OF_THIS_API, NO_ECHO, "text.verbosity"},
    {"functions", RULE_NOT_OF_THIS_API, NO_ECHO, "tools"},
    {"function_call", RULE_NOT_OF_THIS_API, NO_ECHO, "tool_choice"},
    {"logprobs", RULE_NOT_OF_THIS_API, NO_ECHO, "include"},
    {"n", RULE_NOT_OF_THIS_API, NO_ECHO, "one request for each answer"},
};

#define ROWS (sizeof rows / sizeof *rows)

struct conversion {
    struct arena *arena;
    struct json_writer writer;
    struct responses_context *context;
    struct json_value body;
    struct json_value members[ROWS]; /* absent if missing or null */
};

static struct place place_of(const struct conversion *conversion, const char *name)
{
    return (struct place){conversion->arena, name, -1};
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
static bool check_rule(const struct conversion *conversion, size_t index, struct json_value value,
                       struct failure *why)
{
    const struct row *row = &rows[index];
    struct place place = place_of(conversion, row->name);
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

static void copy_unknown(struct conversion *conversion, const struct json_member *member)
{
    struct json_writer *writer = &conversion->writer;
    if (!writer->first)
        write_text(writer, ",");
    writer->first = false;
    write_bytes(writer, member->name.at, member->name.length);
    write_text(writer, ":");
    write_bytes(writer, member->value.at, member->value.length);
}

/* Copies a member that is kept, and stores the values that are converted or echoed. */
static bool take_member(struct conversion *conversion, const struct json_member *member,
                        bool seen[static ROWS], struct failure *why)
{
    enum name_match match;
    size_t index = row_of(member->name, &match);
    if (index == ROWS) {
        copy_unknown(conversion, member);
        return true;
    }
    const struct row *row = &rows[index];
    if (seen[index] || match != NAME_SAME)
        return json_name_refuse(member->name, row->name, match, conversion->body.at, why);
    seen[index] = true;
    if (json_kind(member->value) == JSON_NULL)
        return true;
    conversion->members[index] = member->value;
    if (row->echo != NO_ECHO)
        conversion->context->echo[row->echo] = member->value;
    if (row->rule == RULE_KEEP)
        write_value(&conversion->writer, row->name, member->value);
    return check_rule(conversion, index, member->value, why);
}

static bool take_members(struct conversion *conversion, struct json_value body, struct failure *why)
{
    bool seen[ROWS] = {false};
    struct json_value rest = json_members(body);
    struct json_member member;
    while (json_next_member(&rest, &member))
        if (!take_member(conversion, &member, seen, why))
            return false;
    conversion->context->model = conversion->members[MODEL];
    return true;
}

static bool put_reasoning(struct conversion *conversion, struct failure *why)
{
    static const char *const names[] = {"effort"};
    struct place place = place_of(conversion, "reasoning");
    struct json_value effort, reasoning = conversion->members[REASONING];
    if (!reasoning.at)
        return true;
    if (!read_members(&place, reasoning, names, 1, &effort, why))
        return false;
    write_value(&conversion->writer, "reasoning_effort", effort);
    return true;
}

/* Chat completions need both members where this API needs one. The other values of "include" concern hosted
 * tools and encrypted reasoning, which a chat does not have. */
static void put_logprobs(struct conversion *conversion)
{
    struct json_value top = conversion->members[TOP_LOGPROBS];
    struct json_value rest = json_elements(conversion->members[INCLUDE]), item;
    int64_t count = 0;
    bool wanted = json_integer(top, &count) && count > 0;
    while (json_next_element(&rest, &item))
        wanted = wanted || is_word(item, "message.output_text.logprobs");
    if (!wanted)
        return;
    json_put_bool(&conversion->writer, "logprobs", true);
    write_value(&conversion->writer, "top_logprobs", top);
}

static bool check_instructions(const struct conversion *conversion, struct failure *why)
{
    struct place place = place_of(conversion, "instructions");
    struct json_value members = conversion->members[INSTRUCTIONS];
    return !members.at || json_kind(members) == JSON_STRING || refuse_at(&place, why, "must be a string");
}

static bool check_truncation(const struct conversion *conversion, struct failure *why)
{
    struct place place = place_of(conversion, "truncation");
    struct json_value members = conversion->members[TRUNCATION];
    if (!members.at || is_word(members, "disabled"))
        return true;
    return refuse_at(&place, why, "only \"disabled\" is possible: items are not left out here");
}

static bool convert_members(struct conversion *conversion, enum responses_reasoning reasoning,
                            struct failure *why)
{
    struct json_value *members = conversion->members;
    struct tools_request tools = {members[TOOLS], members[TOOL_CHOICE], members[PARALLEL]};
    /* the older name, which all providers without this API accept; their parameter rules rename it */
    write_value(&conversion->writer, "max_tokens", members[MAX_OUTPUT_TOKENS]);
    put_logprobs(conversion);
    return check_truncation(conversion, why) && check_instructions(conversion, why) &&
           put_reasoning(conversion, why) &&
           text_write(&conversion->writer, conversion->arena, members[TEXT], why) &&
           tools_write(&conversion->writer, conversion->arena, &tools, why) &&
           input_write(&conversion->writer, conversion->arena, members[INSTRUCTIONS], members[INPUT],
                       reasoning, why);
}

bool responses_to_chat(struct arena *arena, struct json_value body, enum responses_reasoning reasoning,
                       struct buffer *chat, struct responses_context *context, struct failure *why)
{
    *context = (struct responses_context){.reasoning = reasoning};
    struct conversion conversion = {
        .arena = arena, .context = context, .body = body, .writer = json_write_begin(chat)};
    if (!take_members(&conversion, body, why) || !convert_members(&conversion, reasoning, why))
        return false;
    json_write_end(&conversion.writer);
    return conversion.writer.ok || refuse_size(why);
}
